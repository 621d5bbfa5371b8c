"""stateroom: config, state and cloud of serverless projects, side by side and made to agree."""

__version__ = "0.1.0"
