"""Panels that several views of a dashboard have in common: asked and told of once, and only where all is the same."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from fixtures.contexts import context_of
from fixtures.views import SCOPE, Clock, Made

from heliograph.app.live.key import make_key
from heliograph.app.live.laying import laid_out
from heliograph.app.live.view import View
from heliograph.app.process.telemetry import Telemetry
from heliograph.app.query_path import counted_caches, make_admission, make_proxy
from heliograph.app.settings import Settings
from heliograph.components.asking.tools import PanelTools
from heliograph.components.compile import LayoutCache
from heliograph.components.panels.registry import default_registry
from heliograph.components.spec import parse_dashboard
from heliograph.datasources.frame import Frame
from heliograph.datasources.sources.base import SourceAnswer, SourceQuery
from heliograph.datasources.sources.registry import SourceKinds, Sources
from heliograph.datasources.timerange import TimeRange
from heliograph.datasources.variables.chosen import Chosen, Verbatim
from heliograph.datasources.variables.declared import Variable
from heliograph.datasources.variables.resolve import Resolved
from heliograph.errors import SourceUnavailableError
from heliograph.storage.cache.shared import in_memory
from heliograph.storage.config.datasources import StoredSource

NOW_S = 1_700_000_000.5
BOARD = parse_dashboard(
    {
        "title": "Shop",
        "time": {"from": "now-10m", "to": "now"},
        "refresh": "5s",
        "variables": [{"name": name, "type": "textbox", "query": ""} for name in ("host", "shop")],
        "panels": [
            {"panel_id": 1, "type": "timeseries", "title": "All", "query": "all"},
            {"panel_id": 2, "type": "timeseries", "title": "One", "query": "of $host"},
            {"panel_id": 3, "type": "stat", "title": "Called $host", "query": "all"},
            {"panel_id": 4, "type": "timeseries", "title": "Named", "query": "all", "options": {"unit": "${shop}"}},
            {"panel_id": 5, "type": "table", "title": "As it is", "query": "all"},
        ],
    }
)


class Counting(Made):  # type: ignore[misc]  # mypy does not see fixtures
    """Answers with how often it was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.fails = False

    async def query(self, query: SourceQuery) -> SourceAnswer:
        self.asked.append(str(query.query))
        if self.fails:
            raise SourceUnavailableError("it is gone")
        times = np.arange(query.range.from_ms, query.range.to_ms + 1, round(query.step_s * 1000), dtype=float)
        return SourceAnswer((Frame.series(times, times * 0 + len(self.asked), name="n"),))


