"""How long one waits before trying again: pure functions of how often, and how, it went wrong."""

from __future__ import annotations

from dataclasses import dataclass

FIRST_WAIT_S = 0.1
LONGEST_WAIT_S = 15.0
HEALTHY_AFTER_S = 4.0


@dataclass(frozen=True, slots=True)
class Backoff:
    """The waits so far. A process that lived for HEALTHY_AFTER_S starts from the first wait again."""

    failures: int = 0

    def after(self, lived_s: float) -> tuple[Backoff, float]:
        """The state after a process that lived this long died, and the seconds to wait before the next start."""
        failures = 0 if lived_s >= HEALTHY_AFTER_S else self.failures
        wait_s = min(LONGEST_WAIT_S, FIRST_WAIT_S * 2**failures)
        return Backoff(failures + 1), wait_s


def spread_s(failures: int, first_s: float, longest_s: float, chance: float) -> float:
    """The seconds before a next try after so many failures: doubled each time, and half of it left to `chance` (0 to
    1), so that those who failed together do not come back together.
    """
    whole_s = min(longest_s, first_s * 2.0 ** min(failures, 60))
    return whole_s * (0.5 + chance / 2)
