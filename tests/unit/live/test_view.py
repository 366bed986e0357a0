"""A view and its followers: over random interleavings, what a client holds is what the server drew."""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pytest
from fixtures.views import Clock, Dice, make_view, server_state, tick, view_key

from heliograph.app.live.frames import text_frame
from heliograph.app.live.snapshot import decode_snapshot
from heliograph.app.live.view import View
from heliograph.components.delta import apply_source
from heliograph.components.spec import parse_dashboard
from heliograph.datasources.frame import Frame
from heliograph.datasources.sources.base import SourceAnswer, SourceQuery
from heliograph.errors import InvalidError

AT_SECONDS = {"title": "t", "time": {"from": "now-20s", "to": "now"}, "refresh": "1s"}


class Counting(Dice):  # type: ignore[misc]  # mypy does not see fixtures
    """Counts what it is asked, and always has an answer."""

    asked = 0

    async def query(self, query: SourceQuery) -> SourceAnswer:
        self.asked += 1
        return SourceAnswer((Frame.series([query.range.to_ms], [1.0], name="one"),))


class WallClock(Clock):  # type: ignore[misc]  # mypy does not see fixtures
    """What a ticker sleeps on."""

    def __call__(self) -> float:
        return time.time()


class Client:
    """What a page does: snapshots, ticks that follow on them, snapshots again on a gap."""

    def __init__(self, view: View) -> None:
        self.view = view
        self.wants = frozenset({1, 2, 3})
        self.numbered = True
        self.guest = False
        self.inbox: list[dict[str, Any]] = []
        self.seq: dict[int, int] = {}
        self.states: dict[int, str] = {}
        self.sources: dict[int, dict[str, dict[str, list[Any]]]] = {}
        self.texts: dict[int, dict[str, Any]] = {}

    def push(self, frame: bytes) -> None:
        payload = frame[2:] if frame[1] < 126 else frame[4:] if frame[1] == 126 else frame[10:]
        message = json.loads(payload)
        if "seq" in message:
            self.inbox.append(message)

    def leave(self, message: Mapping[str, Any], reason: str) -> None:
        return None

    async def fetch(self, panel_ids: Sequence[int]) -> None:
        head, buffers = decode_snapshot(await self.view.snapshot(panel_ids, compressed=False))
        seq, panels = head["seq"], head["panels"]
        assert isinstance(seq, int)
        assert isinstance(panels, dict)
        for panel_id in panels:
            panel, number = panels[panel_id], int(panel_id)
            self.seq[number], self.states[number] = seq, panel["state"]
            if "doc" in panel:
                self.sources[number] = read_sources(panel["doc"], buffers)
                self.texts[number] = panel["texts"]

    async def read(self) -> None:
        """Take all messages; fetch what does not follow."""
        messages, self.inbox = self.inbox, []
        lost = {panel_id for panel_id in self.wants if not all(self.take(panel_id, one) for one in messages)}
        if lost:
            await self.fetch(sorted(lost))

    def take(self, panel_id: int, message: dict[str, Any]) -> bool:
        seq = self.seq.get(panel_id, -1)
        if message["seq"] <= seq:
            return True
        if message["seq"] != seq + 1:
            return False
        self.seq[panel_id] = message["seq"]
        change = message["panels"].get(str(panel_id), {})
        if change.get("reload"):
            return False
        if "state" in change:
            if change["state"] in ("ready", "stale") and panel_id not in self.sources:
                return False
            self.states[panel_id] = change["state"]
        for name, source in change.get("sources", {}).items():
            self.sources[panel_id][name] = apply_source(self.sources[panel_id][name], source)
        self.texts.setdefault(panel_id, {}).update(change.get("texts", {}))
        return True


def read_sources(document: Any, buffers: list[bytes]) -> dict[str, dict[str, list[Any]]]:
    found: dict[str, dict[str, list[Any]]] = {}

    def walk(node: Any) -> None:
        if isinstance(node, list):
            for item in node:
                walk(item)
        elif isinstance(node, dict):
            if node.get("name") == "ColumnDataSource" and "attributes" in node:
                entries = node["attributes"]["data"].get("entries", [])
                found[node["attributes"]["name"]] = {name: column(values) for name, values in entries}
            for value in node.values():
                walk(value)

    def column(values: Any) -> list[Any]:
        if isinstance(values, list):
            return values
        array = np.frombuffer(buffers[int(values["array"]["data"]["id"])], values["dtype"])
        return [value if np.isfinite(value) else None for value in array.tolist()]

    walk(document)
    return found


@pytest.mark.parametrize("seed", range(40))
async def test_whatever_is_lost_the_client_ends_up_with_what_the_server_drew(seed: int) -> None:
    """Forty runs of ten clients: they open at any time, lose messages, and see series come and go."""
    dice, clock, source = random.Random(seed), Clock(), Dice(seed)
    view = make_view(source, clock)
    clients: list[Client] = []
    for _ in range(25):
        if dice.random() < 0.4 and len(clients) < 10:
            client = Client(view)
            if dice.random() < 0.5:
                view.follow(client)
                await client.fetch([1, 2, 3])
            else:
                await client.fetch([1, 2, 3])
                view.follow(client)
            clients.append(client)
        await tick(view, source, clock)
        for client in clients:
            if dice.random() < 0.15:
                client.inbox = client.inbox[dice.randint(0, len(client.inbox)) :]
            if dice.random() < 0.8:
                await client.read()
    await tick(view, source, clock)
    for client in clients:
        await client.read()
        for panel_id in (1, 2, 3):
            state, sources, texts = server_state(view, panel_id)
            assert client.states[panel_id] == state
            if sources is not None:
                assert client.sources[panel_id] == sources
                assert client.texts[panel_id] == json.loads(json.dumps(texts))
    await view.close()


