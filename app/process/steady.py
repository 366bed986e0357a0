"""A clock that nobody sets: what it says is only good for telling how much time has passed, a machine's sleep too."""

from __future__ import annotations

import time


def steady_s() -> float:
    """Seconds since some moment, the same for all processes of a machine; they never go back and never jump."""
    boot = getattr(time, "CLOCK_BOOTTIME", None)  # Linux; elsewhere time may stand still while the machine sleeps
    return time.monotonic() if boot is None else time.clock_gettime(boot)
