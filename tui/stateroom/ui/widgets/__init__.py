"""Widgets that know nothing of serverless state."""
