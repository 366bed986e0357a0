"""The expression language of times: `now-6h`, `now/d`, `2026-02-03||+1d/d`, as users of Grafana know it."""

from __future__ import annotations

import calendar
import contextlib
import re
from datetime import UTC, date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ..errors import InvalidError, naming
from .timerange import TimeRange

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
MAX_YEAR: Final = 9998
UNITS: Final = "yQMwdhms"
MS: Final = {"s": 1000, "m": 60_000, "h": 3_600_000}
MONTHS: Final = {"y": 12, "Q": 3, "M": 1}
DAYS: Final = {"w": 7, "d": 1}
DIGITS: Final = frozenset("0123456789")
MAX_LENGTH: Final = 100  # of a text; a longer one is no time
MAX_DIGITS: Final = 5  # of a count; a longer one is refused
WEEK_DAYS: Final = {"monday": 0, "saturday": 5, "sunday": 6}
EPOCH_MS: Final = re.compile(r"^-?\d{1,15}$")
TYPED: Final = re.compile(
    r"^(\d{4})[-/.](\d{1,2})(?:[-/.](\d{1,2}))?(?:[T ,]\s*(\d{1,2})(?::(\d{1,2})(?::(\d{1,2})(?:[.,](\d{1,9}))?)?)?)?$",
    re.ASCII,
)
SECONDS: Final = re.compile(r"\d{10,11}")  # as ms they are days of the years 1970 to 1973
AGO: Final = re.compile(r"now(?:-(\d{1,5})([hms]))?\Z", re.ASCII)  # what nearly all ranges are made of
ISO: Final = re.compile(
    r"^(?P<date>\d{4}-\d{2}-\d{2}|\d{4}-\d{3}|\d{4}-W\d{2}(?:-\d)?|\d{8}|\d{4}-\d{2}|\d{4})"
    r"(?:[T ](?P<time>\d{2}(?::?\d{2}(?::?\d{2}(?:[.,]\d{1,9})?)?)?)(?P<zone>Z|[+-]\d{2}(?::?\d{2})?)?)?$"
)


