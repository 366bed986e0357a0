"""From when to when data of one's own reaches, for a dashboard that does not say its range."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ....datasources.sources.tables import frames_of
from .data import Own, as_table


def span_of(own: Sequence[Own]) -> tuple[int, int] | None:
    """ms of the first and the last instant of all series; None where there is none, or where a function gives them."""
    if any(callable(one.data) for one in own):
        return None
    times = [
        frame.time.values
        for one in own
        for frame in frames_of(as_table(one.data), options=one.options)
        if frame.is_series and frame.time is not None and frame.rows
    ]
    if not times:
        return None
    first, last = min(float(one[0]) for one in times), max(float(one[-1]) for one in times)
    return int(np.floor(first)), int(np.ceil(last)) if last > first else int(first) + 1
