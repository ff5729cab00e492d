"""What context from a codebase is worth, and what it costs (`bench/README.md`)."""
