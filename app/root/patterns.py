"""Regular expressions that people wrote, run by RE2: linear time whatever the pattern.

RE2 has no look-ahead. The two uses of it that people have are run all the same, as several patterns: what a text must
not begin with (`^(?!canary).*`), and what it must not hold (`^((?!canary).)*$`). Any other is refused by name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from time import perf_counter
from typing import Annotated, Any, Final

import pyarrow as pa
import pyarrow.compute as pc
import re2
from pydantic import AfterValidator, Field

from .errors import InvalidError
from .lookahead import Ahead, split

MAX_PATTERN: Final = 1000  # characters
MAX_PROGRAM: Final = 2000  # instructions: what RE2 may do for each character
MAX_MEMORY: Final = 2**20  # bytes of one pattern's automaton
MAX_SEARCHED: Final = 10_000  # characters of a text in which all matches are looked for
MAX_SECONDS: Final = 2.0
PORTION: Final = 50_000  # characters
SLASHED: Final = re.compile(r"/(.*?)/([a-z]*)", re.DOTALL)
FLAGS: Final = frozenset("gimsuy")
REFERENCE: Final = re.compile(r"\$(?:(\$)|(&)|([1-9]))|(\\)")
OF_SCRIPTS: Final = re.compile(r"(\\[^u])|\\u([0-9a-fA-F]{4})", re.DOTALL)
UNKNOWN: Final = re.compile(r"(?:\\\\)|(\(\?<?[=!])|(\\[1-9]|\\k<)")
Found = Any  # a match as `re` gives it: `[0]`, `groups()`, `groupdict()`
_pc: Any = pc


@dataclass(frozen=True, slots=True)
class Pattern:
    """A pattern in RE2's syntax; `everywhere` where all matches count and not the first alone.

    `ahead` are patterns that have to match, or must not, where the text begins.
    """

    expression: str
    everywhere: bool = False
    ahead: tuple[Ahead, ...] = ()

    def matches(self, texts: Sequence[str]) -> list[bool]:
        """Which of the texts hold a match."""
        patience = Patience()
        found: list[bool] = []
        for some in _portions(texts):
            patience.check()
            found += self._match(pa.array(some, pa.string()))
        return found

    def _match(self, searched: Any) -> list[bool]:
        found = _pc.match_substring_regex(searched, self.expression)
        for one in self.ahead:
            held = _pc.match_substring_regex(searched, one.expression)
            found = _pc.and_(found, held if one.wanted else _pc.invert(held))
        return [bool(one) for one in found.to_pylist()]

    @property
    def groups(self) -> int:
        """How many groups it has."""
        return int(_compiled(self.expression).groups)

    def find(self, text: str) -> list[Found]:
        """The first match, or with the flag `g` all up to an empty one."""
        searched = text[:MAX_SEARCHED] if self.everywhere else text
        if self.ahead and not self.matches([searched])[0]:
            return []
        found: list[Found] = []
        for match in _compiled(self.expression).finditer(searched):
            found.append(match)
            if not self.everywhere or not match[0]:
                break
        return found

    def replace(self, text: str, template: str) -> str:
        """The text with its match replaced; `$1` and `$&` in the template are what was found."""
        if self.ahead and not self.matches([text])[0]:
            return text
        limit = {} if self.everywhere else {"max_replacements": 1}
        most = MAX_SEARCHED if self.everywhere else len(text)
        searched, rest = text[:most], text[most:]
        written = _pc.replace_substring_regex(
            pa.array([searched], pa.string()), self.expression, _template(template), **limit
        )
        return str(written[0].as_py()) + rest


class Patience:
    """How long a pattern may search through many texts."""

    def __init__(self) -> None:
        self._until = perf_counter() + MAX_SECONDS

    def check(self) -> None:
        """InvalidError once it took too long."""
        if perf_counter() > self._until:
            raise InvalidError(f"a regular expression took more than {MAX_SECONDS:g} s over all texts")


def _portions(texts: Sequence[str]) -> Iterator[list[str]]:
    """The texts, so many at once that one look at the clock between them is enough."""
    some: list[str] = []
    room = PORTION
    for text in texts:
        some.append(text)
        room -= len(some[-1]) + 1
        if room < 0:
            yield some
            some, room = [], PORTION
    yield some


@lru_cache(maxsize=4096)
def parse(text: str) -> Pattern:
    """`/…/flags` as JavaScript writes it, or a text that has to match whole; ValueError where it cannot be run."""
    slashed = SLASHED.fullmatch(text)
    return of_script(slashed[1], slashed[2]) if slashed is not None else of_script(f"^{text}$")


@lru_cache(maxsize=4096)
def of_script(expression: str, flags: str = "") -> Pattern:
    """A pattern of JavaScript with its flags; ValueError where it cannot be run."""
    if unknown := set(flags) - FLAGS:
        raise ValueError(f"unknown flag {sorted(unknown)[0]!r} of a regular expression")
    written = OF_SCRIPTS.sub(lambda match: match[1] or f"\\x{{{match[2]}}}", expression)
    rest, ahead = split(written) if "m" not in flags else (written, ())
    ours = "".join(sorted(set(flags) & set("ims")))
    flagged = f"(?{ours})" if ours else ""
    _check(flagged + rest)
    for one in ahead:
        _check(flagged + one.expression)
    return Pattern(flagged + rest, "g" in flags, tuple(Ahead(flagged + one.expression, one.wanted) for one in ahead))


@lru_cache(maxsize=4096)
def whole(expression: str) -> Pattern:
    """A pattern that has to match a whole text, as PromQL's matchers do; ValueError where it cannot be run."""
    _check(expression)  # alone first: parentheses of its own cannot end ours
    return Pattern(f"^(?s:{expression})$")


def _check(expression: str) -> None:
    if len(expression) > MAX_PATTERN:
        raise ValueError(f"a regular expression has at most {MAX_PATTERN} characters")
    try:
        program = _compiled(expression)
    except re2.error as error:
        raise ValueError(_reason(expression, error)) from None
    except UnicodeEncodeError:
        raise ValueError("not a regular expression: it holds half of a surrogate pair") from None
    if program.programsize > MAX_PROGRAM:
        raise ValueError("the regular expression repeats too much")


def _reason(expression: str, error: Exception) -> str:
    for match in UNKNOWN.finditer(expression):
        if match[1]:
            if "<" in match[1]:
                return f"look-behind, {match[1]}…), is not possible in a regular expression"
            return f"look-ahead, {match[1]}…), is possible behind a ^ at the beginning alone"
        if match[2]:
            return f"a back reference, {match[2]}, is not possible in a regular expression"
    given = error.args[0] if error.args else ""
    reason = given.decode(errors="replace") if isinstance(given, bytes) else str(given)
    return f"not a regular expression: {reason[:200]}"


@lru_cache(maxsize=256)
def _compiled(expression: str) -> Any:
    options = re2.Options()
    options.log_errors = False
    options.max_mem = MAX_MEMORY
    return re2.compile(expression, options)


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
