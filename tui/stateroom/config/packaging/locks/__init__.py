"""Lock files of pipenv, Poetry and uv as requirements for pip. Only the files are read: none of the tools is run."""
