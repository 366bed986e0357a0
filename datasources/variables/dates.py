"""The format `date` of variables: a time in ms as ISO 8601, in seconds or ms, or after a pattern of Moment's tokens."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
LEADING_INTEGER: Final = re.compile(r"\s*([+-]?[0-9]+)")
NOON: Final = 12

MONTHS: Final = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
DAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
TOKENS: Final[Mapping[str, Callable[[datetime], str]]] = {
    "YYYY": lambda moment: f"{moment.year:04d}",
    "YY": lambda moment: f"{moment.year % 100:02d}",
    "MMMM": lambda moment: MONTHS[moment.month - 1],
    "MMM": lambda moment: MONTHS[moment.month - 1][:3],
    "MM": lambda moment: f"{moment.month:02d}",
    "M": lambda moment: str(moment.month),
    "DDDD": lambda moment: f"{moment.timetuple().tm_yday:03d}",
    "DDD": lambda moment: str(moment.timetuple().tm_yday),
    "DD": lambda moment: f"{moment.day:02d}",
    "D": lambda moment: str(moment.day),
    "dddd": lambda moment: DAYS[moment.weekday()],
    "ddd": lambda moment: DAYS[moment.weekday()][:3],
    "HH": lambda moment: f"{moment.hour:02d}",
    "H": lambda moment: str(moment.hour),
    "hh": lambda moment: f"{(moment.hour - 1) % NOON + 1:02d}",
    "h": lambda moment: str((moment.hour - 1) % NOON + 1),
    "mm": lambda moment: f"{moment.minute:02d}",
    "m": lambda moment: str(moment.minute),
    "ss": lambda moment: f"{moment.second:02d}",
    "s": lambda moment: str(moment.second),
    "SSS": lambda moment: f"{moment.microsecond // 1000:03d}",
    "A": lambda moment: "AM" if moment.hour < NOON else "PM",
    "a": lambda moment: "am" if moment.hour < NOON else "pm",
    "X": lambda moment: str((moment - EPOCH) // timedelta(seconds=1)),
    "x": lambda moment: str((moment - EPOCH) // timedelta(milliseconds=1)),
    "ZZ": lambda moment: "+0000",
    "Z": lambda moment: "+00:00",
}
# Text in brackets stands as it is; of several tokens the longest is meant.
PATTERN: Final = re.compile(r"\[([^\]]*)\]|" + "|".join(sorted(TOKENS, key=len, reverse=True)))


def write_date(value: str, pattern: str) -> str:
    """The time of `value` (its leading integer, ms since 1970) in UTC; `NaN` where there is no number."""
    number = LEADING_INTEGER.match(value)
    if number is None:
        return "NaN"
    if pattern == "ms":
        return value
    ms = int(number[1])
    if pattern == "seconds":
        return str((ms + 500) // 1000)
    try:
        moment = EPOCH + timedelta(milliseconds=ms)
    except OverflowError:
        return "Invalid date"
    if pattern == "iso":
        return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{ms % 1000:03d}Z"
    return PATTERN.sub(lambda match: match[1] if match[1] is not None else TOKENS[match[0]](moment), pattern)
