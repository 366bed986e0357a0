"""Shared views: one set of columns and one encoded tick for everyone who watches."""
