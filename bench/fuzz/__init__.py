"""Inputs that nobody would write, until something breaks."""
