"""Frames as bytes for the shared cache: Arrow IPC with zstd, and beside them a small JSON document."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from ..frame import Array, Field, Frame

HEAD = b"heliograph"
OPTIONS = pa.ipc.IpcWriteOptions(compression="zstd")
FIELD_BYTES = 300
OBJECT_BYTES = 64
FALSE, TRUE = "0", "1"


def size_of(frames: Sequence[Frame]) -> int:
    """About how many bytes frames take in memory."""
    columns = [column for frame in frames for column in frame.fields]
    return 200 + sum(
        FIELD_BYTES + (OBJECT_BYTES * len(one) if one.values.dtype == object else one.values.nbytes) for one in columns
    )


def encode(frames: Sequence[Frame], extra: Mapping[str, Any]) -> bytes:
    """One row for each distinct column: its numbers or its texts. Which frame has which stands in the head."""
    rows: dict[int, int] = {}
    columns: list[Field] = []
    described = []
    for frame in frames:
        fields = []
        for field in frame.fields:
            row = rows.setdefault(id(field.values), len(columns))
            if row == len(columns):
                columns.append(field)
            fields.append([field.name, field.kind, dict(field.labels), field.unit, row])
        described.append([frame.name, frame.ref, frame.downsampled, frame.family, frame.absent, fields])
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


def _is_number(field: Field) -> bool:
    return field.values.dtype != object


def _numbers(columns: Sequence[Field]) -> pa.Array:
    lengths = [len(one) if _is_number(one) else 0 for one in columns]
    values = [one.values for one in columns if _is_number(one)]
    joined = np.concatenate(values) if values else np.empty(0)
    return pa.ListArray.from_arrays(np.cumsum([0, *lengths]).astype(np.int32), joined)


def _texts(columns: Sequence[Field]) -> pa.Array:
    rows = [[] if _is_number(one) else [_text(value) for value in one.values.tolist()] for one in columns]
    return pa.array(rows, pa.list_(pa.string()))


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return TRUE if value else FALSE


def _frame(described: Sequence[Any], numbers: pa.ListArray, texts: pa.ListArray) -> Frame:
    name, ref, downsampled, family, absent, fields = described
    columns = tuple(
        Field(called, kind, _values(kind, row, numbers, texts), labels, unit)
        for called, kind, labels, unit, row in fields
    )
    return Frame(columns, name, ref, downsampled, family, absent)


def _values(kind: str, row: int, numbers: pa.ListArray, texts: pa.ListArray) -> Array:
    if kind in ("time", "number"):
        return np.asarray(numbers[row].values.to_numpy())
    found = texts[row].as_py()
    values = np.empty(len(found), dtype=object)
    values[:] = [None if one is None else one == TRUE for one in found] if kind == "boolean" else found
    return values
