"""Instants and lengths of time as Go's `time` has them: their texts, their methods, and its layouts of dates.

Source: https://pkg.go.dev/time, and `nextStdChunk` of its format.go. All instants are of UTC.
"""

from __future__ import annotations

import re
from calendar import day_name, month_name
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

SECOND_NS: Final = 1_000_000_000
MS_NS: Final = 1_000_000
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
FIRST_NS: Final = -62_135_596_800 * SECOND_NS  # the year 1, from which Go counts what it rounds
LARGEST_NS: Final = 2**63 - 1
CHUNK: Final = re.compile(
    r"January|Jan(?![a-z])|Monday|Mon(?![a-z])|MST|0[1-6]|002|15|1|2006|__2|_(?=2006)|_2|2|3|4|5|PM|pm"
    r"|[-Z]07(?:0000|:00:00|00|:00)?|[.,](?:0+|9+)(?!\d)"
)


class Named(int):
    """A month or a day of the week: a number that is written as its name. Sunday is the day 0."""

    kind = ""
    names: Sequence[str] = ()

    def __str__(self) -> str:
        return self.names[self]


class Month(Named):
    """1 to 12."""

    kind, names = "time.Month", tuple(month_name)


class Weekday(Named):
    """0 to 6."""

    kind, names = "time.Weekday", (day_name[6], *day_name[:6])


