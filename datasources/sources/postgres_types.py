"""PostgreSQL's types as columns of frames: numbers, times and texts as such, all others in PostgreSQL's own text.

The driver would read an array, a range or an interval as objects of Python. What it need not read the server writes: a
SELECT around the query casts such columns to text. Times come as what the server sends, counts of microseconds or days,
so that infinite ones and years that Python does not know are values like any other.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Final

import asyncpg
import numpy as np
from asyncpg.prepared_stmt import PreparedStatement

from ..frame import Field
from .arrow_columns import DAY_MS, day_text, decimal_field, number_field

NUMBERS: Final = frozenset({"int2", "int4", "int8", "oid", "numeric"})
FLOATS: Final = frozenset({"float4", "float8"})
TIMES: Final = frozenset({"timestamp", "timestamptz"})
TEXTS: Final = frozenset({"text", "varchar", "bpchar", "name", "json", "uuid", "void", "inet", "cidr"})
READ: Final = NUMBERS | FLOATS | TIMES | TEXTS | {"bool", "date"}
COUNTED: Final = ("timestamp", "timestamptz", "date")  # types that come as counts since 2000-01-01
EPOCH_DAYS: Final = 10_957  # of 2000-01-01
EPOCH_US: Final = EPOCH_DAYS * DAY_MS * 1000
DAY_US: Final = DAY_MS * 1000
LAST_DAY, FIRST_DAY = 2**31 - 1, -(2**31)
LAST_US, FIRST_US = 2**63 - 1, -(2**63)
# 0001-01-01 and 9999-12-31: what lies beyond is written by us, since neither Python nor pages have words for it.
NAMED_DAYS: Final = range(-719_162, 2_932_897)


async def count_times(connection: Any) -> None:
    """For a new connection: times and days as the counts that the server sends."""
    for name in COUNTED:
        await connection.set_type_codec(
            name, schema="pg_catalog", encoder=lambda value: value, decoder=lambda value: value[0], format="tuple"
        )


async def readable(connection: Any, statement: PreparedStatement, sql: str) -> PreparedStatement:
    """The statement, or one around it that has all columns in types of READ."""
    told = statement.get_attributes()
    if all(one.type.name in READ for one in told):
        return statement
    names = [f"c{index}" for index in range(len(told))]
    shown = ", ".join(_written(name, one.type.name) for name, one in zip(names, told, strict=True))
    around = f"SELECT {shown} FROM (\n{sql}\n) AS q({', '.join(names)})"  # noqa: S608 - names are ours, the rest was judged
    return await connection.prepare(around)


def _written(name: str, kind: str) -> str:
    if kind in READ:
        return name
    return f"{name}::{'numeric' if kind == 'money' else 'text'}"


def fields_of(
    names: Sequence[str], told: Sequence[asyncpg.Attribute], rows: Sequence[Sequence[Any]]
) -> tuple[Field, ...]:
    """The columns of rows; `told`: their types as they were read."""
    return tuple(
        field_of(name, one.type.name, [row[index] for row in rows])
        for index, (name, one) in enumerate(zip(names, told, strict=True))
    )


def field_of(name: str, kind: str, values: Sequence[Any]) -> Field:
    """A column of PostgreSQL by its type's name."""
    if kind in NUMBERS:
        return decimal_field(name, values)
    if kind in FLOATS:
        return number_field(name, np.array([math.nan if value is None else value for value in values], np.float64))
    if kind == "date":
        return Field.time([_day_ms(value) for value in values], name, [_day(value) for value in values])
    if kind in TIMES:
        zone = "+00" if kind == "timestamptz" else ""
        return Field.time([_ms(value) for value in values], name, [_strange(value, zone) for value in values])
    if kind == "bool":
        return Field.boolean(name, values)
    return Field.string(name, [None if value is None else str(value) for value in values])


def _day_ms(days: int | None) -> float:
    if days is None:
        return math.nan
    if days in (LAST_DAY, FIRST_DAY):
        return math.copysign(math.inf, days)
    return float((days + EPOCH_DAYS) * DAY_MS)


def _day(days: int | None) -> str | None:
    """A day as PostgreSQL writes it."""
    if days is None:
        return None
    if days in (LAST_DAY, FIRST_DAY):
        return "infinity" if days > 0 else "-infinity"
    return _calendar(days + EPOCH_DAYS)


def _calendar(days: int) -> str:
    if days in NAMED_DAYS:
        return str(day_text(days))
    text = str(np.datetime64(days, "D"))
    year, month, day = text.lstrip("-+").split("-")
    signed = -int(year) if text.startswith("-") else int(year)
    return f"{signed:04d}-{month}-{day}" if signed > 0 else f"{1 - signed:04d}-{month}-{day} BC"


def _ms(us: int | None) -> float:
    if us is None:
        return math.nan
    if us in (LAST_US, FIRST_US):
        return math.copysign(math.inf, us)
    return float((us + EPOCH_US) // 1000)


def _strange(us: int | None, zone: str) -> str | None:
    """The text of a time that is no instant of the years 1 to 9999."""
    if us is None:
        return None
    if us in (LAST_US, FIRST_US):
        return "infinity" if us > 0 else "-infinity"
    days, rest = divmod(us + EPOCH_US, DAY_US)
    if days in NAMED_DAYS:
        return None
    day, _, era = _calendar(days).partition(" ")
    clock, _, fraction = str(np.datetime64(rest, "us")).partition("T")[2].partition(".")
    finer = fraction.rstrip("0")
    return f"{day} {clock}{'.' + finer if finer else ''}{zone}{' ' + era if era else ''}"
