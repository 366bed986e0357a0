"""A range that grows with what was collected: short after a start, its dashboard's own once there is as much."""

from __future__ import annotations

from typing import Final

STEPS_S: Final = (15, 30, 60, 120, 300, 600, 900, 1800, 3600, 3 * 3600, 6 * 3600, 12 * 3600, 24 * 3600)
LEAST_FULL: Final = 2 / 3  # of a range has data when it is chosen
LEAST_REFRESHES: Final = 12  # in a range: fewer are no line


def grown(span_s: float, refresh_s: float, age_s: float) -> tuple[int | None, float | None]:
    """How long a range is that ends now, by the seconds since collecting began; None: as long as it was meant to be.

    Beside it the seconds until it is wider; None where it is no more.
    """
    steps = [one for one in STEPS_S if one < span_s and one >= LEAST_REFRESHES * refresh_s]
    full = [one for one in steps if one * LEAST_FULL <= age_s]
    if not steps or span_s * LEAST_FULL <= age_s:
        return None, None
    chosen = full[-1] if full else steps[0]
    following = next((one for one in steps if one > chosen), span_s)
    return chosen, following * LEAST_FULL - age_s
