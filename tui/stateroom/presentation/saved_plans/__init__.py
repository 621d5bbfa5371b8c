"""Saved plans: a plan as a file, and what has moved since it was made.

A file holds the request, the places and identities that the plan stood on, and its steps without secrets. It is never
run as it is: the request is planned again, and runs only where that gives the same plan.
"""
