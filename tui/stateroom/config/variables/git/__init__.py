"""A git checkout read as files: HEAD, refs, commits, settings. No git runs, so none of its settings starts anything."""
