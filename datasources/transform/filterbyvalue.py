"""`filterByValue`: keeps or drops rows by what stands in them."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, Literal

import numpy as np
from pydantic import Field, model_validator

from ...declared import Spec
from ...patterns import parse
from ..scripttext import leading_number, script_text, to_number
from .base import Transformation
from .naming import Naming
from .table import Array, Column, Table, Tables

TestId = Literal[
    "equal", "notEqual", "isNull", "isNotNull", "greater", "greaterOrEqual", "lower", "lowerOrEqual", "between",
    "regex", "substring", "notSubstring",
]  # fmt: skip
COMPARES: Final[Mapping[str, Callable[[Any, Any], Any]]] = {
    "greater": lambda one, other: one > other,
    "greaterOrEqual": lambda one, other: one >= other,
    "lower": lambda one, other: one < other,
    "lowerOrEqual": lambda one, other: one <= other,
}


class Test(Spec):
    """`{"id": "greater", "options": {"value": 5}}`"""

    id: TestId = Field(title="Test", description="How the value is tested.")
    options: dict[str, Any] | None = Field(
        None, title="Compared with", description="What it is compared with: `value`; `from` and `to` of a range."
    )

    @model_validator(mode="after")
    def readable(self) -> Test:
        if self.id == "regex":
            parse(_slashed(self.value))
        return self

    @property
    def value(self) -> Any:
        """What the test compares with, where it has one value."""
        return (self.options or {}).get("value")


class Condition(Spec):
    """A test of the column of a name."""

    fieldName: str | None = Field(None, description="The column.")
    config: Test = Field(title="Test", description="The test of its values.")


class Options(Spec):
    """`match`: whether one condition is enough; `type`: whether what fits stays or goes."""

    filters: list[Condition] | None = Field(None, max_length=100, description="The conditions.")
    type: Literal["include", "exclude"] | None = Field("include", description="Whether the rows that fit stay or go.")
    match: Literal["any", "all"] | None = Field("any", description="Whether one condition is enough.")


def run(tables: Tables, options: Options) -> Sequence[Table]:
    """The rows for which any of the tests holds, or all of them, or the others where it excludes."""
    if not options.filters:
        return tables
    naming = Naming(tables)
    include, every = options.type == "include", options.match == "all"
    return [table.take(_fitting(table, naming, options.filters, every) == include) for table in tables]


def _fitting(table: Table, naming: Naming, conditions: Sequence[Condition], every: bool) -> Array:
    columns = {naming.of(column, table): column for column in table.columns}
    nothing = np.zeros(table.rows, dtype=bool)
    found = [_tested(columns[one.fieldName], one.config) if one.fieldName in columns else nothing for one in conditions]
    fitting: Array = np.logical_and.reduce(found) if every else np.logical_or.reduce(found)
    return fitting


def _tested(column: Column, test: Test) -> Array:
    if test.id in ("isNull", "isNotNull"):
        return column.missing if test.id == "isNull" else ~column.missing
    if test.id in COMPARES or test.id == "between":
        return _compared(column, test)
    if test.id == "regex":
        return _like(column, test.value)
    values = column.readable
    if column.exact is not None and isinstance(test.value, str):  # all digits count
        values = [None if value is None else script_text(value) for value in values]
    held: Array = np.fromiter((_holds(value, test) for value in values), dtype=bool, count=len(column))
    return held


def _compared(column: Column, test: Test) -> Array:
    """A missing value is compared as 0, what is no number with nothing."""
    values = _numbers(column)
    with np.errstate(invalid="ignore"):
        if test.id != "between":
            found: Array = COMPARES[test.id](values, to_number(test.value) if test.value is not None else math.nan)
            return found
        low, high = (_bound((test.options or {}).get(end)) for end in ("from", "to"))
        return (values > low) & (values < high)


def _numbers(column: Column) -> Array:
    if column.is_float:
        return np.where(np.isnan(column.values), 0.0, column.values)
    return np.fromiter((to_number(value) for value in column.listed), dtype=np.float64, count=len(column))


def _bound(value: Any) -> float:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return float(value)
    number = leading_number(value)
    return float(math.trunc(number)) if math.isfinite(number) else number


def _like(column: Column, text: Any) -> Array:
    pattern = parse(_slashed(text))
    texts = [None if value is None else script_text(value) for value in column.listed]
    matched = pattern.matches(["" if one is None else one for one in texts])
    return np.array([one is not None and hit for one, hit in zip(texts, matched, strict=True)], dtype=bool)


def _slashed(text: Any) -> str:
    """A pattern that may match anywhere."""
    return f"/{'undefined' if text is None else text}/"


def _holds(value: Any, test: Test) -> bool:
    wanted = test.value
    if test.id in ("equal", "notEqual"):
        return same(value, wanted) == (test.id == "equal")
    if test.id == "substring":
        inside = bool(value) and bool(wanted) and isinstance(value, str) and str(wanted).lower() in value.lower()
        return inside or wanted == ""
    return bool(value) and bool(wanted) and isinstance(value, str) and str(wanted).lower() not in value.lower()


def same(one: Any, other: Any) -> bool:
    """Whether two values are equal as `==` of JavaScript has it: `"1"` is 1, nothing is only nothing."""
    if one is None or other is None:
        return one is other
    if isinstance(one, str) and isinstance(other, str):
        return one == other
    if isinstance(one, (list, dict)) or isinstance(other, (list, dict)):
        return script_text(one) == script_text(other)
    return to_number(one) == to_number(other)


TRANSFORMATION = Transformation(
    "filterByValue", "Filter data by values", "Keeps or drops rows by what stands in them.", Options, run
)
