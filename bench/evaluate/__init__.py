"""How fast `firsthand eval` is, and the figures that it is held against."""
