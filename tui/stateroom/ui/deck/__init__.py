"""The main screen: panes, and the controllers that commands ask."""
