"""The guide through a reset of the home."""
