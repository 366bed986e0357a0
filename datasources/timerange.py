"""Time ranges: immutable value type over milliseconds since the epoch, UTC."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class TimeRange:
    """From and to in ms since the epoch, both inclusive, `from_ms <= to_ms`."""

    from_ms: int
    to_ms: int

    def __post_init__(self) -> None:
        if self.from_ms > self.to_ms:
            raise ValueError(f"a time range ends before it starts: {self.from_ms} > {self.to_ms}")

    @property
    def span_ms(self) -> int:
        """From its first to its last instant, in ms."""
        return self.to_ms - self.from_ms

    def on_grid(self, step_ms: int) -> TimeRange:
        """The range with both bounds moved down to multiples of the step (`t ≡ 0 mod step`)."""
        return TimeRange(self.from_ms // step_ms * step_ms, self.to_ms // step_ms * step_ms)

    def outwards(self, step_ms: int) -> TimeRange:
        """The smallest range with bounds on the step's grid that holds this one."""
        return TimeRange(self.from_ms // step_ms * step_ms, -(-self.to_ms // step_ms) * step_ms)

    def intersect(self, other: TimeRange) -> TimeRange | None:
        """What both have in common; None where they do not touch."""
        start, end = max(self.from_ms, other.from_ms), min(self.to_ms, other.to_ms)
        return TimeRange(start, end) if start <= end else None
