"""Annotations of a view: asked once for all, told where they changed, and a broken query hurts nothing else."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest
from fixtures.views import Clock, Dice, alerts_over, make_view

from heliograph.app.live.address import Address, arrived, carried
from heliograph.app.live.alert_marks import AlertMarks
from heliograph.app.live.closer_look import marks_over
from heliograph.app.live.frames import payload_of
from heliograph.app.live.freshness import STILL_MARKS_S
from heliograph.app.live.key import make_key
from heliograph.app.live.marks import queries_of, switched_on
from heliograph.app.live.own_marks import STAMP_LIFE_S, OwnMarks
from heliograph.app.live.snapshot import decode_snapshot
from heliograph.app.live.view import View
from heliograph.components.annotation_spec import AnnotationQuery
from heliograph.components.spec import parse_dashboard
from heliograph.datasources.frame import Field, Frame
from heliograph.datasources.sources.base import SourceAnswer, SourceQuery
from heliograph.datasources.timerange import TimeRange
from heliograph.errors import SourceError
from heliograph.scope import DEFAULT_ORG, Role, Scope
from heliograph.storage.config.alert_rows import AlertEvent, RuleChange
from heliograph.storage.config.alert_states import AlertStates
from heliograph.storage.config.annotations import Annotation, Annotations
from heliograph.storage.config.database import Database
from heliograph.storage.config.folders import Access, Folders
from heliograph.storage.config.leases import LeaseTable
from heliograph.storage.config.rules import NewRule, Rules

QUERIES = [AnnotationQuery(name="Deploys", query="deploys"), AnnotationQuery(name="Incidents", query="incidents")]


class Told(Dice):  # type: ignore[misc]  # fixtures are not checked
    """Dice, and marks of what a test says; a query may be refused, or held."""

    def __init__(self) -> None:
        super().__init__(1)
        self.marks: dict[str, list[tuple[int, str]]] = {"deploys": [], "incidents": []}
        self.refused: set[str] = set()
        self.gate = asyncio.Event()
        self.gate.set()
        self.asked: list[str] = []

    async def query(self, query: SourceQuery) -> SourceAnswer:
        text = str(query.query)
        if text not in self.marks:
            dice: SourceAnswer = await super().query(query)
            return dice
        self.asked.append(text)
        await self.gate.wait()
        if text in self.refused:
            raise SourceError("no such table: events")
        rows = self.marks[text]
        fields = (Field.time([one for one, _ in rows]), Field.string("text", [one for _, one in rows]))
        return SourceAnswer((Frame(fields),))


class Follower:
    wants = frozenset({1})
    numbered = True
    guest = False

    def __init__(self) -> None:
        self.inbox: list[dict[str, Any]] = []

    def push(self, frame: bytes) -> None:
        self.inbox.append(json.loads(payload_of(frame)))

    def leave(self, message: Mapping[str, Any], reason: str) -> None:
        return None

    async def marks(self) -> dict[str, Any]:
        """The next annotations that it is told; what it was told before is done with."""
        async with asyncio.timeout(30):
            while not any("annotations" in message for message in self.inbox):
                await asyncio.sleep(0.01)
        while "annotations" not in (message := self.inbox.pop(0)):
            pass
        found: dict[str, Any] = message["annotations"]
        return found


async def refresh(view: View, clock: Clock) -> None:
    """One tick, and what its annotation queries come to."""
    clock.now += 1
    await view.tick(5)
    if view.marks.tasks:
        await asyncio.wait(view.marks.tasks)


async def head_of(view: View) -> dict[str, Any]:
    head, _ = decode_snapshot(await view.snapshot([1], compressed=False))
    return head


async def made_of(view: View) -> list[dict[str, Any]]:
    """What the builtin query has found, once it has."""
    async with asyncio.timeout(60):
        while "Marks" not in (head := await head_of(view))["annotations"]:
            await asyncio.sleep(0.01)
    found: list[dict[str, Any]] = head["annotations"]["Marks"]["items"]
    return found


async def test_a_tick_names_the_queries_that_found_something_else_and_a_snapshot_all() -> None:
    clock, source, viewer = Clock(), Told(), Follower()
    view = make_view(source, clock, QUERIES)
    now = int(clock.now * 1000)
    source.marks["deploys"] = [(now - 1000, "v1")]
    view.follow(viewer)
    head = await head_of(view)
    found = {"items": [{"time": now - 1000, "text": "v1"}], "error": ""}
    assert head["annotations"] == {"Deploys": found, "Incidents": {"items": [], "error": ""}}
    viewer.inbox.clear()
    await refresh(view, clock)
    source.marks["incidents"] = [(now, "down")]
    await refresh(view, clock)
    assert await viewer.marks() == {"Incidents": {"items": [{"time": now, "text": "down"}], "error": ""}}
    assert (await head_of(view))["annotations"]["Incidents"]["items"] == [{"time": now, "text": "down"}]
    await view.close()


async def test_a_query_that_fails_says_so_keeps_what_it_found_and_leaves_panels_alone() -> None:
    clock, source, viewer = Clock(), Told(), Follower()
    view = make_view(source, clock, QUERIES)
    source.marks["deploys"] = [(int(clock.now * 1000), "v1")]
    await head_of(view)
    view.follow(viewer)
    source.refused = {"deploys"}
    view.pinned = True
    await refresh(view, clock)
    told = (await viewer.marks())["Deploys"]
    assert (told["error"], [one["text"] for one in told["items"]]) == ("no such table: events", ["v1"])
    assert view.outcome(2).state == "ready"
    source.refused = set()
    await refresh(view, clock)
    assert (await viewer.marks())["Deploys"]["error"] == ""
    await view.close()


async def test_a_slow_query_is_asked_once_and_comes_after_the_panels() -> None:
    clock, source, viewer = Clock(), Told(), Follower()
    view = make_view(source, clock, QUERIES[:1])
    source.marks["deploys"] = [(int(clock.now * 1000), "v1")]
    source.gate.clear()
    view.follow(viewer)
    async with asyncio.timeout(90):  # the first compile takes its time
        while (head := await head_of(view))["panels"]["1"]["state"] != "ready":
            await asyncio.sleep(0.01)
    assert head["annotations"] == {}
    for _ in range(3):
        clock.now += 1
        await view.tick(5)
    assert source.asked == ["deploys"]
    source.gate.set()
    assert list(await viewer.marks()) == ["Deploys"]
    assert not viewer.inbox
    await view.close()


async def test_another_range_is_asked_anew_and_changes_nothing_for_those_who_watch() -> None:
    clock, source = Clock(), Told()
    view = make_view(source, clock, QUERIES[:1])
    now = int(clock.now * 1000)
    source.marks["deploys"] = [(now - 90_000, "old"), (now, "new")]
    before = (await head_of(view))["annotations"]
    other = json.loads(await marks_over(view, TimeRange(now - 100_000, now - 80_000)))
    assert [one["text"] for one in other["Deploys"]["items"]] == ["old"]
    assert (await head_of(view))["annotations"] == before
    await view.close()


async def test_of_another_range_those_queries_are_asked_that_are_named() -> None:
    clock, source = Clock(), Told()
    view = make_view(source, clock, QUERIES)
    now = int(clock.now * 1000)
    range_ = TimeRange(now - 100_000, now - 80_000)
    found = json.loads(await marks_over(view, range_, ("Incidents", "none of these")))
    assert (list(found), source.asked) == (["Incidents"], ["incidents"])
    assert list(json.loads(await marks_over(view, range_))) == ["Deploys", "Incidents"]
    await view.close()


# -- which queries ---------------------------------------------------------------------------------------------------


def test_what_people_marked_is_always_a_query_of_a_dashboard() -> None:
    plain = parse_dashboard({"title": "t", "annotations": [{"name": "Annotations", "query": "x"}]})
    names = [(query.name, query.builtin) for query in queries_of(plain)]
    assert names == [("Annotations of this dashboard", True), ("Annotations", False)]
    own = parse_dashboard({"title": "t", "annotations": [{"name": "Marks", "builtin": True, "color": "warn"}]})
    assert [query.name for query in queries_of(own)] == ["Marks"]


def test_a_query_that_is_off_by_default_makes_another_view_where_it_is_on() -> None:
    queries = [{"name": "a", "query": "x"}, {"name": "b b", "query": "x", "enable": False}]
    dashboard = parse_dashboard({"title": "t", "annotations": queries})
    on = switched_on(dashboard, ("a", "b b", "none"))
    assert on == ("b b",)
    fields: dict[str, Any] = {"variables": {}, "from_text": "", "to_text": "", "refresh": "", "zone": ""}
    keys = [
        make_key(Scope(1, Role.VIEWER), dashboard, "d", 1, now_ms=0, annotations=given, **fields) for given in ((), on)
    ]
    assert keys[0].id != keys[1].id
    address = Address("d", variables=(("v", ("1",)),), annotations=on)
    assert arrived(json.loads(json.dumps(carried(address, keys[1])))) == replace(
        address, from_text=keys[1].from_text, to_text=keys[1].to_text, zone=keys[1].zone
    )


# -- what people made ------------------------------------------------------------------------------------------------


class Counted(Annotations):
    """The real ones, counting how often the database is read."""

    reads = 0

    async def find(self, *arguments: Any, **options: Any) -> Sequence[Annotation]:
        self.reads += 1
        return await super().find(*arguments, **options)


@pytest.fixture
async def database(sqlite_config: str) -> AsyncIterator[Database]:
    database = Database(sqlite_config)
    yield database
    await database.close()


async def test_what_people_made_is_read_once_for_each_change_and_seen_at_once(database: Database) -> None:
    clock, annotations = Clock(), Counted(database)
    own = OwnMarks(annotations, clock)
    await annotations.create(DEFAULT_ORG, Annotation(50, 60, "one", (), "d"))
    await annotations.create(DEFAULT_ORG, Annotation(50, 60, "of another", (), "e"))

    async def texts(start: int = 0, end: int = 100) -> list[str]:
        return [one.text for one in await own.find(DEFAULT_ORG, "d", TimeRange(start, end))]

    assert await asyncio.gather(*(texts() for _ in range(20))) == [["one"]] * 20
    clock.now += 10
    assert await texts(5, 105) == ["one"]
    assert await texts(61, 161) == []
    assert annotations.reads == 1
    await annotations.create(DEFAULT_ORG, Annotation(70, 70, "two"))
    assert await texts() == ["one", "two"]
    assert annotations.reads == 2


async def test_a_change_on_another_node_is_seen_when_the_stamp_is_asked_again(database: Database) -> None:
    clock, elsewhere = Clock(), Annotations(database)
    own = OwnMarks(Annotations(database), clock)
    assert await own.find(DEFAULT_ORG, "d", TimeRange(0, 100)) == []
    await elsewhere.create(DEFAULT_ORG, Annotation(5, 5, "x"))
    clock.now += STAMP_LIFE_S
    assert [one.text for one in await own.find(DEFAULT_ORG, "d", TimeRange(0, 100))] == ["x"]


async def test_a_builtin_query_shows_what_was_made_with_whose_it_is(database: Database) -> None:
    clock, annotations = Clock(), Annotations(database)
    now = int(clock.now * 1000)
    made = await annotations.create(DEFAULT_ORG, Annotation(now, now, "<b>x</b>", ("t",), "d", "user:7"))
    builtin = [AnnotationQuery(name="Marks", builtin=True)]
    view = make_view(Told(), clock, builtin, OwnMarks(annotations, clock), alerts_over(database, clock))
    shown = {"time": now, "text": "<b>x</b>", "tags": ["t"], "id": made.id, "by": "user:7"}
    assert await made_of(view) == [shown]
    await view.close()


async def test_what_became_of_alerts_of_linked_panels_stands_on_these_panels(database: Database) -> None:
    clock, rules, states = Clock(), Rules(database), AlertStates(database)
    now = int(clock.now * 1000)
    closed = await Folders(database).create(DEFAULT_ORG, "closed", "Closed")
    await Folders(database).set_permissions(closed.id, {"role:editor": Access.EDIT})
    linked = {"labels": {"severity": "page"}, "dashboard_id": "d", "panel_id": 3}
    for name, config, folder in (
        ("load", linked, None),
        ("secret", linked, closed.id),
        ("elsewhere", {**linked, "dashboard_id": "e"}, None),
        ("whole", {"dashboard_id": "d"}, None),
    ):
        await rules.create(DEFAULT_ORG, NewRule(name, name.title(), "g", config, folder_id=folder), by="x", now_ms=now)
    (lease,) = await LeaseTable(database).take(["alerts/00"], "a/1", 60_000)
    steps = [("Normal", "Pending", ""), ("Pending", "Firing", ""), ("Firing", "Normal", "the series is gone")]
    labels = {"alertname": "x", "severity": "page", "host": "a"}
    for name in ("load", "secret", "elsewhere", "whole"):
        changed = [
            AlertEvent(DEFAULT_ORG, at, name, name, "f", labels, {"summary": "high"}, before, after, 1.0, at, reason)
            for at, (before, after, reason) in enumerate(steps, now - 5000)
        ]
        await states.commit(lease, [RuleChange(DEFAULT_ORG, name, 1, events=changed)])
    mark = Annotation(now - 9000, now - 9000, "made", (), "d")
    await Annotations(database).create(DEFAULT_ORG, mark)
    own, alerts = OwnMarks(Annotations(database), clock), alerts_over(database, clock)
    view = make_view(Told(), clock, [AnnotationQuery(name="Marks", builtin=True)], own, alerts)
    clock.now += 1
    items = await made_of(view)
    assert [(one.get("title"), one["text"], one.get("panel")) for one in items] == [
        (None, "made", None),
        ("Load: Firing", "host=a · high", 3),
        ("Load: Resolved", "host=a · the series is gone", 3),
    ]
    assert items[1]["color"] != items[2]["color"]
    await view.close()


class CountedEvents(AlertStates):
    """What became of alerts, with how often it was read."""

    reads = 0

    async def events(self, *arguments: Any, **options: Any) -> Sequence[AlertEvent]:
        self.reads += 1
        return await super().events(*arguments, **options)


async def test_changes_of_alerts_are_read_once_for_each_change_and_seen_at_the_next_tick(database: Database) -> None:
    clock, rules, states = Clock(), Rules(database), CountedEvents(database)
    alerts = AlertMarks(rules, states, Folders(database), clock)
    config = {"dashboard_id": "d", "panel_id": 3}
    await rules.create(DEFAULT_ORG, NewRule("r", "R", "g", config), by="x", now_ms=0)
    (lease,) = await LeaseTable(database).take(["alerts/00"], "a/1", 60_000)

    async def fires(at_ms: int) -> None:
        event = AlertEvent(DEFAULT_ORG, at_ms, "r", "R", "f", {}, {}, "Pending", "Firing", 1.0, at_ms, "")
        await states.commit(lease, [RuleChange(DEFAULT_ORG, "r", 1, events=[event])])

    async def times(span_s: int = 60) -> list[int]:
        now = int(clock.now * 1000)
        return [mark.time for mark in await alerts.find(DEFAULT_ORG, "d", TimeRange(now - span_s * 1000, now))]

    first = int(clock.now * 1000)
    await fires(first)
    for _ in range(10):
        assert await times() == [first]
        clock.now += 1
    assert states.reads == 1
    await fires(first + 9000)
    assert await times() == [first, first + 9000]
    assert await times(5) == [first + 9000]
    clock.now += 55
    assert await times() == [first + 9000], "what is older than the range has left it"


async def test_who_comes_to_a_view_of_the_past_sees_what_was_marked_meanwhile_and_asks_nothing_else_again(
    database: Database,
) -> None:
    clock, source, annotations = Clock(), Told(), Annotations(database)
    now = int(clock.now * 1000)
    queries = [AnnotationQuery(name="Marks", builtin=True), *QUERIES]
    past = {"from_text": str(now - 7_200_000), "to_text": str(now - 3_600_000)}
    own, alerts = OwnMarks(annotations, clock), alerts_over(database, clock)
    view = make_view(source, clock, queries, own, alerts, **past)
    assert not view.key.live
    async with asyncio.timeout(90):  # the first compile takes its time
        while (head := await head_of(view))["panels"]["1"]["state"] != "ready":
            await asyncio.sleep(0.01)
    assert head["annotations"]["Marks"]["items"] == []
    made = await annotations.create(DEFAULT_ORG, Annotation(now - 5_000_000, now - 5_000_000, "seen", (), "d"))
    clock.now += STILL_MARKS_S / 2
    assert view.at_hand([1], compressed=False) is not None
    clock.now += STILL_MARKS_S
    assert view.at_hand([1], compressed=False) is None
    head = await head_of(view)
    assert [one["text"] for one in head["annotations"]["Marks"]["items"]] == ["seen"]
    await annotations.delete(DEFAULT_ORG, made.id)
    clock.now += 2 * STILL_MARKS_S
    later = await head_of(view)
    assert later["annotations"]["Marks"]["items"] == []
    assert later["seq"] > head["seq"]
    assert sorted(source.asked) == ["deploys", "incidents"]
    await view.close()
