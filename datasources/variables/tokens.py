"""The token of a text (a string, a comment, a quoted name) that a reference stands in."""

from __future__ import annotations

import re


def token_around(tokens: re.Pattern[str], text: str, position: int) -> re.Match[str] | None:
    """The token that a position stands inside, of those that `tokens` finds one after the other; None between them."""
    for match in tokens.finditer(text):
        if match.start() >= position:
            return None
        if position < match.end():
            return match
    return None


def after_backslash(text: str, position: int) -> str:
    """A backslash where an author's own stands before the position and would take the value's first character."""
    before = text[:position]
    return "\\" if (len(before) - len(before.rstrip("\\"))) % 2 else ""
