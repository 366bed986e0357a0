"""The natural order of texts: numbers by their size, letters by the alphabet, accents and case last.

After the root collation of Unicode (CLDR) with numeric ordering, for Latin text; other scripts by code point. The page
has the same in natural.js.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import Final

NaturalKey = tuple[str, str, str]  # letters and numbers, accents, case: each compares by code points

# Blanks and punctuation come before numbers, numbers before letters: what a part of a key begins with.
BLANK, MARK, SIGN, NUMBER, LETTER = "\x01", "\x02", "\x03", "\x04", "\x05"
PUNCTUATION: Final = " _-,;:!?.'\"()[]{}@*/\\&#%`^+<=>|~$"
RANKS: Final = {char: rank for rank, char in enumerate(PUNCTUATION, 1)}
DIGITS: Final = re.compile("[0-9]+")
LENGTHS: Final = 0x1000  # the length of a number, as a character


def natural_order(texts: Iterable[str]) -> list[str]:
    """The texts, each once, in their natural order; what is equal in it by code points."""
    return sorted(sorted(set(texts)), key=natural_key)


def natural_key(text: str) -> NaturalKey:
    """A sort key: letters and numbers decide first, then accents, then case (small first)."""
    if text.isascii():
        letters = text.translate(ASCII_LETTERS)
        return DIGITS.sub(_number, text.translate(ASCII_PARTS)), "\0" * len(letters), letters.translate(ASCII_CASE)
    characters: list[str] = []
    accents: list[str] = []
    for char in unicodedata.normalize("NFD", text):
        if unicodedata.category(char).startswith("M") and accents:
            accents[-1] += char
        else:
            characters.append(char)
            accents.append("")
    marked = [(char, marks) for char, marks in zip(characters, accents, strict=True) if char.isalpha()]
    return (
        DIGITS.sub(_number, "".join(map(_part, characters))),
        "".join(f"{marks}\0" for _, marks in marked),
        "".join("1" if char.isupper() else "0" for char, _ in marked),
    )


def _number(run: re.Match[str]) -> str:
    """A run of digits: the longer is the larger."""
    digits = run[0].lstrip("0")
    return f"{NUMBER}{chr(LENGTHS + min(len(digits), 0xC000))}{digits}"


def _part(char: str) -> str:
    if char in "0123456789":
        return char
    if char.isspace():
        return BLANK + char
    if char in RANKS:
        return MARK + chr(RANKS[char])
    return LETTER + char.casefold() if char.isalnum() else SIGN + char


ASCII: Final = [chr(code) for code in range(128)]
ASCII_PARTS: Final = {ord(char): _part(char) for char in ASCII}
ASCII_LETTERS: Final = {ord(char): None for char in ASCII if not char.isalpha()}
ASCII_CASE: Final = {ord(char): "1" if char.isupper() else "0" for char in ASCII if char.isalpha()}
