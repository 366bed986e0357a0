"""Variables in a target: `$x`, `${x}`, `${x.field}`, `${x:format}`, `[[x]]`, and the macros of time.

A user's value never changes what a query means: without a format it is written as its language writes a value.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from ...errors import InvalidError
from ...scope import Scope
from .. import macros
from ..steps import interval_text
from ..timerange import TimeRange
from .chosen import Chosen, Macro, Values, Verbatim, as_list, field_of, is_single
from .escapes import LANGUAGES
from .formats import write

__all__ = [
    "Verbatim",
    "builtins",
    "interpolate",
    "interpolate_as",
    "interpolate_query",
    "interpolate_structure",
    "names_in",
]

REFERENCE: Final = re.compile(
    r"\$(?P<plain>\w+)|\[\[(?P<square>\w+?)(?::(?P<square_format>\w+))?\]\]"
    r"|\$\{(?P<curly>\w+)(?P<field>(?:\.\w+|\[[^\]]{1,200}+\])*)(?::(?P<curly_format>[^}]{1,200}+))?\}",
    re.ASCII,
)
MAX_FILLED: Final = 2**20  # characters that values may write into one text
Variables = Mapping[str, Values]
# (name, values, the reference) → what stands in its place
Written = Callable[[str, Values, re.Match[str]], str]
# (what a value wrote, the reference) → the same as it may stand there
Kept = Callable[[str, re.Match[str]], str]


def names_in(value: Any) -> Iterator[str]:
    """The names that a target (text or structure) refers to, in order, with repeats."""
    if isinstance(value, str):
        for match in REFERENCE.finditer(value):
            yield _name(match)
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from names_in(item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from names_in(item)


def interpolate(text: str, variables: Variables, language: str) -> str:
    """The text with each known reference replaced; unknown ones stay as they are.

    Without a format a value is escaped for `language` (a key of `LANGUAGES`) and for the place where it stands.
    """
    return _substitute(text, variables, _escaping(language))


def interpolate_query(text: str, variables: Variables, language: str) -> str:
    """The same for a source: no value, in whatever format, is one of the macros that the source expands then."""
    if language not in macros.LANGUAGES:
        return interpolate(text, variables, language)
    return _substitute(
        text, variables, _escaping(language), lambda made, match: macros.kept(made, match.string, match.start())
    )


def interpolate_as(text: str, variables: Variables, default: str = "glob") -> str:
    """The text with each known reference replaced, in the format `default` where it asks for none: for plain text."""
    return _substitute(text, variables, lambda name, values, _: write(name, values, default))


def interpolate_structure(value: Any, variables: Variables) -> Any:
    """A structured query with its texts replaced; a text that is one reference becomes its value, or a list of them."""
    if isinstance(value, Mapping):
        return {key: interpolate_structure(item, variables) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [interpolate_structure(item, variables) for item in value]
    if not isinstance(value, str):
        return value
    match = REFERENCE.fullmatch(value)
    if match and not _spec(match) and _name(match) in variables:
        values = as_list(field_of(variables[_name(match)], match["field"] or ""))
        return values[0] if len(values) == 1 else values
    return interpolate(value, variables, "text")


def builtins(range_: TimeRange, step_s: float, scope: Scope, dashboard: str = "") -> dict[str, tuple[str, ...]]:
    """The variables that every query has: `__from` and `__to` (ms), `__range`, `__interval`, `__user`, `__org`."""
    seconds = round(range_.span_ms / 1000)
    values = {
        "__from": str(range_.from_ms),
        "__to": str(range_.to_ms),
        "__range": f"{seconds}s",
        "__range_s": str(seconds),
        "__range_ms": str(range_.span_ms),
        "__interval": interval_text(step_s * 1000),
        "__interval_ms": str(int(step_s * 1000)),
        "__org": str(scope.org),
    }
    user = {"login": scope.login, "id": "" if scope.user_id is None else str(scope.user_id)}
    return {
        **{name: Chosen((Macro(value),), single=True) for name, value in values.items()},
        "__dashboard": Chosen((dashboard,), single=True),
        "__user": Chosen((scope.login,), single=True, properties=(user,)),
    }


def _escaping(language: str) -> Written:
    escape = LANGUAGES[language]

    def written(name: str, values: Values, match: re.Match[str]) -> str:
        return escape(as_list(values), match.string, match.start(), match.end())

    return written


def _as_it_is(made: str, _: re.Match[str]) -> str:
    return made


def _substitute(text: str, variables: Variables, written: Written, kept: Kept = _as_it_is) -> str:
    """Texts that an author wrote first, since they hold references and quotes of their own; then what users chose."""
    written_by_authors = {name: values for name, values in variables.items() if _is_verbatim(values)}
    if written_by_authors:
        text = _filled(text, written_by_authors, written, kept)
    return _filled(text, variables, written, kept)


def _filled(text: str, known: Variables, written: Written, kept: Kept) -> str:
    room = MAX_FILLED

    def replaced(match: re.Match[str]) -> str:
        nonlocal room
        made = _replaced(match, known, written, kept)
        room -= len(made)
        if room < 0:
            raise InvalidError(f"the values of variables make the text longer than {MAX_FILLED} characters")
        return made

    return REFERENCE.sub(replaced, text)


def _replaced(match: re.Match[str], known: Variables, written: Written, kept: Kept) -> str:
    name = _name(match)
    if name not in known:
        return match[0]
    values = known[name]
    if match["field"]:
        values = field_of(values, match["field"])
    spec = _spec(match)
    if _is_verbatim(values):
        return write(name, values, spec) if spec else "".join(values)
    if spec:
        return kept(write(name, values, spec), match)
    return kept(written(name, as_list(values)[0] if is_single(values) else values, match), match)


def _is_verbatim(values: Values) -> bool:
    many = [values] if isinstance(values, str) else values
    return bool(many) and all(isinstance(value, Verbatim) for value in many)


def _name(match: re.Match[str]) -> str:
    return match["plain"] or match["square"] or match["curly"]


def _spec(match: re.Match[str]) -> str | None:
    return match["square_format"] if match["square"] else match["curly_format"]
