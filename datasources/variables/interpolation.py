"""Variables in a target: `$x`, `${x}`, `${x.field}`, `${x:format}`, `[[x]]`, and the macros of time.

A user's value never changes what a query means: without a format it is written as its language writes a value.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from ...errors import InvalidError
from .. import macros
from ..sources.sqlmacros import conditions
from .chosen import Values, Verbatim, as_list, field_of, is_single
from .escapes import LANGUAGES, QUOTING, Language
from .formats import ALL_VALUE, write
from .tokens import NOWHERE, Growing, Place, Scanner, scanner

__all__ = [
    "Verbatim",
    "interpolate",
    "interpolate_as",
    "interpolate_query",
    "interpolate_structure",
    "names_in",
    "whole_reference",
]

REFERENCE: Final = re.compile(
    r"\$(?P<plain>\w+)|\[\[(?P<square>\w+?)(?::(?P<square_format>\w+))?\]\]"
    r"|\$\{(?P<curly>\w+)(?P<field>(?:\.\w+|\[[^\]]{1,200}+\])*)(?::(?P<curly_format>[^}]{1,200}+))?\}",
    re.ASCII,
)
# The dialect of the sources that are asked in a language.
DIALECTS: Final = {"sql": "clickhouse", "postgres": "postgres", "sqlite": "sqlite"}
MAX_FILLED: Final = 2**20  # characters that values may write into one text
# Characters that each reference counts as beside its value, and one whose value depends on what stands before it.
REFERENCE_COST, PLACED_COST = 20, 100
PLAIN: Final = scanner(re.compile(r"(?!)"))
Variables = Mapping[str, Values]
# (name, values, format or None, where they stand) → what stands in their place
Written = Callable[[str, Values, str | None, Callable[[], Place]], str]
# (what a value wrote, the text before it, its length) → the same as it may stand there
Kept = Callable[[str, str, int], str]


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


def interpolate(text: str, variables: Variables, language: str, most: int = MAX_FILLED) -> str:
    """The text with each known reference replaced; unknown ones stay as they are.

    A value is written as `language` (a key of `LANGUAGES`) writes one where it stands: without a format, in a format
    that quotes, and in any format but `raw` within a string, a quoted name or a comment. InvalidError for a value that
    cannot be written there.
    """
    known = LANGUAGES[language]
    return _substitute(text, variables, _escaping(known), known.scan, most=most)


def interpolate_query(text: str, variables: Variables, language: str) -> str:
    """The same for a source: no value, in whatever format, is one of the macros that the source expands then."""
    if language not in macros.LANGUAGES:
        return interpolate(text, variables, language)
    if "__conditionalAll" in text and language in DIALECTS:
        text = conditions(text, DIALECTS[language], lambda name: name in variables and _is_all(variables[name]))
    known = LANGUAGES[language]
    return _substitute(text, variables, _escaping(known), known.scan, macros.kept)


def _is_all(values: Values) -> bool:
    """Whether a condition on these holds for all: All is chosen, or nothing is."""
    return getattr(values, "everything", False) or not any(one != ALL_VALUE for one in as_list(values) if one)


def interpolate_as(text: str, variables: Variables, default: str = "glob") -> str:
    """The text with each known reference replaced, in the format `default` where it asks for none: for plain text."""
    return _substitute(text, variables, lambda name, values, spec, _: write(name, values, spec or default), PLAIN)


def whole_reference(text: str, variables: Variables) -> Values | None:
    """The values of the one variable that a text refers to and has nothing beside; None for all other texts."""
    match = REFERENCE.fullmatch(text)
    if match is None or _spec(match) or _name(match) not in variables:
        return None
    return field_of(variables[_name(match)], match["field"] or "")


def interpolate_structure(value: Any, variables: Variables) -> Any:
    """A structured query with its texts replaced; a text that is one reference becomes its value, or a list of them."""
    if isinstance(value, Mapping):
        return {key: interpolate_structure(item, variables) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [interpolate_structure(item, variables) for item in value]
    if not isinstance(value, str):
        return value
    whole = whole_reference(value, variables)
    if whole is not None:
        values = as_list(whole)
        return values[0] if len(values) == 1 else values
    return interpolate(value, variables, "text")


def _escaping(language: Language) -> Written:
    def written(name: str, values: Values, spec: str | None, where: Callable[[], Place]) -> str:
        kind = spec.partition(":")[0] if spec else ""
        if kind in language.own:
            kind = ""
        if (kind == "raw" and not language.closed) or (kind and not language.strict):
            return write(name, values, spec or "")
        place = where() if language.strict else NOWHERE
        if not kind or kind in QUOTING:
            return language.escape(as_list(values), place, "" if place.kind else kind)
        made = write(name, values, spec or "")
        return language.escape([made], place, "text") if place.kind or language.literal else made

    return written


def _as_it_is(made: str, text: str, position: int) -> str:
    return made


def _substitute(  # noqa: PLR0917 - what a text is filled with
    text: str, variables: Variables, written: Written, scan: Scanner, kept: Kept = _as_it_is, most: int = MAX_FILLED
) -> str:
    """Texts that an author wrote first, since they hold references and quotes of their own; then what users chose."""
    written_by_authors = {name: values for name, values in variables.items() if _is_verbatim(values)}
    if written_by_authors:
        text = _filled(text, written_by_authors, written, scan, kept, most)
    return _filled(text, variables, written, scan, kept, most)


def _filled(text: str, known: Variables, written: Written, scan: Scanner, kept: Kept, most: int) -> str:  # noqa: PLR0917
    """The text from its start to its end, each value written as what stands before it asks for."""
    growing, pieces, at, room = Growing(scan), [""], 0, most
    alike: dict[str, tuple[str, bool]] = {}  # what references that need no place came to, by how they are written
    for match in REFERENCE.finditer(text):
        name = _name(match)
        if name not in known:
            continue
        between = text[at : match.start()]
        at = match.end()
        growing.add(between)
        found = alike.get(match[0])
        if found is None:
            where = _Where(growing, text[at : at + 1])
            values = field_of(known[name], match["field"]) if match["field"] else known[name]
            found = _made(name, values, _spec(match), written, where), _is_verbatim(values)
            if where.asked:
                room -= PLACED_COST
            else:
                alike[match[0]] = found
        made, verbatim = found
        if not verbatim:
            before = between or pieces[-1]
            made = kept(made, before, len(before))
        room -= len(made) + REFERENCE_COST
        if room < 0:
            raise InvalidError(f"the values of variables make the text longer than {most} characters")
        growing.add(made)
        pieces += [between, made]
    return "".join([*pieces, text[at:]])


class _Where:
    """Tells where a value stands, and remembers that somebody asked."""

    def __init__(self, growing: Growing, after: str) -> None:
        self._growing = growing
        self._after = after
        self.asked = False

    def __call__(self) -> Place:
        self.asked = True
        return self._growing.place(self._after)


def _made(name: str, values: Values, spec: str | None, written: Written, where: Callable[[], Place]) -> str:
    if _is_verbatim(values):
        return write(name, values, spec) if spec else "".join(values)
    return written(name, values if spec else as_list(values)[0] if is_single(values) else values, spec, where)


def _is_verbatim(values: Values) -> bool:
    many = [values] if isinstance(values, str) else values
    return bool(many) and all(isinstance(value, Verbatim) for value in many)


def _name(match: re.Match[str]) -> str:
    return match["plain"] or match["square"] or match["curly"]


def _spec(match: re.Match[str]) -> str | None:
    return match["square_format"] if match["square"] else match["curly_format"]
