"""Regular expressions that users wrote, run by RE2 (through Arrow): linear time whatever the pattern."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Annotated, Any, Final

import pyarrow as pa
import pyarrow.compute as pc
from pydantic import AfterValidator, Field

SLASHED: Final = re.compile(r"/(.*?)/([a-z]*)", re.DOTALL)
FLAGS: Final = frozenset("gimsuy")
REFERENCE: Final = re.compile(r"\$(?:(\$)|(&)|([1-9]))|(\\)")
_pc: Any = pc


@dataclass(frozen=True, slots=True)
class Pattern:
    """A pattern in RE2's syntax; `everywhere` where all matches are replaced and not the first alone."""

    expression: str
    everywhere: bool = False

    def matches(self, texts: Sequence[str]) -> list[bool]:
        """Which of the texts hold a match."""
        found = _pc.match_substring_regex(pa.array(texts, pa.string()), self.expression)
        return [bool(one) for one in found.to_pylist()]

    def replace(self, text: str, template: str) -> str:
        """The text with its match replaced; `$1` and `$&` in the template are what was found."""
        limit = {} if self.everywhere else {"max_replacements": 1}
        written = _pc.replace_substring_regex(
            pa.array([text], pa.string()), self.expression, _template(template), **limit
        )
        return str(written[0].as_py())


@lru_cache(maxsize=4096)
def parse(text: str) -> Pattern:
    """`/…/flags` as JavaScript writes it, or a text that has to match whole; ValueError where it cannot be read."""
    slashed = SLASHED.fullmatch(text)
    if slashed is None:
        pattern = Pattern(f"^{text}$")
    else:
        flags = set(slashed[2])
        if unknown := flags - FLAGS:
            raise ValueError(f"unknown flag {sorted(unknown)[0]!r} of a regular expression")
        ours = "".join(sorted(flags & set("ims")))
        pattern = Pattern(f"(?{ours}){slashed[1]}" if ours else slashed[1], everywhere="g" in flags)
    try:
        pattern.matches([""])
    except pa.ArrowInvalid as error:
        reason = str(error).removeprefix("Invalid regular expression: ")
        raise ValueError(f"not a regular expression: {reason[:200]}") from None
    return pattern


def _template(text: str) -> str:
    """A replacement in JavaScript's words in RE2's."""

    def written(match: re.Match[str]) -> str:
        if match[4]:
            return "\\\\"
        return "$" if match[1] else "\\0" if match[2] else f"\\{match[3]}"

    return REFERENCE.sub(written, text)


def _checked(text: str) -> str:
    parse(text)
    return text


Regex = Annotated[str, Field(max_length=500), AfterValidator(_checked)]
