"""Read `serverless-compose.yml`."""
