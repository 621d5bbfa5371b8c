"""Undeclared changes of one resource: what the cloud has, and neither config nor state speaks of.

Some are attributes of the resource, which its own reading shows; others are children, read through its lists
(cloud.children). Both are compared with what was there when somebody last looked and recorded it.
"""
