"""Texts and the tokens of actions: `{{ printf "%.2f" $value | humanize }}`."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

LEFT, RIGHT = "{{", "}}"
COMMENT = re.compile(r"(-\s)?\s*/\*.*?\*/\s*(\s-)?\}\}", re.DOTALL)
TOKEN = re.compile(
    r"(?P<space>\s+)"
    r'|(?P<string>"(?:[^"\\\n]|\\.)*"|`[^`]*`)'
    r"|(?P<char>'(?:[^'\\\n]|\\.)+')"
    r"|(?P<number>[+-]?(?:0[xX](?:[0-9a-fA-F_]+\.?[0-9a-fA-F_]*|\.[0-9a-fA-F_]+)(?:[pP][+-]?[\d_]+)?"
    r"|0[bB][01_]+|0[oO][0-7_]+|(?:\d[\d_]*\.?[\d_]*|\.\d[\d_]*)(?:[eE][+-]?[\d_]+)?))"
    r"|(?P<field>\.[^\W\d]\w*)"
    r"|(?P<variable>\$\w*)"
    r"|(?P<name>[^\W\d]\w*)"
    r"|(?P<operator>:=|[.=|(),])"
)
PREFIX = re.compile(r"(?<![\dA-Fa-f])0[xXbBoO](?=_)")  # which counts as a digit before an underscore
MISPLACED = re.compile(r"(?<![0-9a-fA-F])_|_(?![0-9a-fA-F])")
ESCAPES = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
ESCAPE = re.compile(r"\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{3})|(.))", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Token:
    """`kind`: text, string, char, number, field, variable, name, operator, space or end (of an action)."""

    kind: str
    text: str
    line: int


def tokens(source: str) -> Iterator[Token]:
    """All tokens of a template; ValueError with the line of what cannot be read."""
    place, line, trim = 0, 1, False
    while True:
        start = source.find(LEFT, place)
        text = source[place : start if start >= 0 else len(source)]
        here = line
        line += text.count("\n")
        if trim:
            text = text.lstrip(" \t\r\n")
        if start < 0:
            if text:
                yield Token("text", text, here)
            return
        inside = start + len(LEFT)
        trims = source[inside : inside + 1] == "-" and source[inside + 1 : inside + 2] in (" ", "\t", "\r", "\n")
        if trims:
            text, inside = text.rstrip(" \t\r\n"), inside + 1
        if text:
            yield Token("text", text, here)
        comment = COMMENT.match(source, inside)
        if comment is not None:
            place, trim = comment.end(), comment[2] is not None
            line += comment[0].count("\n")
            continue
        for token, end in _action(source, inside, line):
            place = end
            line += token.text.count("\n") if token.kind in ("space", "string") else 0
            yield token
        trim = source[place - 3 : place - 2] == "-"


def _action(source: str, place: int, line: int) -> Iterator[tuple[Token, int]]:
    while True:
        if source.startswith(RIGHT, place):
            yield Token("end", RIGHT, line), place + len(RIGHT)
            return
        if source[place : place + 1].isspace() and source.startswith("-" + RIGHT, place + 1):
            yield Token("end", RIGHT, line), place + 1 + len("-" + RIGHT)
            return
        match = TOKEN.match(source, place)
        if match is None:
            if place >= len(source):
                raise ValueError(f"line {line}: the action is not closed: }}}} is missing")
            raise ValueError(f"line {line}: {source[place : place + 10]!r} cannot be read")
        kind, text, place = match.lastgroup or "", match[0], match.end()
        if kind == "space":  # one that a trim marker needs is looked at above: take one less
            short = text[:-1] if source.startswith("-" + RIGHT, place) else text
            place -= len(text) - len(short)
            text = short
            if not text:
                raise ValueError(f"line {line}: {source[place : place + 10]!r} cannot be read")
        yield Token(kind, text, line), place


def digits_of(text: str) -> str:
    """A number without the underscores that stand between its digits, or behind a prefix; ValueError for others."""
    if MISPLACED.search(PREFIX.sub("0", text)):
        raise ValueError(text)
    return text.replace("_", "")


def unquoted(text: str) -> str:
    """The text that a literal of Go stands for."""
    if text[0] == "`":
        return text[1:-1].replace("\r", "")
    quote = text[0]
    found = ESCAPE.sub(lambda match: _escape(match, quote), text[1:-1])
    return found.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _escape(match: re.Match[str], quote: str) -> str:
    code = match[2] or match[3]
    if code:
        number = int(code, 16)
        if number > 0x10FFFF or 0xD800 <= number <= 0xDFFF:
            raise ValueError(f"{match[0]} is no character")
        return chr(number)
    if match[1] or match[4]:
        number = int(match[1], 16) if match[1] else int(match[4], 8)
        if number > 0xFF:
            raise ValueError(f"{match[0]} is more than a byte")
        # In a text it is a byte of the character's UTF-8.
        return chr(number) if number < 0x80 or quote == "'" else bytes([number]).decode("utf-8", "surrogateescape")
    if match[5] in ("\\", quote):
        return match[5]
    if match[5] not in ESCAPES:
        raise ValueError(f"{json.dumps(match[0])} is no escape")
    return ESCAPES[match[5]]
