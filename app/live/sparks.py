"""Small lines of dashboards beside their names: what the first time series panel draws first, of its default view."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from ...components.asking.placing import place, values_of
from ...components.asking.source import PanelSource
from ...components.asking.tools import PanelTools
from ...components.repeat import Placed
from ...components.spec import BROWSER_ZONE, Dashboard
from ...datasources.datemath import parse_range
from ...datasources.frame import Frame
from ...datasources.timerange import TimeRange
from ...datasources.variables.asked import VariableOptions
from ...datasources.variables.builtins import of_dashboard
from ...datasources.variables.resolve import resolve
from ...kept import Kept
from ...scope import Scope
from ...storage.config.dashboard_rows import StoredDashboard

LIFE_S: Final = 60.0
MAX_KEPT: Final = 5000
POINTS: Final = 100
LINES: Final = "timeseries"


@dataclass(frozen=True, slots=True)
class Spark:
    """One line from its first point on; `points` are of (ms, value), None where it has a gap: none, nothing to draw."""

    from_ms: int
    to_ms: int
    points: Sequence[tuple[float, float | None]] = ()


class Sparks:
    """Lines by dashboard, each asked once a minute however many look; theirs alone where data are a person's own."""

    def __init__(self, tools: PanelTools, options: VariableOptions, clock: Callable[[], float]) -> None:
        self._tools = tools
        self._options = options
        self._clock = clock
        self._kept: Kept[Spark] = Kept(clock, LIFE_S, limit=MAX_KEPT, hold_failures=True)

    async def of(self, stored: StoredDashboard, dashboard: Dashboard, scope: Scope) -> Spark:
        """The line of a dashboard that the asker may see; `scope` is that of its view. Errors of its source."""
        key = (*scope.data_key, stored.dashboard_id, stored.version, stored.updated_at)
        return await self._kept.get(key, lambda: self._asked(stored, dashboard, scope))

    async def _asked(self, stored: StoredDashboard, dashboard: Dashboard, scope: Scope) -> Spark:
        zone = "UTC" if dashboard.timezone in ("", BROWSER_ZONE) else dashboard.timezone
        range_ = parse_range(dashboard.time.from_, dashboard.time.to, int(self._clock() * 1000), zone)
        around = of_dashboard(stored.dashboard_id, dashboard.title, zone)
        variables = await resolve(dashboard.asked_variables, {}, range_, scope, self._options, aged=True, around=around)
        placed = first_of(place(dashboard, variables, around))
        if placed is None:
            return Spark(range_.from_ms, range_.to_ms)
        source = PanelSource.of(
            placed.panel.model_copy(update={"max_points": POINTS}),
            variables=values_of(placed, variables, around),
            scope=scope.of_dashboard(stored.dashboard_id, stored.maker),
            dashboard_id=stored.dashboard_id,
            zone=zone,
            tools=self._tools,
        )
        answers = await source.answers(source.queries(range_, None))
        frames = await source.transformed([frame for answer in answers for frame in answer.frames])
        points = points_of(frames, range_)
        return Spark(int(points[0][0]) if points else range_.from_ms, range_.to_ms, points)


def first_of(placed: Sequence[Placed]) -> Placed | None:
    """The time series panel that stands first, as one reads."""
    lines = [one for one in placed if one.panel.type == LINES]
    return min(lines, key=lambda one: (one.panel.position.y, one.panel.position.x), default=None)


def points_of(frames: Sequence[Frame], range_: TimeRange) -> Sequence[tuple[float, float | None]]:
    """Those of the first series within a range; what is not finite is none."""
    frame = next((one for one in frames if one.time is not None and one.numbers), None)
    if frame is None or frame.time is None:
        return ()
    pairs = zip(frame.time.values.tolist(), frame.numbers[0].values.tolist(), strict=True)
    return tuple(
        (at, value if math.isfinite(value) else None) for at, value in pairs if range_.from_ms <= at <= range_.to_ms
    )
