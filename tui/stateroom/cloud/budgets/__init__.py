"""API budgets: how many calls a second AWS takes, kept by waiting before a call instead of after a refusal."""
