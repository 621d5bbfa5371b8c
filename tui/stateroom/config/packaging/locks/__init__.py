"""Convert lock files of pipenv, Poetry and uv to pip requirements, without running these tools."""
