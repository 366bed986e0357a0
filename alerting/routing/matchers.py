"""Matchers as Prometheus and Alertmanager write them: `service="api"`, `severity=~"page|crit"`, `"näme"!=x`.

The reading of values is Alertmanager's (`labels.ParseMatcher`); names may be any UTF-8, in quotes where they must.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Annotated

from pydantic import AfterValidator, Field

from ...patterns import whole
from ..alert import Labels

MAX_MATCHER = 2000  # characters
MAX_MATCHERS = 50
OPERATORS = ("=~", "!=", "!~", "=")
QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)
BARE = re.compile(r"""[^\s{}!=~,\\"'`]+""")
SPACE = " \t\n\r\f"
ESCAPED = re.compile(r"\\(.)", re.DOTALL)
UNESCAPED = {"n": "\n", '"': '"', "\\": "\\"}


@dataclass(frozen=True, slots=True)
class Matcher:
    """One test of one label; a label that is not there is an empty text."""

    name: str
    operator: str
    value: str

    def matches(self, labels: Labels) -> bool:
        """Whether labels pass the test."""
        found = labels.get(self.name, "")
        if self.operator in ("=", "!="):
            return (found == self.value) is (self.operator == "=")
        return _found(self.value, found) is (self.operator == "=~")

    def __str__(self) -> str:
        name = self.name if BARE.fullmatch(self.name) else f'"{escaped(self.name)}"'
        return f'{name}{self.operator}"{escaped(self.value)}"'


@lru_cache(maxsize=65_536)
def _found(pattern: str, text: str) -> bool:
    return bool(whole(pattern).find(text))


def escaped(text: str) -> str:
    """A text as it stands between double quotes."""
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


@lru_cache(maxsize=4096)
def parse(text: str) -> Matcher:
    """A matcher of its text; ValueError for what is none."""
    if len(text) > MAX_MATCHER:
        raise ValueError(f"a matcher has at most {MAX_MATCHER} characters")
    name, rest = _name(text.strip(SPACE))
    operator = next((one for one in OPERATORS if rest.startswith(one)), None)
    if operator is None:
        raise ValueError(f'{text[:100]!r} is no matcher such as service="api" or severity=~"page|crit"')
    value = _value(rest[len(operator) :].strip(SPACE))
    if operator in ("=~", "!~"):
        whole(value)
    return Matcher(name, operator, value)


def _name(text: str) -> tuple[str, str]:
    """The name that a text begins with, and what follows."""
    quoted = QUOTED.match(text)
    if quoted is not None:
        name, end = _unescaped(quoted[1]), quoted.end()
    else:
        bare = BARE.match(text)
        if bare is None:
            raise ValueError(f"{text[:100]!r} does not begin with the name of a label")
        name, end = bare[0], bare.end()
    if not name:
        raise ValueError("a label has a name")
    return name, text[end:].lstrip(SPACE)


def _value(text: str) -> str:
    if text.startswith('"'):
        quoted = QUOTED.fullmatch(text)
        if quoted is None:
            raise ValueError(f"{text[:100]}: the quotes of a value do not pair up")
        return _unescaped(quoted[1])
    if '"' in text.replace('\\"', ""):
        raise ValueError(f"{text[:100]}: a quote within a value has a backslash before it")
    if "," in text:
        raise ValueError(f"{text[:100]}: a value with a comma stands in double quotes; one matcher at a time")
    return _unescaped(text)


def _unescaped(text: str) -> str:
    """Backslashes that escape nothing stay, so that patterns need not double them."""
    return ESCAPED.sub(lambda match: UNESCAPED.get(match[1], match[0]), text)


def all_match(matchers: Iterable[Matcher], labels: Labels) -> bool:
    """Whether labels pass every test; none at all lets everything through."""
    return all(matcher.matches(labels) for matcher in matchers)


def parsed(texts: Sequence[str]) -> tuple[Matcher, ...]:
    """The matchers of texts that were checked before."""
    return tuple(parse(text) for text in texts)


def _checked(text: str) -> str:
    parse(text)
    return text


MatcherText = Annotated[str, Field(max_length=MAX_MATCHER), AfterValidator(_checked)]
