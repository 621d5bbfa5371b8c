"""The deck's panes: what they show of the board, one a file."""
