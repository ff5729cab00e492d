"""Model servers that fail in every way, under somebody who types."""
