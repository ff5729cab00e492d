"""Edits, requests, cancels and a model's chunks in random order, many times."""
