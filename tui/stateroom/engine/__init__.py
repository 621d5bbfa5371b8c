"""Engine: survey, plan and execute operations on config, state and cloud."""
