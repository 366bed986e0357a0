"""Numbers that are times: seconds, milli-, micro- or nanoseconds since the epoch, told by their size."""

from __future__ import annotations

from typing import Final

import numpy as np

from ..frame import Array

TIME_NAMES: Final = frozenset({"time", "t", "ts", "timestamp"})
LEAST_EPOCH: Final = (
    1e8  # seconds in spring 1973: smaller numbers are temperatures, counts, ids, whatever they are called
)
# Above: ms, µs, ns. Each begins where the coarser unit would be in the year 5138 and the finer one in that of 1973.
FINER_ABOVE: Final = (1e11, 1e14, 1e17)


def epoch_ms(name: str, values: Array) -> Array | None:
    """The instants (ms) that a column stands for by its name and all its values; None where it is no time."""
    if name.lower() not in TIME_NAMES:
        return None
    known = np.abs(values[np.isfinite(values)])
    largest = float(known.max()) if known.size else 0.0
    if largest < LEAST_EPOCH:
        return None
    finer = sum(largest > bound for bound in FINER_ABOVE)
    return np.asarray(values * 1000.0 if finer == 0 else np.floor(values / 1000.0 ** (finer - 1)))
