"""Whether it is right who wrote what, and what knowing it costs."""
