"""Another range of a view: cut out of what it shows where asking would bring the same points, else asked."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

import numpy as np
import pytest
from fixtures.contexts import context_of
from fixtures.views import SCOPE, Clock, Made, view_over

from heliograph.app.live.closer_look import zoomed
from heliograph.app.live.key import make_key
from heliograph.app.live.snapshot import decode_snapshot
from heliograph.app.live.view import View
from heliograph.app.process.telemetry import Telemetry
from heliograph.app.query_path import counted_caches, make_admission, make_proxy
from heliograph.app.settings import Settings
from heliograph.components.asking.cutting import cut
from heliograph.components.asking.tools import PanelTools
from heliograph.components.compile import LayoutCache
from heliograph.components.panels.registry import default_registry
from heliograph.components.spec import parse_dashboard
from heliograph.datasources.frame import Frame
from heliograph.datasources.sources.base import SourceAnswer, SourceQuery
from heliograph.datasources.sources.registry import SourceKinds, Sources
from heliograph.datasources.timerange import TimeRange
from heliograph.storage.cache.shared import in_memory
from heliograph.storage.config.datasources import StoredSource

STEP_MS = 5000
NOW_S = 1_700_000_003.0
NOW_MS = int(NOW_S * 1000)


class Waves(Made):  # type: ignore[misc]  # mypy does not see fixtures
    """Two series whose value at a time depends on that time alone, every five seconds and at the end as asked."""

    def __init__(self) -> None:
        self.asked: list[TimeRange] = []

    @property
    def least_step_s(self) -> float:
        return STEP_MS / 1000

    def chunkable(self, query: SourceQuery) -> bool:
        return True

    def opens(self, query: SourceQuery) -> bool:
        return True

    async def query(self, query: SourceQuery) -> SourceAnswer:
        self.asked.append(query.range)
        step_ms = round(query.step_s * 1000)
        times = np.arange(query.range.from_ms, query.range.to_ms + 1, step_ms, dtype=float)
        frames = [Frame.series(times, np.sin(times / 9e4 + k), name=f"w{k}", labels={"k": str(k)}) for k in range(2)]
        return SourceAnswer(tuple(frames))


@asynccontextmanager
async def shown(source: Waves, clock: Clock, **panel: Any) -> AsyncIterator[View]:
    """A view of the last half hour over the whole path of a query, with its data."""
    document = {"panel_id": 1, "type": "timeseries", **({} if "targets" in panel else {"query": "waves"}), **panel}
    time = {"from": "now-30m", "to": "now"}
    dashboard = parse_dashboard({"title": "t", "time": time, "refresh": "5s", "panels": [document]})
    settings, telemetry, shared = Settings(), Telemetry(), in_memory()
    caches = counted_caches(shared, clock, telemetry)
    kinds = SourceKinds(context_of)
    kinds.register(Waves, lambda *_: source)

    async def none_made(org: int) -> Sequence[StoredSource]:
        return []

    sources = Sources(kinds, [StoredSource("store", "Made", "made", provisioned=True)], none_made, clock)
    proxy = make_proxy(settings, sources, caches, telemetry, make_admission(settings, caches, telemetry), clock)
    tools = PanelTools(default_registry(), LayoutCache(), proxy)
    key = make_key(SCOPE, dashboard, "d", 1, variables={}, from_text="", to_text="", refresh="", zone="", now_ms=NOW_MS)
    view: View = view_over(tools, dashboard, key, clock, telemetry)
    await view.warm(20)
    assert view.outcome(1).state == "ready"
    source.asked.clear()
    yield view
    await view.close()
    await caches.close()


def at_noon() -> Clock:
    clock = Clock()
    clock.now = NOW_S
    return clock


async def told(view: View, range_: TimeRange) -> tuple[Mapping[str, Any], list[bytes]]:
    head, buffers = decode_snapshot(await zoomed(view, (1,), range_))
    return head["panels"]["1"], buffers


async def asked_anew(view: View, range_: TimeRange) -> tuple[Mapping[str, Any], list[bytes]]:
    """The same by the way that every range could go."""
    outcome = await view.panels[1].refresh(range_)
    assert outcome.drawn is not None
    arrays = [column for columns in outcome.drawn.sources.values() for column in columns.values()]
    return outcome.drawn.texts, [np.asarray(column).tobytes() for column in arrays]


@pytest.mark.parametrize(("from_s", "to_s"), [(1500, 600), (1799, 1200), (61, 10), (900, 5), (1234.5, 3)])
async def test_a_part_of_what_is_shown_is_what_asking_brings_and_asks_nobody(from_s: float, to_s: float) -> None:
    source = Waves()
    async with shown(source, at_noon()) as view:
        range_ = TimeRange(NOW_MS - int(from_s * 1000), NOW_MS - int(to_s * 1000))
        panel, buffers = await told(view, range_)
        assert not source.asked
        texts, arrays = await asked_anew(view, range_)
        assert panel["state"] == "ready"
        assert panel["texts"] == texts
        assert buffers == arrays


async def test_a_range_that_goes_on_has_what_is_known_by_now() -> None:
    source = Waves()
    async with shown(source, at_noon()) as view:
        _, buffers = await told(view, TimeRange(NOW_MS - 300_000, NOW_MS + 60_000))
        assert not source.asked
        assert np.frombuffer(buffers[0])[-1] == NOW_MS // STEP_MS * STEP_MS


async def test_an_old_answer_is_asked_for_again() -> None:
    source, clock = Waves(), at_noon()
    async with shown(source, clock) as view:
        clock.now += 60
        _, buffers = await told(view, TimeRange(NOW_MS - 300_000, NOW_MS + 60_000))
        assert np.frombuffer(buffers[0])[-1] == (NOW_MS + 60_000) // STEP_MS * STEP_MS
        assert source.asked


@pytest.mark.parametrize(
    "panel",
    [
        {"query": "waves over $__range"},
        {"max_points": 100},
        {"targets": [{"query": "waves", "compare": "1d"}]},
        {"interval": "20s"},
        {"type": "stat"},
    ],
    ids=["its length is in its text", "it has a finer step", "it is compared", "its end is between steps", "a number"],
)
async def test_what_is_no_part_is_asked(panel: dict[str, Any]) -> None:
    """Of none of these the values within a part are those of the whole."""
    source = Waves()
    async with shown(source, at_noon(), **panel) as view:
        range_ = TimeRange(NOW_MS - 605_500, NOW_MS - 305_500)
        assert cut(view.panels[1], view.outcome(1), range_) is None
        found, _ = await told(view, range_)
        assert found["state"] == "ready"
