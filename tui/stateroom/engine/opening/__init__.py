"""Open what an operation needs: config, state, providers and homes."""
