"""ClickHouse's own types: what Arrow carries as something else is written by the server, as its FORMAT JSON does.

Arrow brings numbers, times and texts fast. It carries an Enum as its number, an IPv4 as an integer, wide integers and
states as bytes, and arrays as lists of such: these columns the server itself turns into text, in a SELECT around the
query, after it has told the types.
"""

from __future__ import annotations

import asyncio
import json
import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Final, Protocol

import numpy as np
import pyarrow as pa

from ...errors import SourceError
from ...lru import Lru
from ...storage.metrics.columns import float_column
from ..frame import Field
from .arrow_columns import decimal_field, field_of, instants, number_field, texts

ROWS_AT_ONCE: Final = 5000
MAX_KNOWN: Final = 500
KNOWN_FOR_S: Final = 60.0  # a column that is altered to another type is read by the old one for so long at most
WRAPPING: Final = re.compile(r"^(?:Nullable|LowCardinality)\((.*)\)$", re.DOTALL)
CARRIED: Final = re.compile(
    r"^(?:U?Int(?:8|16|32|64)|Float(?:32|64)|Bool|String|Date|Date32|DateTime(?:64)?(?:\(.*\))?|Decimal\d*\(.*\)|Nothing)$"
)
WIDE: Final = re.compile(r"^U?Int(?:128|256)$")
AS_TEXT: Final = re.compile(r"^(?:Enum(?:8|16)?\(.*\)|IPv[46]|UUID|Time(?:64)?(?:\(.*\))?)$", re.DOTALL)
TIME: Final = re.compile(r"^DateTime(?:\(.*\))?$")
ZONE: Final = re.compile(r"'([^']+)'")  # of the clock on which the server reads texts of such a column
NUMBERS: Final = re.compile(r"^(?:BFloat16|Interval\w+)$")
# How FORMAT JSON of a server of today writes, whatever the server's own settings say.
WRITTEN: Final[Mapping[str, Any]] = {
    "output_format_json_quote_64bit_integers": 0,
    "output_format_json_quote_decimals": 0,
    "output_format_json_quote_denormals": 1,
    "output_format_json_named_tuples_as_objects": 1,
    "output_format_json_escape_forward_slashes": 0,
    "date_time_output_format": "simple",
}


@dataclass(frozen=True, slots=True)
class Told:
    """A column as the server tells it; its type without Nullable and LowCardinality."""

    name: str
    type: str

    @property
    def written(self) -> str | None:
        """What the server writes of it (`{}` is the column); None where Arrow carries it as it is."""
        if CARRIED.match(self.type):
            return None
        if WIDE.match(self.type) or AS_TEXT.match(self.type):
            return "toString({})"
        return "toJSONString({})"

    def field(self, column: pa.ChunkedArray) -> Field:
        """The column as a field: times in ms, numbers as floats beside their digits, all else as texts."""
        kind = self.type
        if TIME.match(kind) and pa.types.is_integer(column.type):
            return self._times(float_column(column) * 1000.0)
        if pa.types.is_timestamp(column.type):
            return self._times(instants(column))
        if self.written is None:
            return field_of(self.name, column)
        if WIDE.match(kind):
            return decimal_field(self.name, [None if one is None else int(one) for one in texts(column)])
        if AS_TEXT.match(kind):
            return Field.string(self.name, texts(column))
        if NUMBERS.match(kind):
            found = [_number(one) for one in texts(column)]
            return number_field(self.name, np.array(found, dtype=np.float64))
        return Field.string(self.name, [json_words(one) for one in texts(column)])

    def _times(self, values: Any) -> Field:
        zone = ZONE.search(self.type)
        field = Field.time(values, self.name)
        return field if zone is None else replace(field, config={"zone": zone[1]})


class Ask(Protocol):
    """Sends one SELECT, and has its rows as Arrow."""

    async def __call__(self, sql: str, *, settings: Mapping[str, Any], query_id: str) -> pa.Table: ...


class TypedReader:
    """Asks a server for rows with its own types; what it told of a text is known for a minute."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._known: Lru[str, tuple[float, tuple[Told, ...]]] = Lru(MAX_KNOWN)

    async def read(
        self, ask: Ask, sql: str, *, known_as: str, settings: Mapping[str, Any], query_id: str = "", max_bytes: int = 0
    ) -> tuple[Field, ...]:
        """The columns of one SELECT; more than `max_bytes` are refused. `known_as`: its text without times."""
        told = await self._told(ask, sql, known_as, settings)
        table = await _asked(ask, sql, told, settings, query_id)
        if table.column_names != [one.name for one in told]:  # a table was altered meanwhile
            self._known.drop(known_as)
            told = await self._told(ask, sql, known_as, settings)
            table = await _asked(ask, sql, told, settings, query_id)
        if max_bytes and table.nbytes > max_bytes:  # the server does not count constants
            raise SourceError(f"the query answers more than {max_bytes} bytes")
        if table.num_rows <= ROWS_AT_ONCE:
            return fields_of(table, told)
        return await asyncio.to_thread(fields_of, table, told)

    async def _told(self, ask: Ask, sql: str, known_as: str, settings: Mapping[str, Any]) -> tuple[Told, ...]:
        kept = self._known.get(known_as)
        if kept is not None and self._clock() - kept[0] < KNOWN_FOR_S:
            return kept[1]
        described = await ask(f"DESCRIBE TABLE (\n{sql}\n)", settings=settings, query_id="")
        told = tuple(
            Told(str(name), bare(str(kind)))
            for name, kind in zip(
                described.column("name").to_pylist(), described.column("type").to_pylist(), strict=True
            )
        )
        self._known.put(known_as, (self._clock(), told))
        return told


async def _asked(ask: Ask, sql: str, told: Sequence[Told], settings: Mapping[str, Any], query_id: str) -> pa.Table:
    asked = around(sql, told)
    return await ask(asked, settings=settings if asked == sql else {**settings, **WRITTEN}, query_id=query_id)


def fields_of(table: pa.Table, told: Sequence[Told]) -> tuple[Field, ...]:
    """The columns of an answer as fields, in order."""
    return tuple(one.field(table.column(index)) for index, one in enumerate(told))


def around(sql: str, told: Sequence[Told]) -> str:
    """The query as it is, or within one that lets the server write what Arrow cannot carry."""
    if all(one.written is None for one in told):
        return sql
    replaced = ", ".join(
        f"{one.written.format(quoted(one.name))} AS {quoted(one.name)}" for one in told if one.written is not None
    )
    return f"SELECT * REPLACE({replaced}) FROM (\n{sql}\n)"  # noqa: S608 - names are quoted, the rest was judged


def quoted(name: str) -> str:
    """A name as an identifier of SQL, whatever is in it."""
    return "`" + name.replace("\\", "\\\\").replace("`", "\\`") + "`"


def bare(kind: str) -> str:
    """A type without what only says that values may be missing or repeat; SimpleAggregateFunction is what it holds."""
    while (inner := WRAPPING.match(kind)) is not None:
        kind = inner[1]
    if kind.startswith("SimpleAggregateFunction("):
        return bare(kind[len("SimpleAggregateFunction(") : -1].partition(",")[2].strip())
    return kind


def json_words(text: str | None) -> str | None:
    """A value that was written as JSON, for reading: texts without their quotes, all else as it stands."""
    if text is None or text == "null":
        return None
    if text.startswith('"'):
        return str(json.loads(text, strict=False))
    return text


def _number(text: str | None) -> float:
    words = json_words(text)
    return math.nan if words is None else float(Decimal(words))
