"""Suggestions for unknown names in config files; the functions themselves serve every room."""

from stateroom.model.problems.suggestions import did_you_mean, misspelt, suggestion

__all__ = ["did_you_mean", "misspelt", "suggestion"]
