"""`calculateField`: a new column out of the others: of a row, of one column, of two."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, Literal

import numpy as np
from pydantic import Field

from ...declared import Spec, hint
from ..reducers import Nulls, reduced
from ..scripttext import leading_number, to_number
from .base import Transformation
from .joinbyfield import joined
from .matchers import Matcher, Matches, by_names, of_kind
from .moving import CumulativeOptions, WindowOptions, cumulated, windowed
from .naming import Naming
from .reducing import Reducer, reducer_name
from .table import Array, Column, Table, Tables, is_gap

Mode = Literal["reduceRow", "cumulativeFunctions", "windowFunctions", "binary", "unary", "index"]


class Reduce(Spec):
    """A calculation over the numbers of each row; `include`: over these columns."""

    reducer: Reducer = Field("sum", description="The calculation.")
    include: list[str] | None = Field(None, description="The columns that are calculated with; empty: all numbers.")
    nullValueMode: Literal["connected", "null", "null as zero"] | None = Field(
        None, description="What missing values count as."
    )


class Operand(Spec):
    """A column, or a number."""

    matcher: Matcher | None = Field(None, description="Which columns.")
    fixed: str | None = Field(None, description="A number, or the name of a column, in place of the matcher.")


class Binary(Spec):
    """Two columns, or a column and a number."""

    left: Operand | str | None = Field(None, description="What stands before the operator.")
    operator: str = Field("+", description="`+`, `-`, `*`, `/`, `**`, `%`, or a comparison such as `>`.")
    right: Operand | str | None = Field(None, description="What stands after it.")
    reducer: str | None = Field(None, description="What older versions of Grafana wrote.")


class Unary(Spec):
    """A function of one column."""

    operator: str = Field("abs", description="`abs`, `exp`, `ln`, `floor`, `ceil`, `round`, …")
    fieldName: str = Field("", description="The column that it is a function of.")


class Index(Spec):
    """The number of the row, or its share of all."""

    asPercentile: bool | None = Field(None, description="As a share of all rows instead of a number.")


def _of(mode: Mode, description: str) -> Any:
    """What only one mode has."""
    return Field(None, description=description, json_schema_extra=hint(when={"mode": [mode]}))


class Options(Spec):
    """`alias`: what the column is called; `replaceFields`: whether it alone stays, with the time."""

    mode: Mode | None = Field("reduceRow", description="What the new column is calculated of.")
    reduce: Reduce | None = _of("reduceRow", "For the mode of rows: a calculation over the numbers of each row.")
    cumulative: CumulativeOptions | None = _of(
        "cumulativeFunctions", "For the cumulative mode: over all rows up to each."
    )
    window: WindowOptions | None = _of("windowFunctions", "For the mode of windows: over a window of rows.")
    binary: Binary | None = _of("binary", "For the binary mode: two columns, or a column and a number.")
    unary: Unary | None = _of("unary", "For the unary mode: a function of one column.")
    index: Index | None = _of("index", "For the mode of the index: the number of each row.")
    alias: str | None = Field(None, description="What the column is called; empty: what it is calculated of.")
    replaceFields: bool | None = Field(None, description="Only the new column stays, with the time.")
    timeSeries: bool | None = Field(None, description="Kept as Grafana wrote it; not read.")


def run(tables: Tables, options: Options) -> Sequence[Table]:
    """Each table with the new column behind its own, or alone (`replaceFields`). Series are joined by time first."""
    mode = options.mode or "reduceRow"
    if options.timeSeries is not False and not (mode == "binary" and _has_number(options)):
        tables = _beside(tables)
    if mode == "index":
        return [_indexed(table, options) for table in tables]
    naming = Naming(tables)
    names = {column.name for table in tables for column in table.columns}
    if mode == "binary" and (kind := _kind_of_left(options)) is not None:
        return _each(tables, options, naming, names, kind)
    found = []
    for table in tables:
        values = _values(table, mode, options, naming, names)
        if values is not None:
            found.append(_added(table, Column(_name(options, mode), "number", values), options))
        elif not options.replaceFields:
            found.append(table)
    return found


def _beside(tables: Tables) -> Tables:
    """Series that have a time of one name as one table."""
    times = [table.time for table in tables]
    names = {None if time is None else time.name for time in times}
    if len(tables) < 2 or None in names or len(names) > 1:
        return tables
    return [joined(tables, by_names([str(names.pop())]), "outer")]


def _has_number(options: Options) -> bool:
    right = options.binary.right if options.binary else None
    text = right.fixed if isinstance(right, Operand) else right
    return text is not None and not math.isnan(to_number(text))


def _values(table: Table, mode: Mode, options: Options, naming: Naming, names: set[str]) -> Array | None:
    if mode == "reduceRow":
        return _rows(table, options.reduce or Reduce(), naming)
    if mode == "unary":
        return _unary(table, options.unary or Unary(), naming)
    if mode == "binary":
        return _binary(table, options.binary or Binary(), naming, names)
    one: CumulativeOptions | WindowOptions = options.window or WindowOptions()
    if mode == "cumulativeFunctions":
        one = options.cumulative or CumulativeOptions()
    matches: Matches = by_names([one.field]) if one.field else of_kind("number")
    column = next((column for column in table.columns if matches(column, table, naming)), None)
    if isinstance(one, WindowOptions):
        one.check()
        return None if column is None else windowed(column, one)
    return None if column is None else cumulated(column, one)


def _rows(table: Table, options: Reduce, naming: Naming) -> Array:
    matches = by_names(options.include) if options.include else of_kind("number")
    columns = [column for column in table.columns if matches(column, table, naming)]
    if options.reducer == "sum" and columns and all(column.is_float for column in columns):
        return np.asarray(np.nansum([column.values for column in columns], axis=0))
    nulls: Nulls = NULLS[options.nullValueMode or "null"]
    how = "countAll" if options.reducer == "count" and not nulls else options.reducer
    rows = zip(*(column.listed for column in columns), strict=True) if columns else ((),) * table.rows
    return _floats([reduced(list(row), how, "number", nulls) for row in rows])


def _floats(values: Sequence[Any]) -> Array:
    plain = [float(value) if isinstance(value, bool) else value for value in values]
    return Column.of("", "number", plain).values


def _unary(table: Table, options: Unary, naming: Naming) -> Array | None:
    found = [one for one in table.columns if one.kind == "number" and naming.of(one, table) == options.fieldName]
    if not found or not len(found[-1]) or options.operator not in (*UNARY, "percent"):
        return None
    values = _numbers(found[-1])
    with np.errstate(all="ignore"):
        if options.operator == "percent":
            total = float(values[np.isfinite(values)].sum())
            return np.asarray(values / (total or 1.0))
        return UNARY[options.operator](values)


def _binary(table: Table, options: Binary, naming: Naming, names: set[str]) -> Array | None:
    left = _operand(table, options.left, naming, names)
    right = _operand(table, options.right, naming, names)
    if left is None or right is None or options.operator not in BINARY:
        return None
    with np.errstate(all="ignore"):
        return BINARY[options.operator](left, right)


def _operand(table: Table, operand: Operand | str | None, naming: Naming, names: set[str]) -> Array | None:
    name, fixed = _meant(operand, names)
    if name is not None:
        column = next((one for one in table.columns if naming.of(one, table) == name), None)
        if column is not None:
            return _numbers(column)
    number = leading_number(fixed if fixed is not None else name or "")
    return None if math.isnan(number) else np.full(table.rows, number)


def _meant(operand: Operand | str | None, names: set[str]) -> tuple[str | None, str | None]:
    """The column or the number that is meant."""
    if isinstance(operand, Operand):
        name = operand.matcher.options if operand.matcher is not None and operand.matcher.id == "byName" else None
        return name, operand.fixed
    text = operand or ""
    return (text, None) if math.isnan(to_number(text)) or text in names else (None, text)


def _numbers(column: Column) -> Array:
    """A missing value counts as 0, a row that is not there as no number."""
    if column.is_float:
        return np.where(np.isnan(column.values) & ~is_gap(column.values), 0.0, column.values)
    return np.fromiter((to_number(value) for value in column.listed), dtype=np.float64, count=len(column))


def _kind_of_left(options: Options) -> str | None:
    left = options.binary.left if options.binary else None
    if isinstance(left, Operand) and left.matcher is not None and left.matcher.id == "byType":
        return str(left.matcher.options)
    return None


def _each(tables: Tables, options: Options, naming: Naming, names: set[str], kind: str) -> list[Table]:
    """The operation with each column of a kind."""
    binary = options.binary or Binary()
    name, fixed = _meant(binary.right, names)
    found = []
    for table in tables:
        right = _operand(table, binary.right, naming, names)
        time = table.time if options.timeSeries is not False else None
        columns = [time] if time is not None else []
        made = 0
        for column in table.columns:
            if not options.replaceFields and column is not time:
                columns.append(column)
            if column.kind == kind and right is not None and binary.operator in BINARY:
                with np.errstate(all="ignore"):
                    values = BINARY[binary.operator](_numbers(column), right)
                called = f"{column.name} {binary.operator} {name if name is not None else fixed}"
                columns.append(column.but(name=called, values=values))
                made += 1
        if made or not options.replaceFields:
            found.append(table.with_columns(columns))
    return found


def _indexed(table: Table, options: Options) -> Table:
    percent = bool(options.index and options.index.asPercentile)
    numbers = np.arange(table.rows, dtype=np.float64)
    column = Column(
        "Row" if options.alias is None else options.alias,
        "number",
        numbers / table.rows if percent and table.rows else numbers,
        config={"unit": "percentunit"} if percent else {},
    )
    return table.with_columns([column] if options.replaceFields else [*table.columns, column])


def _added(table: Table, column: Column, options: Options) -> Table:
    named = column.configured(displayName=options.alias) if options.alias else column
    if not options.replaceFields:
        return table.with_columns([*table.columns, named])
    time = table.time if options.timeSeries is not False else None
    return table.with_columns([named] if time is None else [time, named])


def _name(options: Options, mode: Mode) -> str:
    if options.alias:
        return options.alias
    if mode == "reduceRow":
        return reducer_name(options.reduce.reducer) if options.reduce else "Total" if options.mode else "math"
    if mode == "binary":
        return _binary_name(options.binary or Binary())
    if mode == "unary":
        return _called((options.unary or Unary()).operator, options.unary.fieldName if options.unary else "")
    if mode == "cumulativeFunctions":
        one = options.cumulative
        return _called(f"cumulative {one.reducer if one else ''}", one.field if one else "")
    window = options.window or WindowOptions()
    return _called(f"{window.windowAlignment or ''} moving {window.reducer}", window.field)


def _called(what: str, field: str | None) -> str:
    return f"{what}({field})" if field else what


def _binary_name(options: Binary) -> str:
    texts = []
    for operand in (options.left, options.right):
        name, fixed = _meant(operand, set())
        texts.append(str(name if name is not None else fixed if fixed is not None else ""))
    if not all(texts) or "$" in "".join(texts):
        return ""
    return f"{texts[0]} {options.operator} {texts[1]}"


NULLS: Final[Mapping[str, Nulls]] = {"null": "", "connected": "connected", "null as zero": "null as zero"}
BINARY: Final[Mapping[str, Callable[[Array, Array], Array]]] = {
    "+": np.add,
    "-": np.subtract,
    "*": np.multiply,
    "/": np.divide,
}
UNARY: Final[Mapping[str, Callable[[Array], Array]]] = {
    "abs": np.abs,
    "exp": np.exp,
    "ln": np.log,
    "round": lambda values: np.floor(values + 0.5),
    "floor": np.floor,
    "ceil": np.ceil,
}

TRANSFORMATION = Transformation(
    "calculateField",
    "Add field from calculation",
    "A new column out of the others: of a row, of one column, of two.",
    Options,
    run,
)
