"""`configFromData`: units, bounds and names of columns out of what another target answers."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import Field

from ...declared import Spec
from .base import Transformation
from .fieldconfig import Mapped, config_of, uses_of
from .matchers import Matcher, of_kind
from .naming import Naming
from .reducing import reduce_column
from .table import Table, Tables


class Options(Spec):
    """`configRefId`: the target whose columns are settings; `applyTo`: the columns that get them, numbers else."""

    configRefId: str | None = Field("config", description="The target whose columns are settings.")
    mappings: list[Mapped] | None = Field(None, max_length=100, description="What each of its columns sets.")
    applyTo: Matcher | None = Field(None, description="The columns that get them; empty: numbers.")


def run(tables: Tables, options: Options) -> Sequence[Table]:
    """The tables but the one that says it, with its configuration on the columns that are meant."""
    said = next((table for table in tables if table.ref == options.configRefId), None)
    if said is None:
        return tables
    uses = uses_of(said, options.mappings or (), named=False)
    config = config_of(uses, [reduce_column(use.column, use.reducer) for use in uses])
    matches = options.applyTo.matches() if options.applyTo is not None else of_kind("number")
    naming = Naming(tables)
    return [
        Table(
            tuple(
                column.configured(**config) if matches(column, table, naming) else column for column in table.columns
            ),
            is_table=table.is_table,
        )
        for table in tables
        if table is not said or len(tables) == 1
    ]


TRANSFORMATION = Transformation(
    "configFromData",
    "Config from query results",
    "Units, bounds and names of columns out of what another target answers.",
    Options,
    run,
)
