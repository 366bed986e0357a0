"""`joinByLabels`: a column for each value of one label, rows by the values of the others."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import Field

from ...declared import Spec
from .base import Transformation
from .table import GAP, Column, Kind, Table, Tables


class Options(Spec):
    """`value`: the label whose values are columns; `join`: the labels that rows are told apart by, all others else."""

    value: str | None = Field(None, title="Label", description="The label whose values are columns.")
    join: list[str] | None = Field(
        None, max_length=50, description="The labels that rows are told apart by; empty: all others."
    )


def run(tables: Tables, options: Options) -> Sequence[Table]:
    """One table, or one that says what is wrong where the label is not there."""
    labels = list(dict.fromkeys(key for table in tables for one in table.columns for key in one.labels or ()))
    if not tables:
        return tables
    if not options.value:
        return [_fault("No value label configured")]
    if not labels:
        return [_fault("No labels in result")]
    if options.value not in labels:
        return [_fault("Value label not found")]
    join = [label for label in options.join or labels if label != options.value]
    columns = [one for table in tables for one in table.columns if one.labels is not None and one.kind != "time"]
    return [_joined(columns, options.value, join)]


def _fault(text: str) -> Table:
    return Table((Column.of("Error", "string", [text]),), is_table=True)


def _joined(columns: Sequence[Column], value: str, join: Sequence[str]) -> Table:
    kinds: dict[str, Kind] = {}
    groups: dict[tuple[str | None, ...], dict[str, list[object]]] = {}
    for column in columns:
        labels = column.labels or {}
        name = labels.get(value, "undefined")
        kinds.setdefault(name, column.kind)
        group = groups.setdefault(tuple(labels.get(label) for label in join), {})
        group.setdefault(name, []).extend(column.listed)
    lengths = {key: max([1, *map(len, group.values())]) for key, group in groups.items()}
    rows = [key for key, length in lengths.items() for _ in range(length)]
    made = [Column.of(label, "string", [key[at] for key in rows]) for at, label in enumerate(join)]
    for name, kind in kinds.items():
        nothing = GAP if kind == "number" else None
        values: list[object] = []
        for key, group in groups.items():
            own = group.get(name, [])
            values += [*own, *([nothing] * (lengths[key] - len(own)))]
        made.append(Column.of(name, kind, values))
    return Table(tuple(made), is_table=True)


TRANSFORMATION = Transformation(
    "joinByLabels",
    "Join by labels",
    "A column for each value of one label, rows by the values of the others.",
    Options,
    run,
)
