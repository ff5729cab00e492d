"""How functions are written in each language whose functions are read."""
