"""The natural order of texts: numbers by their size, letters by the alphabet, accents and case last.

After the root collation of Unicode (CLDR) with numeric ordering, for Latin text; other scripts by code point. The page
has the same in natural.js.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import Final

NaturalKey = tuple[list[tuple[int, int, int, str]], list[str], list[bool]]

# Blanks and punctuation come before numbers, numbers before letters.
PUNCTUATION: Final = " _-,;:!?.'\"()[]{}@*/\\&#%`^+<=>|~$"
RANKS: Final = {char: rank for rank, char in enumerate(PUNCTUATION)}
NUMBER_OR_CHARACTER: Final = re.compile(r"[0-9]+|.", re.DOTALL)
MARK, NUMBER, LETTER = 0, 1, 2


def natural_order(texts: Iterable[str]) -> list[str]:
    """The texts, each once, in their natural order; what is equal in it by code points."""
    return sorted(sorted(set(texts)), key=natural_key)


def natural_key(text: str) -> NaturalKey:
    """A sort key: letters and numbers decide first, then accents, then case (small first)."""
    characters: list[str] = []
    accents: list[str] = []
    for char in unicodedata.normalize("NFD", text):
        if unicodedata.category(char).startswith("M") and accents:
            accents[-1] += char
        else:
            characters.append(char)
            accents.append("")
    letters = [(char, marks) for char, marks in zip(characters, accents, strict=True) if char.isalpha()]
    parts = [_part(part) for part in NUMBER_OR_CHARACTER.findall("".join(characters))]
    return parts, [marks for _, marks in letters], [char.isupper() for char, _ in letters]


def _part(part: str) -> tuple[int, int, int, str]:
    if part[0] in "0123456789":
        digits = part.lstrip("0")
        return (NUMBER, len(digits), 0, digits)
    if part.isspace():
        return (MARK, 0, 0, part)
    if part in RANKS:
        return (MARK, 1, RANKS[part], part)
    if not part.isalnum():
        return (MARK, 2, ord(part[0]), part)
    return (LETTER, 0, 0, part.casefold())
