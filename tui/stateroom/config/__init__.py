"""What should be: the project's files, compiled to CloudFormation resource types."""