async def test_a_live_view_ticks_by_itself_while_somebody_watches() -> None:
    view = make_view(Dice(1), WallClock())
    client = Client(view)
    await client.fetch([1])
    view.follow(client)
    view.start()
    async with asyncio.timeout(10):
        while len(client.inbox) < 2:
            await asyncio.sleep(0.05)
    await view.close()
    assert [message["seq"] for message in client.inbox[:2]] == [client.inbox[0]["seq"], client.inbox[0]["seq"] + 1]


@pytest.mark.parametrize("size", [0, 125, 126, 65_535, 65_536])
def test_a_frame_says_how_long_it_is(size: int) -> None:
    frame = text_frame(b"x" * size)
    assert frame.endswith(b"x" * size)
    assert frame[0] == 0x81


def test_a_key_is_the_same_on_every_node_and_differs_by_what_data_depends_on() -> None:
    clock = Clock()
    base = view_key(clock)
    assert base.id == view_key(clock).id
    others = [
        view_key(clock, variables={"a": ("1",)}),
        view_key(clock, from_text="now-1h"),
        view_key(clock, refresh="5s"),
    ]
    assert len({base.id, *(other.id for other in others)}) == 4


def test_the_zone_is_part_of_a_key_only_where_a_range_rounds_to_the_calendar() -> None:
    clock = Clock()
    assert view_key(clock, zone="Asia/Kolkata").id == view_key(clock).id
    today = {"from_text": "now/d", "to_text": "now"}
    assert view_key(clock, zone="Asia/Kolkata", **today).id != view_key(clock, **today).id


def test_a_range_in_the_past_is_a_still_view() -> None:
    key = view_key(Clock(), from_text="2026-01-01", to_text="2026-01-02", refresh="5s")
    assert not key.live


async def test_a_still_view_that_was_empty_for_a_moment_asks_again_when_it_is_opened_again() -> None:
    class Late(Counting):
        there = False

        async def query(self, query: SourceQuery) -> SourceAnswer:
            answer = await super().query(query)
            return answer if self.there else SourceAnswer(())

    source, clock = Late(0), Clock()
    view = make_view(source, clock, from_text="1000", to_text="20000", refresh="5s")
    states, asked = [], []
    for passes_s in (0, 1, 4, 60):
        clock.now += passes_s
        await view.warm(60)
        found = decode_snapshot(await view.snapshot([1], compressed=False))[0]
        states.append(found["panels"]["1"]["state"])
        asked.append(source.asked)
        source.there = True
    assert asked == [3, 3, 6, 6]
    assert states == ["empty", "empty", "ready", "ready"]
    await view.close()


@pytest.mark.parametrize("refresh", ["5", "100ms", "2d", "often"])
def test_a_refresh_that_is_none_is_refused(refresh: str) -> None:
    if refresh == "5":
        assert view_key(Clock(), refresh=refresh).refresh_s == 5.0
        return
    with pytest.raises(InvalidError):
        view_key(Clock(), refresh=refresh)


async def test_a_page_on_its_way_has_its_first_screen_asked_once_while_nobody_watches() -> None:
    layout = [(1, "timeseries", 0, False), (2, "stat", 19, False), (3, "stat", 20, False), (8, "row", 5, True)]
    panels = [
        {"panel_id": panel_id, "type": kind, "position": {"x": 0, "y": y, "w": 24, "h": 1}, "collapsed": collapsed}
        | ({"query": "lines"} if kind != "row" else {})
        for panel_id, kind, y, collapsed in [*layout, (4, "stat", 6, False), (9, "row", 12, False)]
    ]
    source, clock = Counting(1), Clock()
    view = make_view(source, clock, dashboard=parse_dashboard({**AT_SECONDS, "panels": panels}))
    view.expect()
    view.expect()
    await view.snapshot([1, 2], compressed=False)
    assert source.asked == 2, "those at the top, but not what its row folds or what lies below"
    assert view.seq > 0
    clock.now += 60
    view.follow(Client(view))
    view.expect()
    await asyncio.sleep(0)
    assert source.asked == 2, "a view that is watched ticks by itself"
    await view.close()


class Steady(Dice):  # type: ignore[misc]  # mypy does not see fixtures
    """Two series of the seconds of the range."""

    async def query(self, query: SourceQuery) -> SourceAnswer:
        times = np.arange(query.range.from_ms, query.range.to_ms + 1, 1000)
        return SourceAnswer(tuple(Frame.series(times, times / 1000 + index, name=f"{index}") for index in range(2)))


async def test_the_ticks_of_an_expression_carry_its_newest_points_alone() -> None:
    clock = Clock()
    total = {"ref": "X", "datasource": "__expr__", "query": "$A * 2"}
    lines = {"ref": "A", "query": "lines", "hidden": True}
    panel = {"panel_id": 1, "type": "timeseries", "targets": [lines, total]}
    view = make_view(Steady(1), clock, dashboard=parse_dashboard({**AT_SECONDS, "panels": [panel]}))
    client = Client(view)
    client.wants = frozenset({1})
    await view.warm(30)
    view.follow(client)
    await client.fetch([1])
    clock.now += 1
    await view.tick(5)
    [change] = [message["panels"]["1"]["sources"]["main"] for message in client.inbox]
    assert change.keys() == {"stream", "rollover"}
    assert {name: len(values) for name, values in change["stream"].items()} == {"t": 1, "s0": 1, "s1": 1}
