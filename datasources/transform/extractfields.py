"""`extractFields`: columns out of what the texts of one hold: JSON, pairs of keys and values, parts, a pattern."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final, Literal

from pydantic import Field

from ...declared import Spec
from ...errors import InvalidError
from ...patterns import Pattern, of_script
from ...unpaired import from_json
from .base import Transformation
from .bounds import check_size
from .matchers import readable
from .naming import Naming
from .pairs import pairs_in
from .table import Column, Kind, Table, Tables

Parser = Callable[[str], Any]
MAX_COLUMNS: Final = 2000
ANYTHING: Final = "(?P<NewField>.*)"
NOT_FOUND: Final = "Not Found"
STEP: Final = re.compile(r"[^.\[\]]+")
OLD_GROUPS: Final = re.compile(r"\(\?<(?=[A-Za-z_])")


class JsonPath(Spec):
    """`user.name`, `tags[1]`; `alias`: what the column is called."""

    path: str | None = Field(None, max_length=500, description="Where the value stands: `user.name`, `tags[1]`.")
    alias: str | None = Field(None, max_length=500, description="What the column is called; empty: the path.")


class Options(Spec):
    """`source`: the column; `replace`: only what was found stays, with `keepTime` the time too."""

    source: str | None = Field(None, description="The column whose texts are taken apart.")
    format: Literal["json", "kvp", "auto", "regexp", "delimiter"] | None = Field(
        None, description="What its texts are written in."
    )
    jsonPaths: list[JsonPath] | None = Field(
        None, max_length=100, description="Which values of JSON become columns; empty: all of the first level."
    )
    regExp: str | None = Field(
        None, max_length=500, title="Pattern", description="The pattern, whose named groups become columns."
    )
    delimiter: str | None = Field(",", max_length=20, description="What stands between the parts.")
    replace: bool | None = Field(None, description="Only what was found stays.")
    keepTime: bool | None = Field(None, description="The time stays with it.")


def run(tables: Tables, options: Options) -> Sequence[Table]:
    """Each table with the columns found in its source column, beside its own or in their place."""
    if not options.source:
        return tables
    return [_extracted(table, options) for table in tables]


def _extracted(table: Table, options: Options) -> Table:
    assert options.source is not None
    source = _column(table, options.source)
    if source is None:
        return table
    columns = _columns(_found(source.listed, options))
    time = (_column(table, "Time") or _column(table, "time")) if options.keepTime else None
    kept = () if options.replace else table.columns
    return table.with_columns((*kept, *([time] if time is not None else []), *columns))


def _column(table: Table, name: str) -> Column | None:
    naming = Naming()
    return next((one for one in table.columns if name in (one.name, naming.of(one, table))), None)


def _found(values: Sequence[Any], options: Options) -> dict[str, list[Any]]:
    """The values of each key, in the order in which keys come first; InvalidError where there are too many."""
    parse, paths = _parser(options), [one for one in options.jsonPaths or () if one.path]
    found: dict[str, list[Any]] = {}
    for row, value in enumerate(values):
        held = _parsed(parse, value) if isinstance(value, str) else value
        if held is None:
            continue
        if options.format == "json" and paths:
            held = {one.alias or one.path: _at(held, one.path or "") for one in paths}
        for key, one in _entries(held):
            if key not in found:
                if len(found) >= MAX_COLUMNS:
                    raise InvalidError(f"more than {MAX_COLUMNS} different keys")
                check_size(len(values), len(found) + 1)
                found[key] = [None] * len(values)
            found[key][row] = one
    return found


def _parsed(parse: Parser, text: str) -> Any:
    try:
        return parse(text)
    except (ValueError, RecursionError):
        return {}


def _entries(held: Any) -> Iterable[tuple[str, Any]]:
    """Keys and values, whole numbers first as JavaScript orders them; nothing of what has no keys."""
    if isinstance(held, Mapping):
        whole = sorted((key for key in held if key.isdecimal() and str(int(key)) == key), key=int)
        return [*((key, held[key]) for key in whole), *((key, one) for key, one in held.items() if key not in whole)]
    return [(str(index), one) for index, one in enumerate(held)] if isinstance(held, list) else []


def _columns(found: Mapping[str, list[Any]]) -> list[Column]:
    return [Column.of(name, _kind(values), values) for name, values in found.items()]


def _kind(values: Sequence[Any]) -> Kind:
    first = next((value for value in values if value is not None), None)
    if isinstance(first, bool):
        return "boolean"
    if isinstance(first, (int, float)):
        return "number"
    return "string" if isinstance(first, str) else "other"


def _at(held: Any, path: str) -> Any:
    """What stands at `a.b[1]`."""
    if isinstance(held, Mapping) and path in held:
        return held[path]
    for step in STEP.findall(path):
        if isinstance(held, Mapping):
            held = held.get(step)
        elif isinstance(held, list) and step.isdecimal() and int(step) < len(held):
            held = held[int(step)]
        else:
            return NOT_FOUND
    return NOT_FOUND if held is None else held


def _parser(options: Options) -> Parser:
    if options.format == "json":
        return from_json
    if options.format == "kvp":
        return pairs_in
    if options.format == "delimiter":
        delimiter = options.delimiter or ","
        return lambda text: dict.fromkeys(_parts(text, delimiter), 1)
    if options.format == "regexp":
        pattern = _pattern(options.regExp or "")
        return lambda text: next((_groups(match) for match in pattern.find(text)[:1]), None)
    return _automatic


def _parts(text: str, delimiter: str) -> list[str]:
    """What stands between delimiters, without the blanks around it; a run of blank delimiters parts once."""
    parts = [part.strip() for part in text.strip().split(delimiter)]
    return parts if delimiter.strip() else [part for part in parts if part]


def _groups(match: Any) -> dict[str, Any]:
    """What the groups with names found, in their order."""
    names: Mapping[str, int] = match.re.groupindex
    return {name: match[index] for name, index in sorted(names.items(), key=lambda one: one[1])}


def _pattern(text: str) -> Pattern:
    """Grafana takes what has no slashes, or cannot be read, for the whole line under the name NewField."""
    named = OLD_GROUPS.sub("(?P<", text)
    return (readable(named) if text.startswith("/") else None) or of_script(ANYTHING)


def _automatic(text: str) -> Any:
    try:
        held = from_json(text)
    except (ValueError, RecursionError):
        held = None
    return pairs_in(text) if held is None else held


TRANSFORMATION = Transformation(
    "extractFields",
    "Extract fields",
    "Columns out of what the texts of one hold: JSON, pairs of keys and values, parts, a pattern.",
    Options,
    run,
)
