"""The one room that starts programs: isolated, outside the project, without secrets, and only where that is trusted."""
