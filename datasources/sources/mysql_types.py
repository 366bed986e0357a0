"""MySQL's types as columns of frames: everything comes as the text that the server writes, and keeps its digits."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Final

import numpy as np
from pymysql.constants import FIELD_TYPE as TYPE

from ..frame import Field
from .arrow_columns import DAY_MS, decimal_field, number_field

WHOLE: Final = frozenset({TYPE.TINY, TYPE.SHORT, TYPE.LONG, TYPE.LONGLONG, TYPE.INT24, TYPE.YEAR})
DECIMALS: Final = frozenset({TYPE.DECIMAL, TYPE.NEWDECIMAL})
FLOATS: Final = frozenset({TYPE.FLOAT, TYPE.DOUBLE})
TIMES: Final = frozenset({TYPE.DATETIME, TYPE.TIMESTAMP})
DAYS: Final = frozenset({TYPE.DATE, TYPE.NEWDATE})
BYTES: Final = frozenset(
    {
        TYPE.TINY_BLOB,
        TYPE.MEDIUM_BLOB,
        TYPE.LONG_BLOB,
        TYPE.BLOB,
        TYPE.STRING,
        TYPE.VAR_STRING,
        TYPE.VARCHAR,
        TYPE.GEOMETRY,
    }
)
BINARY: Final = 63  # the character set of what is no text
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
EPOCH_DAY: Final = date(1970, 1, 1).toordinal()
Raw = Sequence[bytes | None]


def fields_of(told: Sequence[Any], rows: Sequence[Sequence[bytes | None]]) -> tuple[Field, ...]:
    """The columns of rows; `told` are the driver's descriptions of fields."""
    return tuple(
        field_of(one.name, one.type_code, one.charsetnr, [row[index] for row in rows]) for index, one in enumerate(told)
    )


def field_of(name: str, kind: int, charset: int, values: Raw) -> Field:
    """A column of MySQL by its type and character set: what is binary as `0x…`, all else as the server writes it."""
    if kind in BYTES and charset == BINARY:
        return Field.string(name, [None if value is None else "0x" + value.hex().upper() for value in values])
    if kind == TYPE.BIT:
        return decimal_field(name, [None if value is None else int.from_bytes(value) for value in values])
    texts = [None if value is None else value.decode("utf-8", "replace") for value in values]
    if kind in WHOLE:
        return decimal_field(name, [None if text is None else int(text) for text in texts])
    if kind in DECIMALS:
        return decimal_field(name, [None if text is None else Decimal(text) for text in texts])
    if kind in FLOATS:
        return number_field(name, np.array([math.nan if text is None else float(text) for text in texts], np.float64))
    if kind in DAYS:
        return Field.time([_day_ms(text) for text in texts], name, texts)
    if kind in TIMES:
        times = [_ms(text) for text in texts]
        return Field.time(
            times, name, [text if math.isnan(ms) else None for ms, text in zip(times, texts, strict=True)]
        )
    return Field.string(name, texts)


def _day_ms(text: str | None) -> float:
    """NaN for `0000-00-00` and its like, which is a day to MySQL alone."""
    try:
        return math.nan if text is None else float((date.fromisoformat(text).toordinal() - EPOCH_DAY) * DAY_MS)
    except ValueError:
        return math.nan


def _ms(text: str | None) -> float:
    """A time in UTC, what is finer than ms cut off."""
    try:
        since = datetime.fromisoformat(text or "").replace(tzinfo=UTC) - EPOCH
    except ValueError:
        return math.nan
    return float(since.days * DAY_MS + since.seconds * 1000 + since.microseconds // 1000)
