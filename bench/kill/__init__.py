"""Servers killed at random moments, and what is left on the disk."""
