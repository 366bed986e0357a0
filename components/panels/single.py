"""Single values out of frames: of each series its reduced value, of a small table one for each row."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from ...datasources.frame import Frame
from ...datasources.reducers import reduce
from ..fields import FieldOptions, ResolvedField, Shown, resolve

MAX_SINGLES = 60
Calc = Literal["lastNotNull", "last", "firstNotNull", "mean", "min", "max", "sum", "median", "range", "count", "diff"]
NUMBERS: Final = frozenset({"number"})


@dataclass(frozen=True, slots=True)
class Single:
    """A value with its name; `times` and `values` of the series behind it, empty for a row of a table."""

    name: str
    field: ResolvedField
    value: float | None
    times: NDArray[np.float64]
    values: NDArray[np.float64]

    @property
    def shown(self) -> Shown:
        """Its value as words and colour; NaN where it has none."""
        return self.field.show(math.nan if self.value is None else self.value)

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
    return [one for field in resolve(options, frames, kinds=NUMBERS) for one in _of(field, calc)][:MAX_SINGLES]


def _of(field: ResolvedField, calc: str) -> list[Single]:
    time = field.frame.time
    empty = np.empty(0)
    if time is not None:
        return [Single(field.name, field, reduce(field.column.values, calc), time.values, field.column.values)]
    names = next((column for column in field.frame.fields if column.kind == "string"), None)
    if names is None:
        return [Single(field.name, field, reduce(field.column.values, calc), empty, empty)]
    rows = zip(names.values, field.column.values.tolist(), strict=True)
    return [
        Single("" if name is None else str(name), field, None if math.isnan(value) else value, empty, empty)
        for name, value in rows
    ]


def words_of(single: Single) -> dict[str, Any]:
    """What a page needs of a value to write it, and the links of it."""
    shown = single.shown
    links = single.field.links(single.value, time_ms=single.last_ms)
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
