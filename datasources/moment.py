"""Moment's patterns of times: `YYYY-MM-DD HH:mm`, `dddd Do [at] LT`. After Moment.js's documentation, in English.

The page has the same in `moment.js`; both run the cases of `tests/data/moments.json`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Final

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
MAX_DATE_MS: Final = 8_640_000_000_000_000  # of a Date of JavaScript, either way
CYCLE_YEARS: Final = 400  # after which the calendar repeats, days of the week too
CYCLE_MS: Final = 146_097 * 86_400_000
NAMED_MS: Final = range(-60_000_000_000_000, 250_000_000_000_000)  # in which Python knows the year, in every zone
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
DAYS: Final = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")
LONG: Final[Mapping[str, str]] = {
    "LTS": "h:mm:ss A",
    "LT": "h:mm A",
    "LLLL": "dddd, MMMM D, YYYY h:mm A",
    "LLL": "MMMM D, YYYY h:mm A",
    "LL": "MMMM D, YYYY",
    "L": "MM/DD/YYYY",
    "llll": "ddd, MMM D, YYYY h:mm A",
    "lll": "MMM D, YYYY h:mm A",
    "ll": "MMM D, YYYY",
    "l": "M/D/YYYY",
}
LONG_TOKENS: Final = re.compile(r"(\[[^\[]*\])|\\?(LTS|LT|LL?L?L?|l{1,4})")
TOKEN: Final = re.compile(
    r"\[[^\[]*\]|\\?(?:[Hh]mm(?:ss)?|Mo|MM?M?M?|Do|DDDo|DD?D?D?|ddd?d?|do?|wo|ww?|Wo|WW?|Qo?|YYYYYY|YYYYY|YYYY|YY|Y|"
    r"gggg|gg|GGGG|GG|e|E|a|A|hh?|HH?|kk?|mm?|ss?|S{1,9}|x|X|zz?|ZZ?|.)",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Local:
    """An instant on the clock of a zone: `at` has month, day and time, `year` the year, which Python may not know."""

    at: datetime
    year: int
    ms: int

    @classmethod
    def of(cls, ms: int, zone: tzinfo = UTC) -> Local:
        """The instant, in ms since 1970, that a clock there shows."""
        cycles = 0 if ms in NAMED_MS else ms // CYCLE_MS
        at = (EPOCH + timedelta(milliseconds=ms - cycles * CYCLE_MS)).astimezone(zone)
        return cls(at, at.year + cycles * CYCLE_YEARS, ms)


def spelled(pattern: str) -> str:
    """The pattern with its long forms, such as `LT`, written out."""
    return LONG_TOKENS.sub(lambda match: match[1] or (LONG[match[2]] if match[0] == match[2] else match[0]), pattern)


def tokens(pattern: str) -> list[str]:
    """The tokens of a pattern, in order; what stands for itself is among them."""
    return TOKEN.findall(spelled(pattern))


def written(local: Local, pattern: str) -> str:
    """The instant after a pattern. Text in brackets stands as it is."""
    return "".join(_token(local, one) for one in tokens(pattern))


def _token(local: Local, token: str) -> str:
    if token.startswith("[") and len(token) > 1:
        return token[1:-1]
    if token.startswith("\\"):
        return token[1:]
    if token.startswith("S"):
        return f"{local.at.microsecond // 1000:03d}".ljust(9, "0")[: len(token)]
    known = WRITTEN.get(token)
    return token if known is None else known(local)


def _padded(number: int, digits: int) -> str:
    return f"{'-' if number < 0 else ''}{abs(number):0{digits}d}"


def _short(year: int) -> str:
    return f"{'-' if year < 0 else ''}{abs(year) % 100:02d}"


def _ordinal(number: int) -> str:
    ending = "th" if 10 < number % 100 < 14 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


def _offset(local: Local, separator: str) -> str:
    minutes = round((local.at.utcoffset() or timedelta()) / timedelta(minutes=1))
    return f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02d}{separator}{abs(minutes) % 60:02d}"


def _hour(local: Local) -> int:
    return (local.at.hour - 1) % NOON + 1


def _day_of_year(local: Local) -> int:
    return local.at.timetuple().tm_yday


def _iso_year(local: Local) -> int:
    return local.at.isocalendar().year + local.year - local.at.year


def _week(local: Local) -> tuple[int, int]:
    """Year and number of the week as English has it: weeks begin on Sunday, the first is that of 1 January."""
    day = local.at.date()
    saturday = day + timedelta(days=6 - day.isoweekday() % 7)
    first = date(saturday.year, 1, 1)
    begins = first - timedelta(days=first.isoweekday() % 7)
    return saturday.year + local.year - local.at.year, (day - begins).days // 7 + 1


def _zone(local: Local) -> str:
    return local.at.tzname() or ""


WRITTEN: Final[Mapping[str, Callable[[Local], str]]] = {
    "Y": lambda local: _padded(local.year, 4) if local.year <= 9999 else f"+{local.year}",
    "YY": lambda local: _short(local.year),
    "YYYY": lambda local: _padded(local.year, 4),
    "YYYYY": lambda local: _padded(local.year, 5),
    "YYYYYY": lambda local: f"{'-' if local.year < 0 else '+'}{abs(local.year):06d}",
    "Q": lambda local: str((local.at.month + 2) // 3),
    "Qo": lambda local: _ordinal((local.at.month + 2) // 3),
    "M": lambda local: str(local.at.month),
    "Mo": lambda local: _ordinal(local.at.month),
    "MM": lambda local: f"{local.at.month:02d}",
    "MMM": lambda local: MONTHS[local.at.month - 1][:3],
    "MMMM": lambda local: MONTHS[local.at.month - 1],
    "D": lambda local: str(local.at.day),
    "Do": lambda local: _ordinal(local.at.day),
    "DD": lambda local: f"{local.at.day:02d}",
    "DDD": lambda local: str(_day_of_year(local)),
    "DDDo": lambda local: _ordinal(_day_of_year(local)),
    "DDDD": lambda local: f"{_day_of_year(local):03d}",
    "d": lambda local: str(local.at.isoweekday() % 7),
    "do": lambda local: _ordinal(local.at.isoweekday() % 7),
    "dd": lambda local: DAYS[local.at.isoweekday() % 7][:2],
    "ddd": lambda local: DAYS[local.at.isoweekday() % 7][:3],
    "dddd": lambda local: DAYS[local.at.isoweekday() % 7],
    "e": lambda local: str(local.at.isoweekday() % 7),
    "E": lambda local: str(local.at.isoweekday()),
    "w": lambda local: str(_week(local)[1]),
    "wo": lambda local: _ordinal(_week(local)[1]),
    "ww": lambda local: f"{_week(local)[1]:02d}",
    "W": lambda local: str(local.at.isocalendar().week),
    "Wo": lambda local: _ordinal(local.at.isocalendar().week),
    "WW": lambda local: f"{local.at.isocalendar().week:02d}",
    "gg": lambda local: _short(_week(local)[0]),
    "gggg": lambda local: _padded(_week(local)[0], 4),
    "GG": lambda local: _short(_iso_year(local)),
    "GGGG": lambda local: _padded(_iso_year(local), 4),
    "H": lambda local: str(local.at.hour),
    "HH": lambda local: f"{local.at.hour:02d}",
    "h": lambda local: str(_hour(local)),
    "hh": lambda local: f"{_hour(local):02d}",
    "k": lambda local: str(local.at.hour or 24),
    "kk": lambda local: f"{local.at.hour or 24:02d}",
    "hmm": lambda local: f"{_hour(local)}{local.at.minute:02d}",
    "hmmss": lambda local: f"{_hour(local)}{local.at.minute:02d}{local.at.second:02d}",
    "Hmm": lambda local: f"{local.at.hour}{local.at.minute:02d}",
    "Hmmss": lambda local: f"{local.at.hour}{local.at.minute:02d}{local.at.second:02d}",
    "m": lambda local: str(local.at.minute),
    "mm": lambda local: f"{local.at.minute:02d}",
    "s": lambda local: str(local.at.second),
    "ss": lambda local: f"{local.at.second:02d}",
    "A": lambda local: "AM" if local.at.hour < NOON else "PM",
    "a": lambda local: "am" if local.at.hour < NOON else "pm",
    "X": lambda local: str(local.ms // 1000),
    "x": lambda local: str(local.ms),
    "z": _zone,
    "zz": _zone,
    "Z": lambda local: _offset(local, ":"),
    "ZZ": lambda local: _offset(local, ""),
}
