"""The least and the largest of all numbers, between which values are placed."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cached_property
from typing import Final

import numpy as np

from ..datasources.frame import Frame


class Bounds:
    """Those of frames, looked for once somebody needs them, which most never do; 0 and 100 where there is no number."""

    def __init__(self, frames: Sequence[Frame] = ()) -> None:
        self._frames = frames

    @property
    def low(self) -> float:
        """The least number."""
        return self._found[0]

    @property
    def high(self) -> float:
        """The largest number."""
        return self._found[1]

    @cached_property
    def _found(self) -> tuple[float, float]:
        low, high = math.inf, -math.inf
        for frame in self._frames:
            for column in frame.numbers:
                known = column.values[np.isfinite(column.values)]
                if known.size:
                    low, high = min(low, float(known.min())), max(high, float(known.max()))
        return (low, high) if low <= high else (0.0, 100.0)


PERCENT: Final = Bounds()
