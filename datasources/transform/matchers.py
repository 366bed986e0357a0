"""Which columns a transformation works on: matchers by Grafana's ids."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any, Final, Literal

from pydantic import Field, model_validator

from ...declared import Spec
from ...patterns import Pattern, parse
from ..frame import CALLED
from .naming import VALUE, Naming
from .table import Column, Table

Matches = Callable[[Column, Table, Naming], bool]
MatcherId = Literal[
    "byName", "byNames", "byRegexp", "byRegexpOrNames", "byFrameRefID", "byType", "byTypes", "numeric", "time", "first",
    "firstTimeField",
]  # fmt: skip


class Matcher(Spec):
    """`{"id": "byName", "options": "cpu"}`: which columns are meant."""

    id: MatcherId = Field(title="Columns", description="How columns are chosen.")
    options: Any = Field(
        None, title="Which", description="A name, names, a pattern or a type, as the way of choosing takes it."
    )

    @model_validator(mode="after")
    def readable(self) -> Matcher:
        self.matches()
        return self

    def matches(self) -> Matches:
        """The test of a column; ValueError where the options are not those of the matcher."""
        try:
            return MATCHERS[self.id](self.options)
        except (AttributeError, TypeError):
            raise ValueError(f"these are no options of the matcher {self.id}") from None


class Named(Spec):
    """Names of columns, and a pattern of more."""

    names: list[str] | None = Field(None, description="The columns.")
    pattern: str | None = Field(
        None, max_length=500, description="A pattern of more: `/…/`, or a text that matches whole."
    )


def by_names(names: Collection[str]) -> Matches:
    """Columns by their own name or the one shown; `Time` is any time column, `Value` one named by its metric."""
    wanted = frozenset(names)
    times = not wanted.isdisjoint(("Time", "time"))

    def matches(column: Column, table: Table, naming: Naming) -> bool:
        if column.name in wanted or naming.of(column, table) in wanted or own_name(column) in wanted:
            return True
        if VALUE in wanted:
            return column.labels is not None and column.labels.get("__name__") == column.name
        return times and column.kind == "time"

    return matches


def own_name(column: Column) -> str:
    """What a column of Prometheus is called where nothing transforms it, `value` of `Value #A`; empty of all others."""
    return str(column.config.get(CALLED, "")).lower()


def by_pattern(text: str) -> Matches:
    """Columns whose shown name holds a match."""
    pattern = readable(text)
    return lambda column, table, naming: pattern is not None and pattern.matches([naming.of(column, table)])[0]


def readable(text: str) -> Pattern | None:
    """The pattern of a text; None for one that cannot be read, which matches nothing, as in Grafana."""
    try:
        return parse(text) if text else None
    except ValueError:
        return None


def either(pattern: str, names: Collection[str]) -> Matches:
    """Columns of one of these names, or whose name fits the pattern."""
    named, like = by_names(names), by_pattern(pattern)
    return lambda column, table, naming: named(column, table, naming) or like(column, table, naming)


def of_kind(*kinds: str) -> Matches:
    """Columns of one of these kinds."""
    return lambda column, table, naming: column.kind in kinds


def first_of(kind: str | None = None) -> Matches:
    """The first column of a table, of some kind or of any."""

    def matches(column: Column, table: Table, naming: Naming) -> bool:
        found = (one for one in table.columns if kind in (None, one.kind))
        return next(found, None) is column

    return matches


def _names(options: Mapping[str, Any]) -> Matches:
    matches = by_names(options.get("names") or ())
    if options.get("mode") == "exclude":
        return lambda column, table, naming: not matches(column, table, naming)
    return matches


def _of_ref(ref: str) -> Matches:
    return lambda column, table, naming: table.ref == ref


MATCHERS: Final[Mapping[str, Callable[[Any], Matches]]] = {
    "byName": lambda name: by_names([name]),
    "byNames": lambda options: _names(options or {}),
    "byRegexp": lambda pattern: by_pattern(pattern or ""),
    "byRegexpOrNames": lambda options: either(options.get("pattern") or "", options.get("names") or ()),
    "byFrameRefID": _of_ref,
    "byType": of_kind,
    "byTypes": lambda kinds: of_kind(*kinds),
    "numeric": lambda _: of_kind("number"),
    "time": lambda _: of_kind("time"),
    "first": lambda _: first_of(),
    "firstTimeField": lambda _: first_of("time"),
}
