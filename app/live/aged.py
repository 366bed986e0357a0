"""An address ages: what cannot be taken from it any more is left out with a notice, and the dashboard opens."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from ...components.refresh import refresh_seconds
from ...components.spec import BROWSER_ZONE, SOME_TIME_MS, Dashboard
from ...datasources.datemath import parse_range, parse_time, written_time, zone_of
from ...datasources.timerange import TimeRange
from ...datasources.variables.adhoc import NONE as NO_FILTERS
from ...datasources.variables.formats import ALL_TEXT, ALL_VALUE
from ...datasources.variables.resolve import Resolved
from ...errors import InvalidError
from .address import Address
from .grown import grown

CALENDAR: Final = re.compile(r"/f?[a-zA-Z]")
FALLBACK: Final = ("now-6h", "now")
AUTO: Final = "auto"
AUTO_STEPS: Final = 500  # of a range, for each of which a refresh of `auto` looks again
LEAST_AUTO_S, MOST_AUTO_S = 5, 900
MOST_SHOWN = 40  # characters of a text that a notice repeats


@dataclass(frozen=True, slots=True)
class Readable:
    """An address of which all can be taken; `zone` is that of what is shown: an IANA name, or the browser's."""

    address: Address
    zone: str
    notices: tuple[str, ...]
    zoned: bool = False  # whether a query names the zone
    widens_in_s: float | None = None  # for a range that grows: when it is longer

    @property
    def rounds(self) -> bool:
        """Whether the range, or a query, depends on the zone."""
        return self.zoned or bool(CALENDAR.search(self.address.from_text + self.address.to_text))


def readable(address: Address, dashboard: Dashboard, now_ms: int, since_ms: int = 0) -> Readable:
    """The same address without what is none: its range as texts, its refresh as one that dashboards have.

    `since_ms`: when this node began to collect, for ranges that grow from then on.
    """
    notices: list[str] = []
    zone = _zone(address.zone, dashboard.timezone, notices)
    rounding = zone if zone != BROWSER_ZONE else _known_zone(address.browser_zone)
    from_text, to_text = _range(address, dashboard, now_ms, rounding, notices)
    refresh = _refresh(address.refresh, dashboard.refresh, parse_range(from_text, to_text, now_ms, rounding), notices)
    from_text, widens_in_s = _grown(address, dashboard, from_text, to_text, (now_ms - since_ms) / 1000)
    taken = replace(address, from_text=from_text, to_text=to_text, refresh=refresh, zone=rounding, browser_zone="")
    return Readable(taken, zone, tuple(notices), widens_in_s=widens_in_s)


def _grown(
    address: Address, dashboard: Dashboard, from_text: str, to_text: str, age_s: float
) -> tuple[str, float | None]:
    """The beginning of the dashboard's own range, where that grows and nobody chose another."""
    if not dashboard.time.grows or to_text != "now" or address.from_text or address.to_text or "/" in from_text:
        return from_text, None
    span_s = parse_range(from_text, to_text, SOME_TIME_MS).span_ms / 1000
    seconds, widens_in_s = grown(span_s, refresh_seconds(dashboard.refresh), age_s)
    return (from_text if seconds is None else _ago(seconds)), widens_in_s


def _ago(seconds: int) -> str:
    """As people write it, which is what the range is called by."""
    unit, size = next(one for one in (("h", 3600), ("m", 60), ("s", 1)) if seconds % one[1] == 0)
    return f"now-{seconds // size}{unit}"


def _zone(asked: str, own: str, notices: list[str]) -> str:
    own = own if _known_zone(own) or own == BROWSER_ZONE else ""
    if asked and asked != BROWSER_ZONE and not _known_zone(asked):
        notices.append(f"There is no time zone {_short(asked)}.")
        asked = ""
    return asked or own or BROWSER_ZONE


def _known_zone(name: str) -> str:
    try:
        return zone_of(name).key if name else ""
    except InvalidError:
        return ""


def _range(address: Address, dashboard: Dashboard, now_ms: int, zone: str, notices: list[str]) -> tuple[str, str]:
    """The two ends as texts that name a range."""
    own = _in_order(dashboard.time.from_, dashboard.time.to, now_ms, zone) or FALLBACK
    asked = {"from": written_time(address.from_text), "to": written_time(address.to_text)}
    for name, text in asked.items():
        if text and not _is_time(text, now_ms, zone):
            notices.append(f"{name}={_short(text)} is no time.")
            asked[name] = ""
    if not asked["from"] and not asked["to"]:
        return own
    from_text, to_text = asked["from"] or own[0], asked["to"] or "now"
    found = _in_order(from_text, to_text, now_ms, zone)
    if found is None or (not asked["from"] and found[0] != from_text):
        notices.append(f"No range ends at {_short(to_text)}.")
        return own
    if found[0] != from_text:
        notices.append("The range ended before it began: its ends are exchanged.")
    return found


def _is_time(text: str, now_ms: int, zone: str) -> bool:
    try:
        parse_time(text, now_ms, zone=zone)
    except InvalidError:
        return False
    return True


def _in_order(from_text: str, to_text: str, now_ms: int, zone: str) -> tuple[str, str] | None:
    """Two times so that the second is not before the first; None where they are no range either way."""
    for start, end in ((from_text, to_text), (to_text, from_text)):
        with contextlib.suppress(InvalidError):
            parse_range(start, end, now_ms, zone)
            return start, end
    return None


def _refresh(asked: str, own: str, range_: TimeRange, notices: list[str]) -> str:
    if asked == AUTO:
        seconds = max(LEAST_AUTO_S, min(MOST_AUTO_S, round(range_.span_ms / 1000 / AUTO_STEPS)))
        return own if _is_refresh(own) and own not in ("", "off", "0") else f"{seconds}s"
    if not asked or _is_refresh(asked):
        return asked
    notices.append(f"refresh={_short(asked)} is no refresh: it is a time such as 5s or 1m, or off.")
    return ""


def _is_refresh(text: str) -> bool:
    try:
        refresh_seconds(text)
    except InvalidError:
        return False
    return True


def lost_values(variables: Sequence[Resolved], address: Address) -> tuple[str, ...]:
    """What to say of the values of an address that are no option of their variable any more."""
    given = dict(address.variables)
    notices = []
    for one in variables:
        everything = (ALL_TEXT, ALL_VALUE, one.variable.all_value)
        asked = [value for value in given.get(one.variable.name, ()) if value not in ("", NO_FILTERS)]
        if one.error or one.variable.type in ("textbox", "constant") or any(value in everything for value in asked):
            continue
        names = [option.text for option in one.options if option.value in one.current]  # of data sources
        lost = [value for value in asked if value not in (*one.current, *names)]
        if lost:
            label = one.variable.label or one.variable.name
            notices.append(f"{label} has no value {', '.join(map(_short, lost[:3]))}.")
    return tuple(notices)


def _short(text: str) -> str:
    return text if len(text) <= MOST_SHOWN else f"{text[:MOST_SHOWN]}…"
