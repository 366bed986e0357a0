"""Pairs of keys and values in a line: `level=info msg="hello world" ms: 12`."""

from __future__ import annotations

from typing import Final

BETWEEN: Final = frozenset("\"' \t\r\n,;&{}")
BLANKS_AND_QUOTES: Final = frozenset("\"' \t\r\n")


class _Line:
    """What was read of a line: the pairs, the key that waits for its value, the letters of what comes next."""

    def __init__(self) -> None:
        self.found: dict[str, str] = {}
        self.key = ""
        self.word: list[str] = []

    def _take(self) -> str:
        text = "".join(self.word)
        self.word.clear()
        return text

    def equals(self) -> None:
        """`:` or `=`: what came before is a key; one that still waits has no value."""
        if self.word:
            if self.key:
                self.found[self.key] = ""
            self.key = self._take()

    def ends(self, letter: str) -> None:
        """A word is over: the value of a key that waits, or one without a value."""
        if not self.word:
            return
        word = self._take()
        if self.key:
            self.found[self.key] = word
            self.key = ""
        elif letter in BLANKS_AND_QUOTES:
            self.found[word] = ""
        else:
            self.key = word

    def over(self, last: bool) -> dict[str, str]:
        if self.key:
            self.found[self.key] = self._take()
        elif last and self.word:
            self.found[self._take()] = ""
        return self.found


def pairs_in(line: str) -> dict[str, str]:
    """The pairs, in their order; a word alone is a key without a value. Quotes keep what would part words."""
    read, quote, at = _Line(), "", 0
    letter, plain = "", False
    while at < len(line):
        letter, plain = line[at], False
        if quote and letter == quote:
            quote, at = "", at + 1
            letter = line[at] if at < len(line) else ""
        escaped = letter == "\\"
        if escaped:
            at += 1
            letter = line[at] if at < len(line) else ""
        if escaped or quote:
            read.word.append(letter)
        elif letter in (":", "="):
            read.equals()
        elif letter in BETWEEN and letter:
            quote = letter if letter in "\"'" else ""
            read.ends(letter)
        else:
            read.word.append(letter)
            plain = True
        at += 1
    return read.over(plain)
