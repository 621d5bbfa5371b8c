"""Records of one service's state: addresses, references between them, drift, and recovery after a cut."""
