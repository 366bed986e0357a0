"""A moment as a document of the API has it: ms since the epoch, or ISO 8601."""

from __future__ import annotations

from typing import Annotated, Any, Final

from pydantic import BeforeValidator, Field

from ..errors import InvalidError
from .datemath import parse_time

LAST_MS: Final = 253_402_300_799_000  # the end of the year 9999
FORM: Final = "ms since the epoch, or a time in ISO 8601"


def _as_ms(value: Any) -> Any:
    """A text as ms; anything else as it is. ValueError for one that is no time, or depends on when it is read."""
    if not isinstance(value, str):
        return value
    try:
        if "now" in value:
            raise ValueError(FORM)
        return parse_time(value, 0)
    except InvalidError:
        raise ValueError(FORM) from None


Moment = Annotated[int, BeforeValidator(_as_ms), Field(ge=0, le=LAST_MS, description=FORM)]
