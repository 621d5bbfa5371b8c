"""Deployers: who deploys a service, and so who is asked for its state, plan, run, history and lock."""
