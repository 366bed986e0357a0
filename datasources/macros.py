"""Macros that sources expand (`$__from`, `$__timeFilter(ts)` …), and what keeps a value from being one.

A range may be asked in pieces, so a source expands its macros when the values of variables stand in the text already.
A value therefore carries MARK wherever it could begin a macro, or complete one that the text before it begins; whoever
expands macros takes the marks away again.
"""

from __future__ import annotations

import re
from typing import Final

MARK: Final = "\ufdd0"  # one of Unicode's noncharacters, which are for the inside of programs
LANGUAGES: Final = frozenset({"sql", "postgres", "sqlite", "mysql", "promql"})  # whose sources expand macros
OPENING: Final = re.compile(r"[$\[]")


def kept(value: str, text: str, position: int) -> str:
    """What a value wrote behind the position of a text, marked so that none of it is expanded.

    A mark that was in it becomes U+FFFD.
    """
    marked = OPENING.sub(lambda match: match[0] + MARK, value.replace(MARK, "\ufffd"))
    return MARK + marked if _is_begun(text, position) else marked


def _is_begun(text: str, position: int) -> bool:
    """Whether `$`, `${` or `[[`, and word characters alone, stand before the position."""
    while position and (text[position - 1].isalnum() or text[position - 1] == "_"):
        position -= 1
    return text[max(position - 1, 0) : position] == "$" or text[max(position - 2, 0) : position] in ("${", "[[")


def unmarked(text: str) -> str:
    """The text without marks: as it is asked, once its macros are expanded."""
    return text.replace(MARK, "")
