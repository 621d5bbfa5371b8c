"""Vendored facts about CloudFormation types."""
