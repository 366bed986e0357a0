"""What is written to the store: samples of named series, and the columns they become."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa

LABEL_SEPARATOR = b"\xff"
SAMPLE_SCHEMA = pa.schema(
    [
        ("org", pa.uint32()),
        ("series", pa.uint64()),
        ("ts", pa.timestamp("ms", tz="UTC")),
        ("value", pa.float64()),
        ("increase", pa.float64()),
        ("elapsed", pa.uint32()),
    ]
)
SERIES_SCHEMA = pa.schema(
    [("org", pa.uint32()), ("id", pa.uint64()), ("name", pa.string()), ("labels", pa.map_(pa.string(), pa.string()))]
)


def load_arrow() -> None:
    """The first array of Python objects has Arrow look for pandas, which takes seconds: call this in a thread."""
    pa.array([None])


@dataclass(frozen=True, slots=True)
class Series:
    """A metric's name and its labels, in the order of label names."""

    name: str
    labels: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(cls, name: str, labels: Mapping[str, str] | None = None) -> Series:
        """With its labels sorted by name, so that equal series are equal."""
        return cls(name, tuple(sorted((labels or {}).items())))

    def identity(self) -> int:
        """64 bits of BLAKE2b over name and labels: every node gives a series the same id without asking."""
        digest = hashlib.blake2b(self.name.encode(), digest_size=8)
        for key, value in self.labels:
            digest.update(LABEL_SEPARATOR + key.encode() + LABEL_SEPARATOR + value.encode())
        return int.from_bytes(digest.digest(), "little")


@dataclass(frozen=True, slots=True)
class Sample:
    """One measurement; `ts_ms` in ms UTC, `value` finite."""

    series: Series
    ts_ms: int
    value: float


Row = tuple[int, int, float, float, int]


def sample_table(org: int, rows: Sequence[Row]) -> pa.Table:
    """Rows of (series id, ms, value, increase, elapsed ms) as the columns of `samples`."""
    columns: list[Sequence[float]] = [[org] * len(rows), *(zip(*rows, strict=True) if rows else ([],) * 5)]
    return pa.Table.from_arrays(
        [pa.array(column, field.type) for column, field in zip(columns, SAMPLE_SCHEMA, strict=True)],
        schema=SAMPLE_SCHEMA,
    )


def series_table(org: int, series: Iterable[tuple[int, Series]]) -> pa.Table:
    """New series as the columns of `series`."""
    known = list(series)
    columns = [
        [org] * len(known),
        [identity for identity, _ in known],
        [one.name for _, one in known],
        [list(one.labels) for _, one in known],
    ]
    return pa.Table.from_arrays(
        [pa.array(column, field.type) for column, field in zip(columns, SERIES_SCHEMA, strict=True)],
        schema=SERIES_SCHEMA,
    )
