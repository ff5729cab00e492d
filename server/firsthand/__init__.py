"""Firsthand: an autocomplete-first coding assistant."""

__version__ = "0.1.0"
