"""Pictures of density: what a panel's targets answer over a range, as counts by pixel; each is made once for all."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from ...components.asking.outcome import notice_of
from ...components.asking.source import PanelSource
from ...components.panels.density import DensityOptions, counted, density_of, thresholds_of
from ...components.panels.plots import is_binary
from ...components.rasters import Bounds, Points, bounds_of, coded, extent_of, places, points_of
from ...datasources.frame import Frame
from ...datasources.query.model import Answer
from ...datasources.query.stages import MAX_POINTS
from ...datasources.timerange import TimeRange
from ...errors import NotFoundError
from ...lru import Lru
from ...turns import FairTurns, Room
from ..http.framed import buffer_of, pack
from ..work.canvas import Canvas
from .painter import Painter

# A first, coarse question tells how many series there are, from rollups where a source has them; the next one has as
# many points as they leave room for.
PROBE_POINTS: Final = 20
LEAST_POINTS: Final = 50
# Of the points that an answer may have, so that some more series do not go beyond it.
SHARE_OF_LIMIT: Final = 0.6
# Points of so many pictures are in memory at once, of one person's one less; a page may have many panels.
ROOM: Final = Room(at_once=4, of_one=3, waiting=400, waiting_of_one=100, within_s=60.0)
MAX_KNOWN: Final = 4096
# Sizes are rounded down to these, so that people whose windows differ a little share a picture; never up, since a
# picture with more rows than the screen has would lose some of them.
WIDTH_STEP, HEIGHT_STEP = 32, 16
LEAST_WIDTH, LEAST_HEIGHT = 32, 16
MAX_WIDTH, MAX_HEIGHT = 2560, 1440


@dataclass(frozen=True, slots=True)
class Size:
    """Pixels of a picture."""

    width: int
    height: int


def size_of(width: int, height: int, stretched: float) -> Size:
    """The size of a picture whose range is `stretched` times the one that has `width` pixels on the screen."""
    columns, rows = int(min(width * stretched, MAX_WIDTH)), min(height, MAX_HEIGHT)
    return Size(
        max(columns // WIDTH_STEP * WIDTH_STEP, LEAST_WIDTH), max(rows // HEIGHT_STEP * HEIGHT_STEP, LEAST_HEIGHT)
    )


class Densities:
    """Makes pictures. `max_points` is what one answer of a source may hold."""

    def __init__(self, painter: Painter, max_points: int) -> None:
        self._painter = painter
        self._budget = int(max_points * SHARE_OF_LIMIT)
        self._turns = FairTurns(ROOM, "many pictures are drawn at this moment", "many pictures of yours wait already")
        self._series: Lru[tuple[str, int], int] = Lru(MAX_KNOWN)

    def expect(self) -> None:
        """There may be pictures to make soon."""
        self._painter.expect()

    async def picture(self, view_id: str, source: PanelSource, range_: TimeRange, size: Size, who: str) -> bytes:
        """One picture as a framed message (docs/live-protocol.md), made in the turn of `who`; errors are those of the
        query, and of drawing."""
        options = density_of(source.options)
        if options is None:
            raise NotFoundError("this panel is not drawn as density")
        self._painter.wake()
        async with self._turns.turn(who):
            answers = await self._ask((view_id, source.panel.panel_id), source, range_)
            frames = await source.transformed([frame for answer in answers for frame in answer.frames])
            points, bounds, labels = await asyncio.to_thread(_prepared, frames, options)
            counts = np.zeros((1, 1), np.uint32)
            if points.samples:
                canvas = Canvas(
                    size.width,
                    size.height,
                    (float(range_.from_ms), float(range_.to_ms)),
                    (bounds.low, bounds.high),
                    options.draw,
                )
                counts = await self._painter.paint(canvas, points)
            head = _head(range_, bounds, points, options, answers) | labels
            return await asyncio.to_thread(_encoded, counts, head, options)

    async def _ask(self, key: tuple[str, int], source: PanelSource, range_: TimeRange) -> Sequence[Answer]:
        """All points, or as many of each series as all of them together leave room for."""
        series = self._series.get(key)
        if series is None:
            answers = await source.answers(source.queries(range_, None, PROBE_POINTS, whole=True))
            series = self._remember(key, answers)
            if not series or _is_whole(answers):
                return answers
        points = max(LEAST_POINTS, min(self._budget // max(series, 1), MAX_POINTS))
        points -= points % 10 ** max(len(str(points)) - 2, 0)  # round: a series more or less asks the same
        answers = await source.answers(source.queries(range_, None, points, whole=True))
        self._remember(key, answers)
        return answers

    def _remember(self, key: tuple[str, int], answers: Sequence[Answer]) -> int:
        series = sum(len(frame.numbers) for answer in answers for frame in answer.frames if frame.time is not None)
        self._series.put(key, series)
        return series

    async def close(self) -> None:
        """Give the painter's connections back."""
        await self._painter.close()


def _is_whole(answers: Sequence[Answer]) -> bool:
    """Whether the answers to a coarse question have more points than were asked for: a source without steps."""
    rows = max((frame.rows for answer in answers for frame in answer.frames), default=0)
    return rows > 2 * PROBE_POINTS


def _prepared(frames: Sequence[Frame], options: DensityOptions) -> tuple[Points, Bounds, dict[str, Any]]:
    """The points that are drawn, the bounds of their axis, and what stands at it."""
    shown = counted(options, frames)
    points = points_of(shown.frames, log=options.log)
    bounds = bounds_of(points.y, least=options.min, most=options.max, log=options.log)
    extent = [10**end if options.log else end for end in extent_of(points.y)]
    unit, decimals = shown.axis
    axis = {"unit": unit, "decimals": decimals, "binary": is_binary(unit)}
    return points, bounds, {"axis": axis, "thresholds": thresholds_of(options, *extent)}


def _head(
    range_: TimeRange, bounds: Bounds, points: Points, options: DensityOptions, answers: Sequence[Answer]
) -> dict[str, Any]:
    ages = [answer.stale_age_s for answer in answers if answer.stale_age_s is not None]
    low, high = (10**bounds.low, 10**bounds.high) if options.log else (bounds.low, bounds.high)
    return {
        "from": range_.from_ms,
        "to": range_.to_ms,
        "low": low,
        "high": high,
        "series": points.series,
        "samples": points.samples,
        "notice": notice_of(answers),
        "age_s": round(max(ages), 1) if ages else None,
    }


def _encoded(counts: Any, head: dict[str, Any], options: DensityOptions) -> bytes:
    found = coded(counts)
    height, width = found.codes.shape
    shades = places(found.levels, found.cells, options.scale)
    picture = {
        "width": width,
        "height": height,
        "levels": found.levels.tolist(),
        "places": [round(float(place), 4) for place in shades],
    }
    return pack({**head, **picture}, [buffer_of(np.ascontiguousarray(found.codes))])
