"""Arrow columns as numpy arrays, without pandas, which pyarrow's own ways load in a second."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

# Numbers whose bytes numpy reads as they lie there.
DTYPES: Final[Mapping[pa.DataType, Any]] = {
    pa.int8(): np.int8,
    pa.int16(): np.int16,
    pa.int32(): np.int32,
    pa.int64(): np.int64,
    pa.uint8(): np.uint8,
    pa.uint16(): np.uint16,
    pa.uint32(): np.uint32,
    pa.uint64(): np.uint64,
    pa.float32(): np.float32,
    pa.float64(): np.float64,
}


def float_column(column: pa.ChunkedArray) -> NDArray[np.float64]:
    """A column of numbers as float64, NaN for null."""
    if column.type not in DTYPES:
        column = column.cast(pa.float64(), safe=False)
    return _filled(column, np.float64)


def whole_column(column: pa.ChunkedArray) -> NDArray[Any]:
    """A column of whole numbers, none of them null, in its own type."""
    return _filled(column, DTYPES[column.type])


def present(column: pa.ChunkedArray) -> NDArray[np.bool_]:
    """Which rows are not null."""
    if not column.null_count:
        return np.ones(len(column), np.bool_)
    return np.concatenate([_present(chunk) for chunk in column.chunks])


def _filled(column: pa.ChunkedArray, dtype: Any) -> NDArray[Any]:
    """The chunks behind each other: each number is read once and written once."""
    found: NDArray[Any] = np.empty(len(column), dtype)
    start = 0
    for chunk in column.chunks:
        end = start + len(chunk)
        if end > start:
            _fill(found[start:end], chunk)
        start = end
    return found


def _fill(place: NDArray[Any], chunk: pa.Array) -> None:
    data = chunk.buffers()[1]
    rows = slice(chunk.offset, chunk.offset + len(chunk))
    place[:] = np.frombuffer(data, DTYPES[chunk.type])[rows]
    if chunk.null_count:
        place[~_present(chunk)] = np.nan


def _present(chunk: pa.Array) -> NDArray[np.bool_]:
    if not chunk.null_count:
        return np.ones(len(chunk), np.bool_)
    bits = np.unpackbits(np.frombuffer(chunk.buffers()[0], np.uint8), bitorder="little")
    return bits[chunk.offset : chunk.offset + len(chunk)].astype(np.bool_)
