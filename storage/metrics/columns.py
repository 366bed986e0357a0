"""Arrow columns as numpy arrays, without pandas, which pyarrow's own ways load in a second."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray


def float_column(column: pa.ChunkedArray) -> NDArray[np.float64]:
    """A column of numbers as float64, NaN for null."""
    parts = [_floats(chunk) for chunk in column.cast(pa.float64(), safe=False).chunks if len(chunk)]
    return np.concatenate(parts) if parts else np.empty(0)


def _floats(chunk: pa.DoubleArray) -> NDArray[np.float64]:
    validity, data = chunk.buffers()
    values = np.frombuffer(data, np.float64)[chunk.offset : chunk.offset + len(chunk)]
    if not chunk.null_count:
        return values
    bits = np.unpackbits(np.frombuffer(validity, np.uint8), bitorder="little")
    return np.where(bits[chunk.offset : chunk.offset + len(chunk)] == 1, values, np.nan)
