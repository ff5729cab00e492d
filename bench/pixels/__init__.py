"""From the key to what a person sees of it, in real editors."""