class Node:
    """What the views of one process have in common, over one source."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.clock.now = NOW_S
        self.source = Counting()
        kinds = SourceKinds(context_of)
        kinds.register(Counting, lambda *_: self.source)

        async def none_made(org: int) -> Sequence[StoredSource]:
            return []

        stored = StoredSource("store", "Made", "made", provisioned=True)
        sources = Sources(kinds, [stored], none_made, self.clock)
        settings, telemetry = Settings(), Telemetry()
        caches = counted_caches(in_memory(), self.clock, telemetry)
        admission = make_admission(settings, caches, telemetry)
        proxy = make_proxy(settings, sources, caches, telemetry, admission, self.clock)
        self.tools = PanelTools(default_registry(), LayoutCache(), proxy)

    def view(self, *, board: Any = BOARD, draft: bool = False, **chosen: Chosen | str) -> View:
        values = {name: value if isinstance(value, Chosen) else one(value) for name, value in chosen.items()}
        key = make_key(
            SCOPE,
            board,
            "draft:shop" if draft else "shop",
            1,
            variables={name: tuple(value) for name, value in values.items()},
            from_text="",
            to_text="",
            refresh="",
            zone="",
            now_ms=int(self.clock.now * 1000),
        )
        variables = tuple(
            Resolved(Variable(name=name, type="textbox"), (), tuple(value), value) for name, value in values.items()
        )
        return View(
            key, laid_out(key, board, variables, SCOPE, self.tools), variables, clock=self.clock, telemetry=Telemetry()
        )


def one(value: str) -> Chosen:
    return Chosen((value,), single=True, texts=(value,))


def later(range_: TimeRange, ms: int) -> TimeRange:
    return TimeRange(range_.from_ms + ms, range_.to_ms + ms)


def same(first: View, second: View) -> set[int]:
    """The panels that are one in both."""
    return {panel_id for panel_id in first.panels if first.panels[panel_id] is second.panels[panel_id]}


def test_a_panel_is_shared_by_views_that_differ_in_what_it_does_not_name() -> None:
    node = Node()
    first = node.view(host="a", shop="x")
    assert same(first, node.view(host="b", shop="x")) == {1, 4, 5}, "neither a query nor a title that names $host"
    assert same(first, node.view(host="a", shop="y")) == {1, 2, 3, 5}, "no option that names $shop"
    assert same(first, node.view(host="a", shop="x", other="z")) == {1, 2, 3, 4, 5}


def test_what_formats_know_of_a_value_tells_panels_apart() -> None:
    node = Node()
    kinds: Mapping[str, Chosen] = {
        "single": Chosen(("a",), single=True, texts=("a",)),
        "several": Chosen(("a",), texts=("a",)),
        "called": Chosen(("a",), single=True, texts=("The first",)),
        "with properties": Chosen(("a",), single=True, texts=("a",), properties=({"zone": "eu"},)),
        "as it stands": Chosen((Verbatim("a"),), single=True, texts=("a",)),
    }
    views = [node.view(host=chosen, shop="x") for chosen in kinds.values()]
    assert len({id(view.panels[2]) for view in views}) == len(kinds)
    assert len({id(view.panels[1]) for view in views}) == 1


def test_a_panel_that_names_all_hears_what_the_text_of_all_names() -> None:
    node = Node()
    everything = Chosen((Verbatim("${shop}-.*"),), everything=True)
    first, second = (node.view(host=everything, shop=shop) for shop in ("x", "y"))
    assert same(first, second) == {1, 5}
    assert same(first, node.view(host=everything, shop="x")) == {1, 2, 3, 4, 5}


def test_drafts_share_nothing() -> None:
    node = Node()
    assert not same(node.view(host="a", shop="x", draft=True), node.view(host="a", shop="x", draft=True))


async def test_many_views_ask_and_tell_of_a_common_panel_once() -> None:
    node = Node()
    views = [node.view(host=host, shop="x") for host in ("a", "b", "c")]
    for view in views:
        await view.settle([1, 2], 10)
    assert sorted(node.source.asked) == ["all", "of a", "of b", "of c"]
    outcomes = [view.outcome(1) for view in views]
    assert all(outcome.state == "ready" for outcome in outcomes)
    assert len({id(outcome.drawn) for outcome in outcomes}) == 1
    node.clock.now += 5
    changes = []
    for view in views:
        source = view.panels[1]
        view.ticks.move()
        before = view.outcome(1).drawn
        outcome = await source.refresh(view.ticks.range, view.ticks.number)
        assert before is not None
        assert outcome.drawn is not None
        changes.append(source.changes.between(before, outcome.drawn))
    assert changes[0]
    assert len({json.dumps(change, sort_keys=True) for change in changes}) == 1
    assert node.source.asked.count("all") == 2


async def test_what_came_is_at_hand_for_the_same_refresh_and_the_same_grid_alone() -> None:
    node = Node()
    view = node.view(host="a", shop="x")
    source, range_, tick = view.panels[1], view.ticks.range, view.ticks.number
    outcome = await source.refresh(range_, tick)
    assert tick is not None
    assert outcome.drawn is not None
    times = next(iter(outcome.drawn.sources.values()))["t"]
    step_ms = int(times[1] - times[0])
    moved = later(range_, 1)
    assert source.at_hand(range_, tick) == outcome
    found = source.at_hand(moved, tick)
    assert found is not None
    assert found.drawn is outcome.drawn
    assert found.range == moved
    assert source.at_hand(later(range_, step_ms), tick) is None, "the next point is asked for"
    assert source.at_hand(range_, tick + 1) is None, "the next refresh asks anew"
    assert source.at_hand(range_, None) is None, "a still view asks by itself"


async def test_what_failed_is_asked_again_by_the_next_view() -> None:
    node = Node()
    node.source.fails = True
    first, second = node.view(host="a", shop="x"), node.view(host="b", shop="x")
    await first.settle([1], 10)
    assert first.outcome(1).state == "error"
    node.source.fails = False
    node.clock.now += 30  # the answer of an error is kept a moment
    for view in (first, second):
        view.ticks.move()
    await second.settle([1], 10)
    assert second.outcome(1).state == "ready"
