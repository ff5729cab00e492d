"""A person typing function bodies back, against a model with a known answer and a price."""
