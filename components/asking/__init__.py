"""Panels on their way from their targets to what is drawn of them: placed, filled in, asked, laid out."""