def zone_of(name: str) -> ZoneInfo:
    """The zone of an IANA name (`utc` too); InvalidError for any other."""
    try:
        return ZoneInfo("UTC" if name.lower() in ("utc", "") else name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise InvalidError(f"there is no time zone {name}", path="$.tz") from None


def parse_time(
    text: str | int | float,
    now_ms: int,
    *,
    zone: str = "UTC",
    round_up: bool = False,
    week_start: str = "sunday",
    fiscal_start: int = 0,
) -> int:
    """Any way to write a time, as ms since the epoch; InvalidError where it is none.

    Numbers and digits are ms since the epoch; ISO 8601 without an offset is read in `zone`; all else is an expression.
    """
    text = str(text).strip()
    if ago := AGO.match(text):
        zone_of(zone)
        return now_ms - int(ago[1]) * MS[ago[2]] if ago[1] else now_ms
    if EPOCH_MS.match(text) and not _is_day(text):
        return int(text)
    parsed = (
        None
        if len(text) > MAX_LENGTH
        else evaluate(
            text, now_ms, zone=zone, round_up=round_up, week_start=week_start, fiscal_start=fiscal_start, text_zone=zone
        )
    )
    if parsed is None and len(text) <= MAX_LENGTH:
        parsed = _typed(text, zone)
    if parsed is None:
        raise InvalidError(
            f"{text[:MAX_LENGTH]!r} is not a time: ms since the epoch, ISO 8601, or an expression such as now-6h"
        )
    return parsed


def _typed(text: str, zone: str) -> int | None:
    """A time as people type it, as ms: `2026/3/14 4:00`; the time picker reads the same."""
    match = TYPED.match(text)
    if match is None:
        return None
    year, month, day, hour, minute, second, fraction = match.groups()
    with contextlib.suppress(_NotATimeError):
        clock = f"{hour or 0:0>2}:{minute or 0:0>2}:{second or 0:0>2}.{fraction or 0}"
        return parse_iso(f"{year}-{month:0>2}-{day or 1:0>2}T{clock}", zone)
    return None


def written_time(text: str) -> str:
    """A time as it is given from outside: digits that are seconds, as many tools write them, become ms."""
    text = text.strip()
    return f"{text}000" if SECONDS.fullmatch(text) else text


def _is_day(digits: str) -> bool:
    """Whether eight digits are a day of a calendar and no number: 20260314, not 32400000."""
    if len(digits) != 8 or not 1900 <= int(digits[:4]) < 2200:
        return False
    try:
        date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return False
    return True


def parse_range(from_text: str | int, to_text: str | int, now_ms: int, zone: str = "UTC") -> TimeRange:
    """The range between two times; InvalidError naming the fault where one is none, or it ends before it starts."""
    with naming("$.from"):
        start = parse_time(from_text, now_ms, zone=zone)
    with naming("$.to"):
        end = parse_time(to_text, now_ms, zone=zone, round_up=True)
    if start > end:
        raise InvalidError("the range ends before it starts", path="$.from")
    return TimeRange(start, end)


def evaluate(
    text: str,
    now_ms: int,
    *,
    zone: str = "UTC",
    round_up: bool = False,
    week_start: str = "sunday",
    fiscal_start: int = 0,
    text_zone: str = "UTC",
) -> int | None:
    """An expression's instant in ms, or None where it is not valid. `round_up`: `/d` is the end of the day.

    `fiscal_start` counts months from 0; an absolute text without an offset is read in `text_zone`.
    """
    try:
        if text.startswith("now"):
            clock, rest = _Clock.at(now_ms, zone_of(zone)), text[3:]
        else:
            absolute, _, rest = text.partition("||")
            clock = _Clock.at(parse_iso(absolute, text_zone), zone_of(text_zone))
        return clock.run(re.sub(r"\s", "", rest), round_up, WEEK_DAYS[week_start], fiscal_start)
    except (_NotATimeError, OverflowError):
        return None


class _NotATimeError(ValueError):
    pass


def moved_ms(ms: int, count: int, unit: str, zone: str) -> int:
    """An instant moved by so many units of UNITS: days and longer on the wall clock of a zone. InvalidError beyond the
    years that there are."""
    clock = _Clock.at(ms, zone_of(zone))
    try:
        clock.add(count, unit)
        return clock.run("", round_up=False, week_start=0, fiscal_start=0)
    except (_NotATimeError, OverflowError) as error:
        raise InvalidError(f"{count}{unit} from {ms} is no time") from error


def parse_iso(text: str, zone: str = "UTC") -> int:
    """ISO 8601 as ms: calendar, week and ordinal dates, basic and extended; without an offset in `zone`."""
    match = ISO.match(text)
    if match is None:
        raise _NotATimeError(text)
    try:
        day = _iso_date(match["date"])
        local = datetime(day.year, day.month, day.day) + _iso_time(match["time"] or "")  # noqa: DTZ001 - zone follows
        if match["zone"]:
            return _to_ms(local.replace(tzinfo=UTC) - _iso_offset(match["zone"]))
        return _to_ms(local.replace(tzinfo=zone_of(zone)))
    except (ValueError, OverflowError) as error:
        raise _NotATimeError(text) from error


def _iso_date(text: str) -> date:
    if "W" in text:
        year, week, *weekday = text.replace("W", "").split("-")
        return date.fromisocalendar(int(year), int(week), int(weekday[0]) if weekday else 1)
    digits = text.replace("-", "")
    if len(digits) == 7:
        return date(int(digits[:4]), 1, 1) + timedelta(days=_checked(int(digits[4:]), 366) - 1)
    return date(int(digits[:4]), int(digits[4:6] or 1), int(digits[6:8] or 1))


def _checked(value: int, most: int) -> int:
    if not 1 <= value <= most:
        raise ValueError(value)
    return value


def _iso_time(text: str) -> timedelta:
    whole, _, fraction = text.replace(":", "").replace(",", ".").partition(".")
    hours, minutes, seconds = int(whole[:2] or 0), int(whole[2:4] or 0), int(whole[4:6] or 0)
    if hours > 23 or minutes > 59 or seconds > 59:
        raise ValueError(text)
    return timedelta(hours=hours, minutes=minutes, seconds=seconds, milliseconds=int((fraction + "000")[:3]))


def _iso_offset(text: str) -> timedelta:
    if text == "Z":
        return timedelta()
    digits = text[1:].replace(":", "")
    offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:] or 0))
    return -offset if text[0] == "-" else offset


