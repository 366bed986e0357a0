"""`reduce`: one row a column, or one value a column."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from pydantic import Field

from ...declared import Spec
from .base import Transformation
from .matchers import Matcher, Matches
from .naming import Naming
from .reducing import ENDS, Reducer, guessed_kind, reduce_column, reducer_name
from .table import Column, Kind, Table, Tables, joined_refs


class Options(Spec):
    """`mode`: `seriesToRows` is a table with a row for each column, `reduceFields` keeps the columns."""

    reducers: list[Reducer] | None = Field(
        default_factory=lambda: ["max"], max_length=100, description="The calculations."
    )
    fields: Matcher | None = Field(
        None, title="Columns", description="The columns that are calculated over; empty: numbers."
    )
    mode: Literal["seriesToRows", "reduceFields"] | None = Field(
        None, description="`seriesToRows` is a table with a row for each column, `reduceFields` keeps the columns."
    )
    includeTimeField: bool | None = Field(None, title="Include time", description="Calculate over times, too.")
    labelsToFields: bool | None = Field(None, description="Labels become columns.")


def run(tables: Tables, options: Options) -> Sequence[Table]:
    """One table with a row a column that is meant, or each table with its columns reduced to one value."""
    if not options.reducers:
        return tables
    matches = _matches(options)
    if options.mode == "reduceFields":
        return _fields(tables, matches, options.reducers)
    return _rows(tables, matches, options.reducers, bool(options.labelsToFields))


def _matches(options: Options) -> Matches:
    if options.fields is not None:
        return options.fields.matches()
    everything = options.includeTimeField and options.mode == "reduceFields"
    return lambda column, table, naming: bool(everything) or column.kind != "time"


def _rows(tables: Tables, matches: Matches, reducers: Sequence[str], labelled: bool) -> list[Table]:
    """Grafana puts a column of another kind than the first frame's in no row; here the texts of both are kept."""
    if not tables:
        return []
    naming = Naming(tables)
    found = [(one, table) for table in tables for one in table.columns if matches(one, table, naming)]
    names = [one.name if labelled else naming.of(one, table) for one, table in found]
    columns = [Column.of("Field", "string", names)]
    if labelled:
        keys = dict.fromkeys(key for table in tables for one in table.columns for key in one.labels or ())
        columns += [Column.of(key, "string", [(one.labels or {}).get(key) for one, _ in found]) for key in keys]
    for how in reducers:
        values = [reduce_column(one, how) for one, _ in found]
        columns.append(_reduced(reducer_name(how), values))
    return [Table(tuple(columns), ref=joined_refs(tables, "reduce"))]


def _reduced(name: str, values: Sequence[object]) -> Column:
    kind = guessed_kind(name, values) or ("number" if values else "other")
    mixed = kind == "number" and any(isinstance(value, str) for value in values)
    return Column.of(name, "string" if mixed else kind, values)


def _fields(tables: Tables, matches: Matches, reducers: Sequence[str]) -> list[Table]:
    naming = Naming(tables)
    made = []
    for table in tables:
        columns = [
            _field(column, how, len(reducers) > 1)
            for column in table.columns
            if matches(column, table, naming)
            for how in reducers
        ]
        if columns:
            made.append(table.with_columns(columns))
    return made


def _field(column: Column, how: str, told_apart: bool) -> Column:
    kind: Kind = column.kind if how in ENDS else "other" if how in ("allValues", "uniqueValues") else "number"
    labels = dict(column.labels or {})
    if told_apart:
        labels["reducer"] = reducer_name(how)
    return column.with_values([reduce_column(column, how)], kind).but(labels=labels)


TRANSFORMATION = Transformation("reduce", "Reduce", "One row a column, or one value a column.", Options, run)
