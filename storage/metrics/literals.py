"""Literals of ClickHouse's SQL."""

from __future__ import annotations


def quoted(text: str) -> str:
    """A string literal."""
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
