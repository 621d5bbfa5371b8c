"""CloudFormation schemas: vendored facts about types, and corrections to them."""