@dataclass(frozen=True, slots=True)
class Instant:
    """A time, in ns since 1970."""

    ns: int

    def __str__(self) -> str:
        return written(self, "2006-01-02 15:04:05.999999999 -0700 MST")

    @property
    def date(self) -> datetime:
        """The same without what is below a second; ValueError before the year 1 and after 9999."""
        try:
            return EPOCH + timedelta(seconds=self.ns // SECOND_NS)
        except OverflowError:
            raise ValueError("the time is out of the years 1 to 9999") from None


class Timestamp(str):
    """The text of an instant, of which the methods of the instant may be called."""

    def __new__(cls, text: str, ns: int) -> Timestamp:
        made = super().__new__(cls, text)
        made.instant = Instant(ns)
        return made

    instant: Instant


@dataclass(frozen=True, slots=True)
class Duration:
    """A length of time in ns."""

    ns: int

    def __str__(self) -> str:
        if self.ns == 0:
            return "0s"
        sign, ns = ("-" if self.ns < 0 else ""), abs(self.ns)
        for unit, size in (("ns", 1), ("µs", 1000), ("ms", MS_NS)):
            if ns < size * 1000:
                return f"{sign}{_decimal(ns, size)}{unit}"
        minutes, rest = divmod(ns, 60 * SECOND_NS)
        hours, minutes = divmod(minutes, 60)
        parts = f"{hours}h{minutes}m" if hours else f"{minutes}m" if minutes else ""
        return f"{sign}{parts}{_decimal(rest, SECOND_NS)}s"


def _decimal(ns: int, size: int) -> str:
    whole, rest = divmod(ns, size)
    return f"{whole}." + f"{rest:0{len(str(size)) - 1}d}".rstrip("0") if rest else str(whole)


def written(at: Instant, layout: str) -> str:
    """`Format`: the instant in a layout such as `2006-01-02 15:04`."""
    date = at.date

    def chunk(match: re.Match[str]) -> str:
        said = match[0]
        if said[0] in ".,":
            return _fraction(at.ns % SECOND_NS, said)
        if said[0] in "-Z" and len(said) > 1:
            return "Z" if said[0] == "Z" else "+" + said[1:].replace("7", "0")
        return CHUNKS[said](date)

    return CHUNK.sub(chunk, layout)


def _fraction(ns: int, said: str) -> str:
    digits = f"{ns:09d}"[: len(said) - 1].ljust(len(said) - 1, "0")
    if said[1] == "0":
        return said[0] + digits
    return said[0] + shorter if (shorter := digits.rstrip("0")) else ""


CHUNKS: Final[Mapping[str, Callable[[datetime], str]]] = {
    "January": lambda at: month_name[at.month],
    "Jan": lambda at: month_name[at.month][:3],
    "Monday": lambda at: day_name[at.weekday()],
    "Mon": lambda at: day_name[at.weekday()][:3],
    "MST": lambda _at: "UTC",
    "01": lambda at: f"{at.month:02d}",
    "02": lambda at: f"{at.day:02d}",
    "03": lambda at: f"{at.hour % 12 or 12:02d}",
    "04": lambda at: f"{at.minute:02d}",
    "05": lambda at: f"{at.second:02d}",
    "06": lambda at: f"{at.year % 100:02d}",
    "002": lambda at: f"{at.timetuple().tm_yday:03d}",
    "15": lambda at: f"{at.hour:02d}",
    "1": lambda at: str(at.month),
    "2006": lambda at: f"{at.year:04d}",
    "_": lambda _at: "_",
    "__2": lambda at: f"{at.timetuple().tm_yday:3d}",
    "_2": lambda at: f"{at.day:2d}",
    "2": lambda at: str(at.day),
    "3": lambda at: str(at.hour % 12 or 12),
    "4": lambda at: str(at.minute),
    "5": lambda at: str(at.second),
    "PM": lambda at: "PM" if at.hour >= 12 else "AM",
    "pm": lambda at: "pm" if at.hour >= 12 else "am",
}


def _moved(at: Instant, years: int, months: int, days: int) -> Instant:
    """`AddDate`: a day that a month does not have is one of the next."""
    year, month = divmod(at.date.year * 12 + at.date.month - 1 + years * 12 + months, 12)
    try:
        first = datetime(year, month + 1, 1, tzinfo=UTC) + timedelta(days=at.date.day - 1 + days)
    except (ValueError, OverflowError):
        raise ValueError("the time is out of the years 1 to 9999") from None
    return Instant(round((first - EPOCH).total_seconds()) * SECOND_NS + at.ns % (86_400 * SECOND_NS))


def _truncated(ns: int, to: int) -> int:
    """Towards zero."""
    return ns if to <= 0 else ns - (abs(ns) % to) * (1 if ns > 0 else -1)


def _rounded(ns: int, to: int) -> int:
    """To the nearest, halves away from zero."""
    return ns if to <= 0 else (abs(ns) + to // 2 + to % 2) // to * to * (1 if ns > 0 else -1)


# The kinds of their arguments stand behind each method.
INSTANT: Final[Mapping[str, tuple[Callable[..., Any], tuple[type, ...]]]] = {
    "Format": (written, (str,)),
    "String": (str, ()),
    "Unix": (lambda at: at.ns // SECOND_NS, ()),
    "UnixMilli": (lambda at: at.ns // MS_NS, ()),
    "UnixMicro": (lambda at: at.ns // 1000, ()),
    "UnixNano": (lambda at: at.ns, ()),
    "Year": (lambda at: at.date.year, ()),
    "Month": (lambda at: Month(at.date.month), ()),
    "Day": (lambda at: at.date.day, ()),
    "YearDay": (lambda at: at.date.timetuple().tm_yday, ()),
    "Weekday": (lambda at: Weekday(at.date.isoweekday() % 7), ()),
    "Hour": (lambda at: at.date.hour, ()),
    "Minute": (lambda at: at.date.minute, ()),
    "Second": (lambda at: at.date.second, ()),
    "Nanosecond": (lambda at: at.ns % SECOND_NS, ()),
    "IsZero": (lambda at: at.ns == FIRST_NS, ()),
    "UTC": (lambda at: at, ()),
    "Local": (lambda at: at, ()),
    "Location": (lambda _at: "UTC", ()),
    "Add": (lambda at, by: Instant(at.ns + by.ns), (Duration,)),
    "AddDate": (_moved, (int, int, int)),
    "Sub": (
        lambda at, other: Duration(max(-LARGEST_NS - 1, min(at.ns - other.ns, LARGEST_NS))),
        (Instant,),
    ),
    "Before": (lambda at, other: at.ns < other.ns, (Instant,)),
    "After": (lambda at, other: at.ns > other.ns, (Instant,)),
    "Equal": (lambda at, other: at.ns == other.ns, (Instant,)),
    "Truncate": (lambda at, to: Instant(FIRST_NS + _truncated(at.ns - FIRST_NS, to.ns)), (Duration,)),
    "Round": (lambda at, to: Instant(FIRST_NS + _rounded(at.ns - FIRST_NS, to.ns)), (Duration,)),
}
DURATION: Final[Mapping[str, tuple[Callable[..., Any], tuple[type, ...]]]] = {
    "String": (str, ()),
    "Hours": (lambda length: length.ns / (3600 * SECOND_NS), ()),
    "Minutes": (lambda length: length.ns / (60 * SECOND_NS), ()),
    "Seconds": (lambda length: length.ns / SECOND_NS, ()),
    "Milliseconds": (lambda length: int(length.ns / MS_NS), ()),
    "Microseconds": (lambda length: int(length.ns / 1000), ()),
    "Nanoseconds": (lambda length: length.ns, ()),
    "Abs": (lambda length: Duration(abs(length.ns)), ()),
    "Truncate": (lambda length, to: Duration(_truncated(length.ns, to.ns)), (Duration,)),
    "Round": (lambda length, to: Duration(_rounded(length.ns, to.ns)), (Duration,)),
}
NAMED: Final[Mapping[str, tuple[Callable[..., Any], tuple[type, ...]]]] = {"String": (str, ())}
METHODS: Final = {Instant: INSTANT, Duration: DURATION, Month: NAMED, Weekday: NAMED}


def answer_of(value: Any, name: str, given: Sequence[Any]) -> Any:
    """What a method of an instant, a length of time, a month or a day answers; ValueError where there is none of that
    name, and for what it does not take."""
    if isinstance(value, Timestamp):
        value = value.instant
    method = METHODS.get(type(value), {}).get(name)
    if method is None:
        raise ValueError(f"can't evaluate field {name} in {'nil' if value is None else type(value).__name__}")
    function, kinds = method
    if len(given) != len(kinds):
        raise ValueError(f"wrong number of args for {name}: want {len(kinds)} got {len(given)}")
    return function(value, *(_as(kind, one, name) for kind, one in zip(kinds, given, strict=True)))


def _as(kind: type, value: Any, name: str) -> Any:
    if isinstance(value, Timestamp) and kind is Instant:
        return value.instant
    if kind is Duration and isinstance(value, int) and not isinstance(value, bool):
        return Duration(value)
    if not isinstance(value, kind) or isinstance(value, bool):
        raise ValueError(f"wrong type of value for {name}: {kind.__name__} expected, got {type(value).__name__}")
    return value
