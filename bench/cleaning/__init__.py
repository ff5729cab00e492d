"""How much of what models get wrong is caught, and how much good text is left alone."""
