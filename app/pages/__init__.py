"""HTML pages, their templates, style and script."""
