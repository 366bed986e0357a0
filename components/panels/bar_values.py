"""Categories and their values: of a table's texts, or of series reduced to one value each."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...datasources.frame import Field as Column
from ...datasources.frame import Frame
from ...datasources.reducers import reduce
from ...datasources.scripttext import script_text
from ...datasources.variables.collation import natural_key
from ..fields import ResolvedField, resolve
from ..link_rows import rows_of
from ..links import Reads
from .bar_options import BarOptions

MAX_FIELDS = 20
NUMBERS = frozenset({"number"})


@dataclass(frozen=True, slots=True)
class Bars:
    """Categories, and the value of each field at each of them. A field of series stands for all of them."""

    names: Sequence[str]
    fields: Sequence[ResolvedField]
    values: Sequence[NDArray[np.float64]]
    of_series: bool = False
    total: int = 0
    times: Sequence[float | None] = ()  # the instants (ms) that are their names, which the page writes in its zone
    rows: Sequence[Reads] = ()  # what reads the row of each, for links


def bars_of(options: BarOptions, frames: Sequence[Frame]) -> Bars:
    """The bars of tables where there is one with texts, else one bar for each series."""
    fields = [one for one in resolve(options, frames, kinds=NUMBERS) if not _hidden(one)]
    table = next((frame for frame in frames if _category(options, frame) is not None), None)
    if table is not None:
        own = [one for one in fields if one.frame is table][:MAX_FIELDS]
        category = _category(options, table)
        assert category is not None
        names, times = names_of(category)
        rows = rows_of(options, own).get(id(table))
        read = [rows.at(row) for row in range(len(names))] if rows is not None else []
        return _ordered(options, Bars(names, own, [one.column.values for one in own], times=times, rows=read))
    values = np.array([_value(one, options.calc) for one in fields], dtype=np.float64)
    return _ordered(options, Bars([one.name for one in fields], fields, [values] if fields else [], of_series=True))


def is_log(options: BarOptions) -> bool:
    """Whether the axis is logarithmic: stacked bars have none."""
    return options.log and options.stack == "none"


def floor_of(values: Sequence[NDArray[np.float64]]) -> float:
    """Where bars of a logarithmic axis begin: the power of ten below the smallest, so that it is seen too."""
    known = np.concatenate(values) if values else np.empty(0)
    known = known[np.isfinite(known) & (known > 0)]
    if not known.size:
        return 1.0
    power = math.floor(math.log10(float(known.min())))
    return float(10.0 ** (power - 1 if known.min() < 2 * 10.0**power else power))


def _hidden(field: ResolvedField) -> bool:
    return isinstance(field.options, BarOptions) and field.options.hide


def _value(field: ResolvedField, calc: str) -> float:
    value = reduce(field.column.values, calc)
    return float("nan") if value is None else value


def _category(options: BarOptions, frame: Frame) -> Any:
    """The column that names the bars of a table: the one that is wanted, else the first of texts, else of times."""
    columns = [one for one in frame.fields if one.kind in ("string", "boolean")]
    if frame.is_table:
        columns += [one for one in frame.fields if one.kind == "time"]
    return next((one for one in columns if options.category in ("", one.name)), None)


def names_of(category: Column) -> tuple[list[str], Sequence[float | None]]:
    """What bars are called, and the instants (ms) among it."""
    if category.kind != "time":
        return ["" if value is None else script_text(value) for value in category.values.tolist()], ()
    times = [None if isinstance(value, str) or not math.isfinite(value) else value for value in category.readable]
    names = [value if isinstance(value, str) else "" for value in category.readable]
    return names, times if any(at is not None for at in times) else ()


def _ordered(options: BarOptions, bars: Bars) -> Bars:
    order = list(range(len(bars.names)))
    if options.sort == "name":
        order.sort(key=lambda index: (bars.times[index] or 0.0) if bars.times else 0.0)
        order.sort(key=lambda index: natural_key(bars.names[index]))
    elif options.sort and bars.values:
        total = np.sum([np.nan_to_num(one) for one in bars.values], axis=0)
        order = np.argsort(-total if options.sort == "-value" else total, kind="stable").tolist()
    order = order[: options.limit]
    fields = [bars.fields[index] for index in order] if bars.of_series else bars.fields
    names = [bars.names[index] for index in order]
    times = [bars.times[index] for index in order] if bars.times else ()
    rows = [bars.rows[index] for index in order] if bars.rows else ()
    return Bars(names, fields, [one[order] for one in bars.values], bars.of_series, len(bars.names), times, rows)
