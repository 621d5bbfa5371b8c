"""What is: each resource as its own API describes it now, and the calls that change it."""
