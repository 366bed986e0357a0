"""Single values out of frames: of each series its reduced value, of a small table one for each row."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from ...datasources.frame import Frame
from ...datasources.reducers import reduce
from ..fields import FieldOptions, ResolvedField, Shown, resolve
from ..link_rows import LinkRows, rows_of
from ..links import Reads
from ..mappings import find

MAX_SINGLES = 60
Calc = Literal["lastNotNull", "last", "firstNotNull", "mean", "min", "max", "sum", "median", "range", "count", "diff"]
NUMBERS: Final = frozenset({"number"})
ENDS: Final = {"lastNotNull": -1, "last": -1, "firstNotNull": 0}  # reducers that give a value as it is


@dataclass(frozen=True, slots=True)
class Single:
    """A value with its name; `times` and `values` of the series behind it, empty for a row of a table, which has what
    reads that row for links."""

    name: str
    field: ResolvedField
    value: float | None
    times: NDArray[np.float64]
    values: NDArray[np.float64]
    row: Reads | None = None
    exact: str | None = None  # its digits, where a float does not hold them

    @property
    def shown(self) -> Shown:
        """Its value as words and colour; NaN where it has none."""
        if self.exact is None:
            return self.field.show(math.nan if self.value is None else self.value)
        shown = self.field.show(self.exact)
        mapped = find(self.exact, self.field.options.mappings)
        as_it_is = self.field.is_plain and (mapped is None or mapped.text is None)
        return replace(shown, text=self.exact) if as_it_is else shown

    @property
    def last_ms(self) -> float | None:
        """The time of its last known value; None for a row of a table."""
        known = np.flatnonzero(np.isfinite(self.values))
        return float(self.times[known[-1]]) if known.size else None

    @property
    def share(self) -> float | None:
        """The place between the bounds, from 0 to 1; None without a value."""
        return None if self.value is None else clamped(self.field.share(self.value))


def singles(options: FieldOptions, frames: Sequence[Frame], calc: str) -> list[Single]:
    """The values of all frames in the order of targets and of their answers, at most MAX_SINGLES."""
    fields = resolve(options, frames, kinds=NUMBERS)
    rows = rows_of(options, fields)
    return [one for field in fields for one in _of(field, calc, rows.get(id(field.frame)))][:MAX_SINGLES]


def _of(field: ResolvedField, calc: str, rows: LinkRows | None) -> list[Single]:
    time = field.frame.time
    empty = np.empty(0)
    if time is not None:
        value = reduce(field.column.values, calc)
        return [Single(field.name, field, value, time.values, field.column.values, exact=_exact(field, calc))]
    names = next((column for column in field.frame.fields if column.kind == "string"), None)
    if names is None:
        row = rows.at(0) if rows is not None and field.frame.rows == 1 else None
        return [Single(field.name, field, reduce(field.column.values, calc), empty, empty, row, _exact(field, calc))]
    pairs = zip(names.values, field.column.values.tolist(), strict=True)
    return [
        Single(
            "" if name is None else str(name),
            field,
            None if math.isnan(value) else value,
            empty,
            empty,
            rows.at(row) if rows is not None else None,
            None if field.column.exact is None else field.column.exact[row],
        )
        for row, (name, value) in enumerate(pairs)
    ]


def _exact(field: ResolvedField, calc: str) -> str | None:
    """The digits of the value that a column comes to, where it is one of its own."""
    known = np.flatnonzero(~np.isnan(field.column.values))
    if field.column.exact is None or calc not in ENDS or not known.size:
        return None
    found: str | None = field.column.exact[known[ENDS[calc]]]
    return found


def words_of(single: Single) -> dict[str, Any]:
    """What a page needs of a value to write it, and the links of it."""
    shown = single.shown
    links = single.field.links(single.value, time_ms=single.last_ms, row=single.row)
    return {
        **({"links": links} if links else {}),
        "name": single.name,
        "prefix": shown.prefix,
        "text": shown.text,
        "suffix": shown.suffix,
        "level": shown.level,
        "color": shown.color,
    }


def clamped(share: float) -> float:
    """A share as it can be drawn, to four digits."""
    return 0.0 if math.isnan(share) else round(min(1.0, max(0.0, share)), 4)
