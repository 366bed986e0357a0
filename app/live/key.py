"""What names a view: all that its data depends on, and nothing of who looks at it."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

from ...components.refresh import refresh_seconds
from ...components.spec import BROWSER_ZONE, Dashboard
from ...datasources.datemath import parse_range, zone_of
from ...datasources.timerange import TimeRange
from ...errors import naming
from ...scope import Scope

CALENDAR = re.compile(r"/f?[a-zA-Z]")
STILL_GRID_MS = 5000


@dataclass(frozen=True, slots=True)
class ViewKey:
    """Dashboard version, variable values, range, refresh, scope; the zone only where its calendar counts."""

    org: int
    data_scope: str
    dashboard_id: str
    version: int
    variables: tuple[tuple[str, tuple[str, ...]], ...]
    from_text: str
    to_text: str
    refresh_s: float
    zone: str
    annotations: tuple[str, ...] = ()  # queries that are asked though the dashboard has them off
    saved_ms: int = 0  # when the version was saved: one that was deleted and made anew has the same number
    subject: str = ""  # the dashboard that a draft is of

    @property
    def id(self) -> str:
        """The same on every node."""
        text = json.dumps([getattr(self, name) for name in self.__slots__])
        return hashlib.blake2b(text.encode(), digest_size=12).hexdigest()

    @property
    def shown_as(self) -> str:
        """The id of the dashboard that people know this by: a draft is called as what it is of."""
        return self.subject or self.dashboard_id

    @property
    def live(self) -> bool:
        """Whether the range moves on: it ends now and is refreshed."""
        return self.refresh_s > 0

    def range_at(self, now_ms: int) -> TimeRange:
        """The range that the view shows then."""
        return parse_range(self.from_text, self.to_text, now_ms, self.zone)


def make_key(
    scope: Scope,
    dashboard: Dashboard,
    dashboard_id: str,
    version: int,
    *,
    variables: Mapping[str, tuple[str, ...]],
    from_text: str,
    to_text: str,
    refresh: str,
    zone: str,
    now_ms: int,
    annotations: tuple[str, ...] = (),
    saved_ms: int = 0,
    zoned: bool = False,
    subject: str = "",
) -> ViewKey:
    """The key of what an address asks for; InvalidError naming what is wrong. `zoned`: a query names the zone."""
    from_text, to_text = from_text or dashboard.time.from_, to_text or dashboard.time.to
    zone = zone if zone not in ("", BROWSER_ZONE) else "UTC"
    zone_of(zone)
    calendar = bool(CALENDAR.search(from_text + to_text))
    range_ = parse_range(from_text, to_text, now_ms, zone)
    moves = from_text.startswith("now") or to_text.startswith("now")
    with naming("$.refresh"):
        refresh_s = refresh_seconds(refresh if refresh else dashboard.refresh) if moves else 0.0
    if not refresh_s:
        # Nothing moves it: the range is what it is now, on a grid on which openers at the same time meet.
        still = range_.outwards(STILL_GRID_MS) if moves else range_
        from_text, to_text, calendar = str(still.from_ms), str(still.to_ms), False
    return ViewKey(
        org=scope.org,
        data_scope=scope.data_scope,
        dashboard_id=dashboard_id,
        version=version,
        variables=tuple(sorted((name, tuple(values)) for name, values in variables.items())),
        from_text=from_text,
        to_text=to_text,
        refresh_s=refresh_s,
        zone=zone if calendar or zoned or dashboard.compares else "UTC",
        annotations=annotations,
        saved_ms=saved_ms,
        subject=subject,
    )
