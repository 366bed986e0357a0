"""Mute timings: recurring times in a named zone at which nothing is told, as Alertmanager's time intervals."""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Annotated, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, Field, field_validator, model_validator

from ...declared import Spec

WEEKDAYS = ("sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday")
MONTHS = tuple(name.lower() for name in calendar.month_name)[1:]
CLOCK = re.compile(r"(?:([01]\d|2[0-3]):([0-5]\d)|(24):(00))")
NUMBER = re.compile(r"-?\d{1,4}")
LONGEST_MONTH = 31
Span = tuple[int, int]


def _ends(text: str) -> tuple[str, str]:
    """The ends of `a:b`, or twice the one that stands alone."""
    first, colon, last = text.strip().lower().partition(":")
    return first.strip(), last.strip() if colon else first.strip()


@lru_cache(maxsize=1024)
def weekdays(text: str) -> Span:
    """`monday:friday`, `saturday`: numbers of days, 0 for Sunday; ValueError."""
    return _named(text, WEEKDAYS, 0, "a day of the week")


@lru_cache(maxsize=1024)
def months(text: str) -> Span:
    """`january:march`, `5:8`, `12`: numbers of months; ValueError."""
    return _named(text, MONTHS, 1, "a month")


def _named(text: str, names: Sequence[str], first: int, what: str) -> Span:
    found = []
    for end in _ends(text):
        if end in names:
            found.append(names.index(end) + first)
        elif first and NUMBER.fullmatch(end) and 1 <= int(end) <= len(names):
            found.append(int(end))
        else:
            raise ValueError(f"{end[:40]!r} is not {what}")
    return _ordered(text, found[0], found[1])


@lru_cache(maxsize=1024)
def days_of_month(text: str) -> Span:
    """`1:5`, `-3:-1`, `15`: days of a month, negative ones from its end; ValueError."""
    first, last = (_number(end, "a day of the month") for end in _ends(text))
    if not all(1 <= abs(one) <= 31 for one in (first, last)):
        raise ValueError(f"{text[:40]!r}: days of a month are 1 to 31, or -31 to -1 from its end")
    if first < 0 < last:
        raise ValueError(f"{text[:40]!r}: a range that begins from the end of the month ends there too")
    _ordered(text, *(one if one > 0 else one + LONGEST_MONTH + 1 for one in (first, last)))
    return first, last


@lru_cache(maxsize=1024)
def years(text: str) -> Span:
    """`2026`, `2026:2028`; ValueError."""
    first, last = (_number(end, "a year") for end in _ends(text))
    return _ordered(text, first, last)


def _number(text: str, what: str) -> int:
    if not NUMBER.fullmatch(text) or not text.isascii():
        raise ValueError(f"{text[:40]!r} is not {what}")
    return int(text)


def _ordered(text: str, first: int, last: int) -> Span:
    if first > last:
        raise ValueError(f"{text[:40]!r}: the earlier end stands first")
    return first, last


def minute_of_day(text: str) -> int:
    """`17:30` as minutes since midnight, `24:00` the end of the day; ValueError."""
    match = CLOCK.fullmatch(text)
    if match is None:
        raise ValueError(f"{text[:40]!r} is not a time of the day such as 08:00 or 24:00")
    return int(match[1] or match[3]) * 60 + int(match[2] or match[4])


def zone_named(name: str) -> ZoneInfo:
    """A zone of the IANA database; ValueError for any other name."""
    try:
        return _zone(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"{name[:60]!r} is not a time zone such as Europe/Berlin") from None


@lru_cache(maxsize=256)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def _check(parse: Callable[[str], object]) -> AfterValidator:
    def checked(text: str) -> str:
        parse(text)
        return text

    return AfterValidator(checked)


Clock = Annotated[str, Field(max_length=5), _check(minute_of_day)]
Weekdays = Annotated[str, Field(max_length=60), _check(weekdays)]
DaysOfMonth = Annotated[str, Field(max_length=20), _check(days_of_month)]
Months = Annotated[str, Field(max_length=60), _check(months)]
Years = Annotated[str, Field(max_length=20), _check(years)]


class Times(Spec):
    """From `start_time` up to `end_time`, which is not in it."""

    start_time: Clock
    end_time: Clock

    @model_validator(mode="after")
    def ordered(self) -> Self:
        if minute_of_day(self.start_time) >= minute_of_day(self.end_time):
            raise ValueError("start_time lies before end_time: a night is two intervals, 22:00 to 24:00 and 00:00 on")
        return self


class Interval(Spec):
    """All that is given holds together, one of each list is enough. `location` names the zone; UTC where it is none."""

    times: list[Times] = Field(
        default_factory=list, max_length=50, description="From and to, e.g. 22:00 to 24:00; a night needs two ranges."
    )
    weekdays: list[Weekdays] = Field(default_factory=list, max_length=50, description="monday:friday")
    days_of_month: list[DaysOfMonth] = Field(
        default_factory=list, max_length=50, description="1:5, or -3:-1 from its end"
    )
    months: list[Months] = Field(default_factory=list, max_length=50, description="january:march")
    years: list[Years] = Field(default_factory=list, max_length=50, description="2026:2028")
    location: str = Field("", max_length=60, description="Time zone, e.g. Europe/Berlin; empty: UTC.")

    @field_validator("location")
    @classmethod
    def a_zone(cls, name: str) -> str:
        if name:
            zone_named(name)
        return name

    def holds(self, at_ms: int) -> bool:
        """Whether an instant lies in it."""
        at = datetime.fromtimestamp(at_ms / 1000, zone_named(self.location) if self.location else UTC)
        minute = at.hour * 60 + at.minute
        tests = (
            [minute_of_day(one.start_time) <= minute < minute_of_day(one.end_time) for one in self.times],
            [_within(years(one), at.year) for one in self.years],
            [_within(months(one), at.month) for one in self.months],
            [_day_within(days_of_month(one), at) for one in self.days_of_month],
            [_within(weekdays(one), (at.weekday() + 1) % 7) for one in self.weekdays],
        )
        return all(any(found) for found in tests if found)


class MuteTiming(Spec):
    """Times at which nothing is told, by the name that policies call them."""

    name: str = Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")
    intervals: list[Interval] = Field(min_length=1, max_length=50)

    def mutes(self, at_ms: int) -> bool:
        """Whether nothing is told at an instant."""
        return any(interval.holds(at_ms) for interval in self.intervals)


def _within(span: Span, value: int) -> bool:
    return span[0] <= value <= span[1]


def _day_within(span: Span, at: datetime) -> bool:
    """Ends beyond those of the month are the month's own."""
    last_day = calendar.monthrange(at.year, at.month)[1]
    first, last = (end + last_day + 1 if end < 0 else end for end in span)
    if first > last_day:  # as Alertmanager: such a range is not in this month at all
        return False
    return max(1, first) <= at.day <= min(last_day, last)
