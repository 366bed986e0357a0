"""`filterFieldsByName`: keeps or drops columns by name."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from pydantic import Field

from ...declared import Spec
from .base import Transformation
from .matchers import Matches, Named, by_names, by_pattern, either
from .naming import Naming
from .table import Table, Tables


class Names(Named):
    """Names, a pattern, or (with `byVariable`) the values of a variable as a text: `a,b` or `{a,b}`."""

    variable: str | None = Field(None, description="The variable that holds the names.")


class Options(Spec):
    """What stays, and what goes."""

    include: Names | None = Field(None, description="The columns that stay; empty: all.")
    exclude: Names | None = Field(None, description="The columns that go.")
    byVariable: bool | None = Field(None, description="The names stand in a variable.")


def run(tables: Tables, options: Options) -> Sequence[Table]:
    """The tables with the columns that are included, and not excluded; one without any left is dropped."""
    include, exclude = (_matches(one, bool(options.byVariable)) for one in (options.include, options.exclude))
    return filtered(tables, include, exclude)


def filtered(tables: Tables, include: Matches | None, exclude: Matches | None) -> Sequence[Table]:
    """The tables with the columns that are included and not excluded; without those of which none is left."""
    if include is None and exclude is None:
        return tables
    naming = Naming(tables)
    kept = [
        table.with_columns(
            column
            for column in table.columns
            if (include is None or include(column, table, naming))
            and (exclude is None or not exclude(column, table, naming))
        )
        for table in tables
    ]
    return [table for table in kept if table.columns]


def wanted(names: Iterable[str]) -> Matches | None:
    """The columns of some names; None where there are none."""
    listed = list(names)
    return by_names(listed) if listed else None


def _matches(names: Names | None, by_variable: bool) -> Matches | None:
    if names is None:
        return None
    if by_variable and names.variable:
        return by_names(names.variable.removeprefix("{").removesuffix("}").split(","))
    if not names.pattern:
        return wanted(names.names or ())
    return either(names.pattern, names.names) if names.names else by_pattern(names.pattern)


TRANSFORMATION = Transformation(
    "filterFieldsByName", "Filter fields by name", "Keeps or drops columns by name.", Options, run
)
