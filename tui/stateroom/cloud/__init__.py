"""Cloud providers: read, create, update and delete resources through the services' own APIs."""
