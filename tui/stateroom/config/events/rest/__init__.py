"""Compile `http` events to the service's REST API, one file a resource type."""
