"""What people and things may be called: names that can be seen, and that change nothing of the text around them.

A name of characters that nobody sees is taken for another's or for none; one that turns the direction of reading, or
breaks the line, makes what stands beside it say something else, in a list, a log and a mail alike.
"""

from __future__ import annotations

import unicodedata
from typing import Final

UNSEEN: Final = frozenset({"Cc", "Cf", "Cn", "Cs", "Me", "Mn", "Zl", "Zp", "Zs"})  # categories of Unicode
BLANK_LETTERS: Final = frozenset("\u115f\u1160\u2800\u3164\uffa0")  # letters and a pattern that show nothing
TURNING: Final = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")  # the direction of reading
BREAKING: Final = frozenset({"Cc", "Cs", "Zl", "Zp"})


def is_seen(text: str) -> bool:
    """Whether any character of a text shows something."""
    return any(char not in BLANK_LETTERS and unicodedata.category(char) not in UNSEEN for char in text)


def a_name(text: str) -> str:
    """The name of a thing; ValueError saying what is wrong with it. An empty one is for the field to judge."""
    if text and not is_seen(text):
        raise ValueError("a name of characters that nobody sees is none")
    if any(char in TURNING or unicodedata.category(char) in BREAKING for char in text):
        raise ValueError("a name holds no control characters, and none that turn the direction of reading")
    return text


def a_login(text: str) -> str:
    """The name that a person signs in by, which nobody else's may look like: no characters beside it that are not
    seen, nor another form of a plain one. ValueError."""
    if any(unicodedata.category(char) in (UNSEEN - {"Mn", "Me"}) or char in BLANK_LETTERS for char in text):
        raise ValueError("the name of a person holds no character that nobody sees")
    if unicodedata.normalize("NFKC", text) != text:
        raise ValueError(f"write it as {unicodedata.normalize('NFKC', text)}")
    return a_name(text)
