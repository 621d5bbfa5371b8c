"""Build handlers with the project's own esbuild."""
