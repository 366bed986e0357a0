"""Fewer points of the same picture: which samples of a series are kept. All that is kept is a real sample.

M4 (Jugel et al., VLDB 2014) keeps the first, last, least and greatest sample of each bucket; MinMax the extremes; LTTB
(Steinarsson 2013) the point of each bucket that makes the largest triangle; MinMaxLTTB both. Buckets are equally wide
in time where times are given, else they hold equally many samples.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

import numpy as np
import tsdownsample

from .frame import Array, Frame

KINDS: Final[Mapping[str, Callable[[], Any]]] = {
    "m4": tsdownsample.M4Downsampler,
    "minmax": tsdownsample.MinMaxDownsampler,
    "lttb": tsdownsample.LTTBDownsampler,
    "minmaxlttb": tsdownsample.MinMaxLTTBDownsampler,
}
ALGORITHMS: Final = {name: make() for name, make in KINDS.items()}
LEAST_POINTS: Final = {"m4": 4, "minmax": 2, "lttb": 3, "minmaxlttb": 3}
# M4 wants a multiple of four, MinMax of two.
MULTIPLE: Final = {"m4": 4, "minmax": 2}
BUCKET_LABEL: Final = "le"


def select(values: Array, points: int, times_ms: Array | None = None, algorithm: str = "m4") -> Array:
    """Indices, ascending and each once, of at most `points` samples (but at least those of one bucket); NaN is no
    extreme."""
    multiple = MULTIPLE.get(algorithm, 1)
    wanted = max(points // multiple * multiple, LEAST_POINTS[algorithm])
    if len(values) <= wanted:
        return np.arange(len(values))
    # Where all fall into one bucket, times do not matter, and the library takes none.
    columns = (values,) if times_ms is None or wanted < 2 * multiple else (times_ms.astype(np.int64), values)
    return np.unique(ALGORITHMS[algorithm].downsample(*columns, n_out=wanted))


def thin(frame: Frame, points: int, algorithm: str = "m4") -> Frame:
    """A series with at most `points` samples; tables, histograms and short series as they are."""
    if frame.rows <= max(points, LEAST_POINTS[algorithm]) or not is_thinnable(frame):
        return frame
    assert frame.time is not None
    kept = select(frame.numbers[0].values, points, frame.time.values, algorithm)
    fields = tuple(replace(column, values=column.values[kept]) for column in frame.fields)
    return replace(frame, fields=fields, downsampled=algorithm)


def is_thinnable(frame: Frame) -> bool:
    """One series by itself: the buckets of a histogram belong together at each time."""
    return frame.is_series and len(frame.numbers) == 1 and BUCKET_LABEL not in frame.labels
