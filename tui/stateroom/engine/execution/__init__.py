"""Execute plans: locks, journal, steps, new state versions, and recovery after a crash."""
