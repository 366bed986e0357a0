"""What the evaluator tells and writes: its figures, and the samples of recording rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from .samples import Sample


class Figures(Protocol):
    """What is counted of evaluations."""

    def evaluated(self, outcome: str, count: int = 1) -> None:
        """Rules that were evaluated, or not: ok, error, missed, failed (not committed)."""

    def committed(self, lag_s: float) -> None:
        """From when a group was due to when all of it was written."""

    def states(self, counts: Mapping[str, int]) -> None:
        """How many instances of this node are in each state."""


class Recorder(Protocol):
    """Writes what recording rules work out."""

    async def write(self, org: int, metric: str, samples: Sequence[Sample], at_ms: int) -> None:
        """Once it returns, the store has them or will; HeliographError where it will not."""
