"""Read and write Pulumi v3 checkpoints without loss."""
