"""Build deployment packages."""
