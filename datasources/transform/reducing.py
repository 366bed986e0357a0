"""One value of a column, and what that value is called."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Final

import numpy as np
from pydantic import AfterValidator, Field

from ...declared import hint
from ..reducers import FAST, is_reducer, reduced
from ..scripttext import NUMBER
from .table import NUMERIC, Column, Kind

NAMES: Final[Mapping[str, str]] = {
    "lastNotNull": "Last *",
    "last": "Last",
    "firstNotNull": "First *",
    "first": "First",
    "min": "Min",
    "max": "Max",
    "mean": "Mean",
    "median": "Median",
    "variance": "Variance",
    "stdDev": "StdDev",
    "sum": "Total",
    "count": "Count",
    "countAll": "Count all",
    "range": "Range",
    "delta": "Delta",
    "step": "Step",
    "diff": "Difference",
    "logmin": "Min (above zero)",
    "allIsZero": "All Zeros",
    "allIsNull": "All Nulls",
    "changeCount": "Change Count",
    "distinctCount": "Distinct Count",
    "diffperc": "Difference percent",
    "allValues": "All values",
    "uniqueValues": "All unique values",
}
COUNTS: Final = ("count", "distinctCount", "changeCount", "countAll")
TESTS: Final = ("allIsNull", "allIsZero")
ENDS: Final = ("last", "lastNotNull", "first", "firstNotNull")


def _checked(name: str) -> str:
    if not is_reducer(name):
        raise ValueError(f"there is no reducer {name!r}")
    return name


Reducer = Annotated[str, AfterValidator(_checked), Field(json_schema_extra=hint(choices="reducers"))]


def reducer_name(how: str) -> str:
    """What a person reads: `Mean`, `95th %`."""
    return NAMES[how] if how in NAMES else f"{_ordinal(int(how[1:]))} %"


def reduce_column(column: Column, how: str) -> Any:
    """The value of a column; None where there is none."""
    if column.is_float:
        known = column.values[~np.isnan(column.values)]
        if how == "count":
            return int(known.size)
        if how in FAST and known.size:
            return float(FAST[how](known))
    return reduced(column.listed, how, column.kind)


def kind_of_reduced(how: str, kind: Kind) -> Kind:
    """The kind of a column of such values."""
    return "number" if how in COUNTS else "boolean" if how in TESTS else kind


def guessed_kind(name: str, values: Sequence[Any]) -> Kind | None:
    """The kind of values, by the first that is there and by the name of the column; None where nothing says."""
    if name.lower() in ("date", "time"):
        return "time"
    first = next((value for value in values if value is not None), None)
    if isinstance(first, str):
        return "number" if NUMBER.fullmatch(first) else "boolean" if first.lower() in ("true", "false") else "string"
    if isinstance(first, bool):
        return "boolean"
    if isinstance(first, (int, float)):
        return "number"
    return None if first is None else "other"


def _ordinal(number: int) -> str:
    ending = "th" if 10 < number % 100 < 14 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


__all__ = ["COUNTS", "ENDS", "NUMERIC", "TESTS", "Reducer", "guessed_kind", "kind_of_reduced", "reduce_column"]
