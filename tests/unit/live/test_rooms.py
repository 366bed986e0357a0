"""Rooms of dashboards: who is told what, on one node and over two."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from pydantic import ValidationError

from heliograph.app.live.frames import payload_of
from heliograph.app.live.room.room import MOST, MOST_OF_PERSON
from heliograph.app.live.room.rooms import GRACE_S, SILENT_S, Rooms, has_room
from heliograph.app.live.room.said import RoomMessage, RoomSaid
from heliograph.scope import Role, Scope
from heliograph.storage.cache.memory import MemoryMessages


class Clock:
    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


class Tab:
    """A socket that keeps what is pushed to it."""

    def __init__(self) -> None:
        self.heard: list[dict[str, Any]] = []

    def push(self, frame: bytes) -> None:
        self.heard.append(json.loads(payload_of(frame))["room"])

    def take(self) -> list[dict[str, Any]]:
        taken, self.heard = self.heard, []
        return taken

    @property
    def people(self) -> list[str]:
        """The ids of those it was told of last."""
        return [one["id"] for one in [said for said in self.heard if "people" in said][-1]["people"]]


def person(number: int) -> Scope:
    return Scope(1, Role.VIEWER, principal=f"user:{number}", user_id=number, login=f"<b>{number}</b>")


def tab_of(number: int) -> str:
    return f"tab{number:05}"


def enter(rooms: Rooms, number: int, dashboard: str = "shop", *, tab: str = "") -> Tab:
    made = Tab()
    rooms.enter(person(number), dashboard, made, tab or tab_of(number))
    return made


def say(rooms: Rooms, tab: Tab, **said: Any) -> None:
    rooms.hear(tab, RoomMessage.model_validate({"room": said}).room)


async def settle() -> None:
    """Let what was put off until now, and what goes between nodes, happen."""
    for _ in range(10):
        await asyncio.sleep(0)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def nodes(clock: Clock) -> AsyncIterator[tuple[Rooms, Rooms]]:
    bus = MemoryMessages()
    one, two = Rooms(bus, clock), Rooms(bus, clock)
    await one.start()
    await two.start()
    yield one, two
    await one.close()
    await two.close()


@pytest.fixture
async def rooms(clock: Clock) -> AsyncIterator[Rooms]:
    alone = Rooms(None, clock)
    await alone.start()
    yield alone
    await alone.close()


async def test_people_of_one_dashboard_hear_of_each_other_and_of_nobody_else(rooms: Rooms) -> None:
    ann, bob, eve = enter(rooms, 1), enter(rooms, 2), enter(rooms, 3, "other")
    await settle()
    assert ann.people == bob.people == ["1.tab00001", "2.tab00002"]
    assert eve.people == ["3.tab00003"]
    assert bob.heard[0]["you"] == "2.tab00002"
    assert ann.heard[-1]["people"][1] == {"id": "2.tab00002", "name": "<b>2</b>", "shares": False, "follows": ""}


async def test_people_are_told_of_once_a_second_at_most(rooms: Rooms, clock: Clock) -> None:
    ann = enter(rooms, 1)
    await settle()
    ann.take()
    for number in range(2, 12):
        enter(rooms, number)
        await settle()
    assert ann.take() == []
    (room,) = {id(room): room for room, _ in rooms._seats.values()}.values()
    assert room.timer is not None
    wait_s = room.timer.when() - asyncio.get_running_loop().time()
    assert 0.5 < wait_s <= 1.0, "all of them are told of in one go, when the second is over"


async def test_crosshair_and_range_reach_those_who_follow_alone(rooms: Rooms) -> None:
    ann, bob, eve = (enter(rooms, number) for number in (1, 2, 3))
    await settle()
    say(rooms, ann, at=5)  # who does not share shows nothing
    say(rooms, ann, shares=True, range={"from": "now-6h", "to": "now"})
    say(rooms, bob, follows="1.tab00001")
    shown = {"from": "now-6h", "to": "now", "zoom": None}
    assert bob.take()[-1] == {"of": "1.tab00001", "range": shown, "at": None}
    eve.take()
    say(rooms, ann, at=1_710_320_000_000)
    say(rooms, ann, range={**shown, "zoom": [1, 2]})
    assert bob.take() == [
        {"of": "1.tab00001", "at": 1_710_320_000_000},
        {"of": "1.tab00001", "range": {**shown, "zoom": [1, 2]}},
    ]
    say(rooms, ann, shares=False)
    assert bob.take() == [{"of": "1.tab00001", "at": None}]
    say(rooms, ann, at=7)
    say(rooms, eve, pinned=True)
    assert (bob.take(), eve.take()) == ([{"pinned": True}], [{"pinned": True}])


async def test_who_says_more_than_a_page_does_is_not_passed_on(rooms: Rooms, clock: Clock) -> None:
    ann, bob = enter(rooms, 1), enter(rooms, 2)
    say(rooms, ann, shares=True)
    say(rooms, bob, follows="1.tab00001")
    await settle()
    ann.take(), bob.take()
    for ms in range(200):
        say(rooms, ann, at=ms)
    assert len(bob.take()) <= 24
    for _ in range(200):
        say(rooms, bob, pinned=True)
    assert len(ann.take()) <= 8
    clock.now += 10
    for _ in range(20):
        say(rooms, ann, pinned=True)
    say(rooms, ann, shares=False)
    assert bob.take()[-1] == {"of": "1.tab00001", "at": None}, "sharing ends at any time"
    clock.now += 10
    say(rooms, ann, shares=True)
    say(rooms, ann, at=1)
    assert bob.take()[-1] == {"of": "1.tab00001", "at": 1}


async def test_a_tab_that_changes_views_keeps_its_place_and_one_that_is_gone_leaves(rooms: Rooms) -> None:
    ann, bob = enter(rooms, 1), enter(rooms, 2)
    say(rooms, ann, shares=True)
    say(rooms, bob, follows="1.tab00001")
    rooms.leave(ann, GRACE_S)
    again = enter(rooms, 1)
    say(rooms, again, shares=True)
    await settle()
    bob.take()
    say(rooms, again, at=5)
    say(rooms, ann, at=6)  # of the socket that is gone
    assert bob.take() == [{"of": "1.tab00001", "at": 5}]
    rooms.leave(bob, GRACE_S)
    bob = enter(rooms, 2)
    assert bob.heard[1] == {"of": "1.tab00001", "at": 5}, "who follows is shown what is shown now"
    rooms.leave(ann, GRACE_S)  # and once more, late
    rooms.leave(again)
    rooms.leave(bob, 0.001)
    await asyncio.sleep(0.01)
    assert rooms._seats == {}


async def test_a_room_has_so_many_places_and_a_person_so_many_of_them(rooms: Rooms) -> None:
    own = [enter(rooms, 1, tab=tab_of(number)) for number in range(MOST_OF_PERSON + 1)]
    assert [one.heard[0].get("full", False) for one in own] == [False] * MOST_OF_PERSON + [True]
    many = [enter(rooms, number) for number in range(2, MOST + 2)]
    assert [one.heard[0].get("full", False) for one in many].count(True) == MOST_OF_PERSON
    say(rooms, many[-1], shares=True)  # who is not in it says nothing
    assert many[-1].heard == [{"full": True}]
    rooms.leave(many[0])
    assert "you" in enter(rooms, 100).heard[0]


async def test_nodes_tell_each_other(nodes: tuple[Rooms, Rooms], clock: Clock) -> None:
    one, two = nodes
    ann = enter(one, 1)
    say(one, ann, shares=True)
    await settle()
    bob = enter(two, 2)
    await settle()
    clock.now += 1
    say(two, bob, follows="1.tab00001")
    say(one, ann, range={"from": "now-1h", "to": "now"})
    await asyncio.sleep(1.05)  # the second between two tellings
    await settle()
    assert set(ann.people) == set(bob.people) == {"1.tab00001", "2.tab00002"}
    bob.take()
    say(one, ann, at=9)
    await settle()
    assert bob.take() == [{"of": "1.tab00001", "at": 9}]
    say(two, bob, pinned=True)
    await settle()
    assert {"pinned": True} in ann.take()
    one.leave(ann, GRACE_S)
    moved = enter(two, 1)  # its next view is another node's
    say(two, moved, shares=True)
    await settle()
    say(two, moved, at=10)
    assert bob.take()[-1] == {"of": "1.tab00001", "at": 10}


async def test_a_node_that_is_silent_is_forgotten(nodes: tuple[Rooms, Rooms], clock: Clock) -> None:
    one, two = nodes
    ann, _ = enter(one, 1), enter(two, 2)
    await settle()
    (room,) = one._rooms.values()
    assert len(room.people()) == 2
    await two.close()
    clock.now += SILENT_S + 1
    one._forget_silent(room)
    await settle()
    assert ann.people == ["1.tab00001"]


@pytest.mark.parametrize(
    "said",
    [
        {"join": "UPPERCASE"}, {"join": "short"}, {"join": 1}, {"follows": "../x"}, {"follows": "1"}, {"at": -1},
        {"at": 1.5}, {"at": 10**17}, {"shares": "yes"}, {"pinned": False}, {"name": "eve"},
        {"range": {"from": "now-1h"}}, {"range": {"from": "a b", "to": "now"}},
        {"range": {"from": "x" * 41, "to": "now"}},
        {"range": {"from": "now-1h", "to": "now", "zoom": [2, 1]}}, {"range": {"from": "a", "to": "b", "zoom": [1]}},
    ],
)  # fmt: skip
def test_what_is_no_message_is_refused(said: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        RoomMessage.model_validate({"room": said})
    with pytest.raises(ValidationError):
        RoomMessage.model_validate({"room": {}, "want": []})
    assert RoomSaid.model_validate({}).model_fields_set == set()


def test_nobody_without_a_login_has_a_room() -> None:
    assert has_room(person(1), None, "shop")
    assert not has_room(Scope(1, Role.VIEWER), None, "shop")
    assert not has_room(Scope(1, Role.EDITOR, principal="token:3", login="ci"), None, "shop")
    assert not has_room(person(1), None, "draft:abc")
