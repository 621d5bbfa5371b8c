"""Survey, plan, execute: makes config, state and cloud agree."""
