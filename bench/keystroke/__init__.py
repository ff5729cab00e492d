"""What a keystroke costs: the server timed over stdio beside one that does nothing."""
