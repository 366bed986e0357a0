"""How often a dashboard is asked anew: what may stand in it and in its address."""

from __future__ import annotations

from typing import Final

from ..datasources.steps import interval_ms
from ..errors import InvalidError

MIN_REFRESH_S: Final = 1.0
MAX_REFRESH_S: Final = 86_400.0


def refresh_seconds(text: str) -> float:
    """`5s`, `1m`; `off`, `0` or nothing is 0: no refresh. InvalidError outside of a second to a day."""
    if text in ("", "off", "0"):
        return 0.0
    seconds = interval_ms(text) / 1000
    if not MIN_REFRESH_S <= seconds <= MAX_REFRESH_S:
        raise InvalidError(f"a refresh of {text} is not between 1s and 1d", path="$.refresh")
    return seconds