def _to_ms(moment: datetime) -> int:
    return (moment.astimezone(UTC) - EPOCH) // timedelta(milliseconds=1)


class _Clock:
    """An instant in a zone that moves by units: days and longer on the wall clock, shorter ones on the time line."""

    def __init__(self, ms: int, zone: ZoneInfo) -> None:
        self._ms = ms
        self._zone = zone

    @classmethod
    def at(cls, ms: int, zone: ZoneInfo) -> _Clock:
        return cls(ms, zone)

    def run(self, steps: str, round_up: bool, week_start: int, fiscal_start: int) -> int:
        position = 0
        while position < len(steps):
            operator, position = steps[position], position + 1
            if operator not in "/+-":
                raise _NotATimeError(steps)
            count, position = _count(steps, position)
            fiscal = steps[position : position + 1] == "f"
            unit = steps[position + fiscal : position + fiscal + 1]
            position += 1 + fiscal
            if not unit or unit not in UNITS or (operator == "/" and count != 1):
                raise _NotATimeError(steps)
            if operator != "/":
                self.add(count if operator == "+" else -count, unit)
            elif fiscal and unit in "yQ":
                self.round_fiscal(unit, round_up, fiscal_start)
            elif not fiscal:
                self.round(unit, round_up, week_start)
        return self._ms

    def add(self, count: int, unit: str) -> None:
        if unit in MS:
            self._ms += count * MS[unit]
            return
        local = self._local()
        if unit in DAYS:
            self._set(local + timedelta(days=count * DAYS[unit]))
        else:
            self._set(_add_months(local, count * MONTHS[unit]))

    def round(self, unit: str, up: bool, week_start: int) -> None:
        if unit in MS:
            self._round_short(MS[unit], up)
            return
        start = self._start(unit, week_start)
        self._set(start)
        if up:
            self.add(1, unit)
            self._ms -= 1

    def round_fiscal(self, unit: str, up: bool, fiscal_start: int) -> None:
        local = self._local()
        months = (local.month - 1 - fiscal_start + 12) % MONTHS[unit]
        self._set(_add_months(local.replace(day=1, hour=0, minute=0, second=0, microsecond=0), -months))
        if up:
            self.add(MONTHS[unit], "M")
            self._ms -= 1

    def _round_short(self, length_ms: int, up: bool) -> None:
        offset = self._offset_ms()
        self._ms -= (self._ms + offset) % length_ms
        if up:
            self._ms += length_ms - 1

    def _start(self, unit: str, week_start: int) -> datetime:
        midnight = self._local().replace(hour=0, minute=0, second=0, microsecond=0)
        if unit == "w":
            return midnight - timedelta(days=(midnight.weekday() - week_start) % 7)
        if unit == "d":
            return midnight
        month = {"M": midnight.month, "Q": (midnight.month - 1) // 3 * 3 + 1, "y": 1}[unit]
        return midnight.replace(month=month, day=1)

    def _offset_ms(self) -> int:
        offset = self._aware().utcoffset()
        assert offset is not None
        return offset // timedelta(milliseconds=1)

    def _aware(self) -> datetime:
        return (EPOCH + timedelta(milliseconds=self._ms)).astimezone(self._zone)

    def _local(self) -> datetime:
        return self._aware().replace(tzinfo=None)

    def _set(self, local: datetime) -> None:
        if not 1 < local.year < MAX_YEAR:
            raise _NotATimeError(str(local))
        self._ms = _to_ms(local.replace(tzinfo=self._zone, fold=0))


def _count(steps: str, position: int) -> tuple[int, int]:
    """The number at a position, 1 where there is none, and where it ends."""
    start = position
    while steps[position : position + 1] in DIGITS:
        position += 1
        if position - start > MAX_DIGITS:
            raise _NotATimeError(steps)
    return (int(steps[start:position]) if position > start else 1), position


def _add_months(local: datetime, count: int) -> datetime:
    """The same day of another month, or that month's last."""
    index = local.year * 12 + local.month - 1 + count
    year, month = divmod(index, 12)
    if not 1 < year < MAX_YEAR:
        raise _NotATimeError(str(year))
    day = min(local.day, calendar.monthrange(year, month + 1)[1])
    return local.replace(year=year, month=month + 1, day=day)
