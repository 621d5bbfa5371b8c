"""`http`: the service's REST API, one file a kind of resource."""
