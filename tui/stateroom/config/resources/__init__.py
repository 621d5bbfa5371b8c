"""Compile `resources:` and CloudFormation's intrinsic functions."""
