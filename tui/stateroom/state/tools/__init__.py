"""Changes to state files that leave the cloud alone."""
