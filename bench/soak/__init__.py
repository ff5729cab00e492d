"""Scripted editing in real editors for a long time: nothing leaks, nothing is left running."""
