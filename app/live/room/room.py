"""One room: the tabs of people that are in it, those of other nodes, and who follows whom."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from ...auth.bucket import Bucket
from .said import Shown

MOST = 50  # tabs in a room: each hears of all others
MOST_OF_PERSON = 5
TOLD = ("id", "name", "shares", "follows")  # what everybody in the room hears of a tab


class Member(Protocol):
    """A socket, as a room sees it."""

    def push(self, frame: bytes) -> None:
        """Write a whole WebSocket frame. Never waits."""


@dataclass(slots=True, eq=False)
class Seat:
    """A tab in a room. `member` is None while its page changes over to another view.

    `shown` and `at` are what it shares. `acts` and `moves` are how much it may still say: in words, by its crosshair.
    """

    id: str
    name: str
    acts: Bucket
    moves: Bucket
    member: Member | None = None
    shares: bool = False
    follows: str = ""
    shown: Shown | None = None
    at: int | None = None

    def told(self) -> dict[str, Any]:
        """What others are told of who sits here."""
        return {name: getattr(self, name) for name in TOLD}

    def state(self) -> dict[str, Any]:
        """What those who follow it are shown."""
        shown = {"range": self.shown.model_dump(by_alias=True)} if self.shown is not None else {}
        return {**shown, "at": self.at}


@dataclass(frozen=True, slots=True)
class Others:
    """The people of another node, and when it spoke of them last."""

    heard_s: float
    people: Sequence[Mapping[str, Any]]


@dataclass(slots=True, eq=False)
class Room:
    """The room of a dashboard on this node. `told`, `published`: what was said last, to all here and to other nodes."""

    key: bytes
    here: dict[str, Seat] = field(default_factory=dict)
    elsewhere: dict[bytes, Others] = field(default_factory=dict)
    told: bytes = b""
    told_s: float = 0.0
    published: Sequence[Mapping[str, Any]] = ()
    timer: asyncio.TimerHandle | None = None

    def people(self) -> list[Mapping[str, Any]]:
        """All who are in it, each tab once; a bounded number."""
        found: dict[str, Mapping[str, Any]] = {one.id: one.told() for one in self.here.values()}
        for person in self._others():
            found.setdefault(person["id"], person)
        return list(found.values())[:MOST]

    def is_full_for(self, person: str) -> bool:
        """Whether there is no place for one more tab of that person."""
        people = self.people()
        own = Counter(person_of(one["id"]) for one in people)
        return len(people) >= MOST or own[person] >= MOST_OF_PERSON

    def members(self) -> Iterator[Member]:
        """The sockets of this node that are in the room."""
        return (seat.member for seat in tuple(self.here.values()) if seat.member is not None)

    def followers(self, leader: str) -> Iterator[Member]:
        """Those of this node who follow a tab."""
        seats = tuple(self.here.values())
        return (seat.member for seat in seats if seat.follows == leader and seat.member is not None)

    def is_followed_elsewhere(self, leader: str) -> bool:
        """Whether somebody on another node follows them."""
        return any(person["follows"] == leader for person in self._others())

    def _others(self) -> Iterator[Mapping[str, Any]]:
        return (person for others in self.elsewhere.values() for person in others.people)


def person_of(seat_id: str) -> str:
    """Whose tab it is."""
    return seat_id.partition(".")[0]
