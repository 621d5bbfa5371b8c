"""Compile a project's files to CloudFormation resource types."""
