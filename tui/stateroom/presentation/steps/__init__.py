"""Details of a plan's steps: properties, policies statement by statement, and changes beside the cloud's values."""
