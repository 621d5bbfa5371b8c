"""Undeclared changes in plans: refresh and accept record them by name, heal reverts those that it is asked for."""
