"""Frames as bytes for the shared cache: Arrow IPC with zstd, and beside them a small JSON document."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from ..frame import Array, Field, Frame, objects

HEAD = b"heliograph 3"  # counts up with the form of the document: what another version wrote is not read
OPTIONS = pa.ipc.IpcWriteOptions(compression="zstd")
FIELD_BYTES = 300
OBJECT_BYTES = 64
FALSE, TRUE = "0", "1"


def size_of(frames: Sequence[Frame]) -> int:
    """About how many bytes frames take in memory, their texts and labels included."""
    columns = [column for frame in frames for column in frame.fields]
    return 200 + sum(
        FIELD_BYTES
        + (OBJECT_BYTES * len(one) if one.values.dtype == object else one.values.nbytes)
        + (OBJECT_BYTES * len(one) if one.exact is not None else 0)
        + _letters(one)
        for one in columns
    )


def _letters(column: Field) -> int:
    """Characters of its labels, and of what it holds where these are texts."""
    labels = sum(map(len, column.labels.values())) if column.labels else 0
    return labels + (sum(map(len, filter(None, column.values.tolist()))) if column.kind == "string" else 0)


def encode(frames: Sequence[Frame], extra: Mapping[str, Any]) -> bytes:
    """One row for each distinct column: its numbers or its texts. Which frame has which stands in the head."""
    rows: dict[int, int] = {}
    columns: list[Array] = []

    def row_of(values: Array) -> int:
        row = rows.setdefault(id(values), len(columns))
        if row == len(columns):
            columns.append(values)
        return row

    described = []
    for frame in frames:
        fields = [
            [
                one.name,
                one.kind,
                dict(one.labels),
                one.unit,
                row_of(one.values),
                None if one.exact is None else row_of(one.exact),
                dict(one.config),
            ]
            for one in frame.fields
        ]
        described.append([frame.name, frame.ref, frame.downsampled, frame.family, frame.absent, frame.is_table, fields])
    head = json.dumps({"frames": described, "extra": extra})
    schema = pa.schema([("n", pa.list_(pa.float64())), ("s", pa.list_(pa.string()))], {HEAD: head.encode()})
    batch = pa.record_batch([_numbers(columns), _texts(columns)], schema=schema)
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, schema, options=OPTIONS) as writer:
        writer.write_batch(batch)
    return bytes(sink.getvalue())


def decode(data: bytes) -> tuple[tuple[Frame, ...], dict[str, Any]] | None:
    """The frames and the document; None for what cannot be read, such as what another version wrote."""
    try:
        with pa.ipc.open_stream(data) as reader:
            head = json.loads(reader.schema.metadata[HEAD])
            batch = reader.read_next_batch()
        numbers, texts = batch.column(0), batch.column(1)
        frames = tuple(_frame(one, numbers, texts) for one in head["frames"])
        return frames, dict(head["extra"])
    except (pa.ArrowException, OSError, ValueError, KeyError, TypeError, IndexError, StopIteration):
        return None


def _is_number(values: Array) -> bool:
    return bool(values.dtype != object)


def _numbers(columns: Sequence[Array]) -> pa.Array:
    lengths = [len(one) if _is_number(one) else 0 for one in columns]
    values = [one for one in columns if _is_number(one)]
    joined = np.concatenate(values) if values else np.empty(0)
    return pa.ListArray.from_arrays(np.cumsum([0, *lengths]).astype(np.int32), joined)


def _texts(columns: Sequence[Array]) -> pa.Array:
    rows = [[] if _is_number(one) else [_text(value) for value in one.tolist()] for one in columns]
    return pa.array(rows, pa.list_(pa.string()))


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return TRUE if value else FALSE


def _frame(described: Sequence[Any], numbers: pa.ListArray, texts: pa.ListArray) -> Frame:
    name, ref, downsampled, family, absent, is_table, fields = described
    columns = tuple(_field(one, numbers, texts) for one in fields)
    return Frame(columns, name, ref, downsampled, family, absent, is_table)


def _field(described: Sequence[Any], numbers: pa.ListArray, texts: pa.ListArray) -> Field:
    name, kind, labels, unit, row, exact, config = described
    beside = None if exact is None else _values("string", exact, numbers, texts)
    return Field(name, kind, _values(kind, row, numbers, texts), labels, unit, beside, config)


def _values(kind: str, row: int, numbers: pa.ListArray, texts: pa.ListArray) -> Array:
    if kind in ("time", "number"):
        return np.asarray(numbers[row].values.to_numpy())
    found = texts[row].as_py()
    return objects([None if one is None else one == TRUE for one in found] if kind == "boolean" else found)
