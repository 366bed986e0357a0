"""Variables: their declaration, options, what is chosen of them, and how values are written into texts."""
