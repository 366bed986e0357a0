"""The rooms of a process. Nothing of them reaches who did not join; people are told of once a second at most."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

from ....scope import Scope
from ....storage.cache.base import Messages
from ....storage.config.shares import Share
from ....tasks import ended
from ...auth.bucket import Bucket
from ..draft_board import draft_id_of
from ..frames import as_frame
from ..rule_board import rule_id_of
from .nodes import OtherNodes
from .room import MOST, TOLD, Member, Others, Room, Seat, person_of
from .said import RoomSaid

TELL_S = 1.0
GRACE_S = 5.0  # for a page that changes over to another view, perhaps on another node
BEAT_S, SILENT_S = 10.0, 35.0  # how often nodes tell each other of people, and how long one may be silent
MOVES_PER_S, ACTS_PER_S = 12.0, 4.0  # a page moves its crosshair 10 times a second
MOST_NAME = 64
FULL = as_frame({"room": {"full": True}})


def has_room(scope: Scope, share: Share | None, dashboard_id: str) -> bool:
    """Whether who sees a dashboard may be in its room: people who are logged in, and no links or programs."""
    is_person = scope.user_id is not None and share is None
    return is_person and draft_id_of(dashboard_id) is None and rule_id_of(dashboard_id) is None


class Rooms:
    """Runs on the event loop. `messages` between nodes; None where this node is alone."""

    def __init__(self, messages: Messages | None, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._rooms: dict[bytes, Room] = {}
        self._seats: dict[Member, tuple[Room, Seat]] = {}
        self._nodes = OtherNodes(messages, self._rooms.__contains__, self._heard) if messages is not None else None
        self._keeper: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Hear what is said on other nodes, where there are any."""
        if self._nodes is not None:
            await self._nodes.start()
            self._keeper = asyncio.get_running_loop().create_task(self._keep())

    async def close(self) -> None:
        """Empty all rooms; who sat here is told nothing."""
        await ended(self._keeper)
        if self._nodes is not None:
            await self._nodes.close()
        for room in self._rooms.values():
            if room.timer is not None:
                room.timer.cancel()
        self._rooms.clear()
        self._seats.clear()

    # -- coming and going --------------------------------------------------------------------------------------------

    def enter(self, scope: Scope, dashboard_id: str, member: Member, tab: str) -> None:
        """Let a person's tab in, and tell it who is there; one for whom there is no place hears that."""
        self.leave(member)
        key = f"{scope.org} {dashboard_id}".encode()
        room = self._rooms.get(key) or Room(key)
        seat_id = f"{scope.user_id}.{tab}"
        seat = room.here.get(seat_id)
        if seat is None and room.is_full_for(person_of(seat_id)):
            member.push(FULL)
            return
        if seat is None:
            acts, moves = Bucket(ACTS_PER_S, self._clock), Bucket(MOVES_PER_S, self._clock)
            seat = room.here[seat_id] = Seat(seat_id, scope.login[:MOST_NAME], acts, moves)
        elif seat.member is not None:
            self._seats.pop(seat.member, None)
        seat.member = member
        self._seats[member] = room, seat
        if key not in self._rooms:
            self._rooms[key] = room
            self._publish(room, {"people": [], "ask": True})
        member.push(as_frame({"room": {"you": seat_id, "people": room.people()}}))
        self._catch_up(room, seat)
        self._changed(room)

    def leave(self, member: Member, grace_s: float = 0.0) -> None:
        """It is gone, or comes back under its name within so many seconds."""
        found = self._seats.pop(member, None)
        if found is None:
            return
        room, seat = found
        seat.member = None
        if grace_s:
            asyncio.get_running_loop().call_later(grace_s, self._drop, room, seat)
        else:
            self._drop(room, seat)

    def _drop(self, room: Room, seat: Seat) -> None:
        if seat.member is None and room.here.get(seat.id) is seat:
            del room.here[seat.id]
            self._changed(room)

    # -- what they say -----------------------------------------------------------------------------------------------

    def hear(self, member: Member, said: RoomSaid) -> None:
        """Do what a page says, within what it may say a second; who is not in the room says nothing."""
        found = self._seats.get(member)
        if found is None:
            return
        room, seat = found
        # Whoever wants to share no more is heard at any time.
        if said.model_fields_set - {"at"} and (seat.acts.take() or said.shares is False):
            self._act(room, seat, said)
        if "at" in said.model_fields_set and seat.shares and seat.moves.take():
            seat.at = said.at
            self._show(room, seat, {"at": said.at})

    def _act(self, room: Room, seat: Seat, said: RoomSaid) -> None:
        before = seat.told()
        if said.shares is not None and said.shares != seat.shares:
            if not said.shares:
                self._show(room, seat, {"at": None})
            seat.shares, seat.at, seat.shown = said.shares, None, None
        if said.range is not None and seat.shares and said.range != seat.shown:
            seat.shown = said.range
            self._show(room, seat, {"range": said.range.model_dump(by_alias=True)})
        if said.follows is not None and said.follows != seat.follows:
            seat.follows = said.follows
            self._catch_up(room, seat)
        if said.pinned:
            self._tell_pinned(room)
            self._publish(room, {"pinned": True})
        if seat.told() != before:
            self._changed(room)

    def _catch_up(self, room: Room, seat: Seat) -> None:
        """Show somebody what the one whom they follow shows now; on another node that one does."""
        leader = room.here.get(seat.follows)
        if leader is not None and leader.shares and seat.member is not None:
            seat.member.push(as_frame({"room": {"of": leader.id, **leader.state()}}))

    def _show(self, room: Room, seat: Seat, shown: Mapping[str, Any]) -> None:
        """Show something of a person to those who follow them, here and on other nodes."""
        if not seat.shares:
            return
        frame = b""
        for follower in room.followers(seat.id):
            frame = frame or as_frame({"room": {"of": seat.id, **shown}})
            follower.push(frame)
        if room.is_followed_elsewhere(seat.id):
            self._publish(room, {"of": seat.id, "shown": shown})

    def _tell_pinned(self, room: Room) -> None:
        frame = as_frame({"room": {"pinned": True}})
        for member in room.members():
            member.push(frame)

    # -- telling who is there ----------------------------------------------------------------------------------------

    def _changed(self, room: Room) -> None:
        if room.timer is None:
            wait_s = min(max(0.0, room.told_s + TELL_S - self._clock()), TELL_S)
            room.timer = asyncio.get_running_loop().call_later(wait_s, self._tell, room)

    def _tell(self, room: Room) -> None:
        """Tell all in the room, and the other nodes, who is in it, where that is another than was told last."""
        room.timer = None
        room.told_s = self._clock()
        frame = as_frame({"room": {"people": room.people()}})
        if frame != room.told:
            room.told = frame
            for member in room.members():
                member.push(frame)
        self._tell_nodes(room, again=False)
        if not room.here and self._rooms.get(room.key) is room:
            del self._rooms[room.key]

    def _tell_nodes(self, room: Room, *, again: bool) -> None:
        own = [seat.told() for seat in room.here.values()]
        if again or own != room.published:
            room.published = own
            self._publish(room, {"people": own})

    # -- other nodes -------------------------------------------------------------------------------------------------

    def _publish(self, room: Room, message: Mapping[str, Any]) -> None:
        if self._nodes is not None:
            self._nodes.tell(room.key, message)

    def _heard(self, node: bytes, key: bytes, message: Mapping[str, Any]) -> None:
        """Another node says something of a room that has people here."""
        room = self._rooms[key]
        if "people" in message:
            self._heard_of(room, node, message)
        elif "pinned" in message:
            self._tell_pinned(room)
        else:
            frame = as_frame({"room": {"of": message["of"], **message["shown"]}})
            for follower in room.followers(message["of"]):
                follower.push(frame)

    def _heard_of(self, room: Room, node: bytes, message: Mapping[str, Any]) -> None:
        before = room.elsewhere.get(node, Others(0.0, ()))
        people = [{name: one[name] for name in TOLD} for one in message["people"][:MOST]]
        room.elsewhere[node] = Others(self._clock(), people)
        for person in people:
            seat = room.here.get(person["id"])
            if seat is not None and seat.member is None:  # it went over to that node
                del room.here[seat.id]
        followed = {one["follows"] for one in people} - {one["follows"] for one in before.people}
        for seat in room.here.values():
            if seat.id in followed and seat.shares:
                self._publish(room, {"of": seat.id, "shown": seat.state()})
        if message.get("ask"):
            self._tell_nodes(room, again=True)
        if people != before.people:
            self._changed(room)

    async def _keep(self) -> None:
        """Tell other nodes again who is here, and forget those of nodes that are gone."""
        while True:
            await asyncio.sleep(BEAT_S)
            for room in tuple(self._rooms.values()):
                self._tell_nodes(room, again=True)
                self._forget_silent(room)

    def _forget_silent(self, room: Room) -> None:
        silent = [node for node, one in room.elsewhere.items() if self._clock() - one.heard_s > SILENT_S]
        for node in silent:
            del room.elsewhere[node]
        if silent:
            self._changed(room)
