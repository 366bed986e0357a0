"""The socket of a viewer: takes which panels are wanted, pings and what is said to a room; never creates a view."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Awaitable, Mapping
from typing import Any

import structlog
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ...components.session_wire import PING, ws_frame
from ...errors import HeliographError, NotFoundError
from ..auth.authenticator import SHARE
from ..auth.bucket import Bucket
from ..auth.budget import MESSAGES_PER_S, Person
from ..http.host import origin_is_ours
from ..http.strict_json import strict_json
from ..http.web import Socket
from .frames import text_frame
from .live import Live
from .outlet import Outlet, outlet_of
from .room.rooms import GRACE_S, has_room
from .room.said import RoomMessage, RoomSaid
from .view import View

log = structlog.get_logger(__name__)
MAX_MESSAGE_CHARS = 10_000  # 500 numbers of panels and what is around them
MAX_PENDING_BYTES = 1_000_000
SLOW_DROP_S = 60.0
# Why a socket ends: what it said, a view that nobody holds, a login that ended, a right that was taken, a dashboard
# that was deleted, a server that is full or goes.
POLICY, UNKNOWN_VIEW, GONE, CLOSED, DELETED, LATER = 1008, 4404, 4401, 4403, 4410, 4503
CODES = {"right": CLOSED, "deleted": DELETED, "messages": POLICY}
# Proxies cut connections on which nothing moves. Where ticks flow, those keep the connection open, and a viewer is
# asked for a sign of life ever so often alone: ten thousand answers cost as much as the ticks.
IDLE_PING_S = 25.0
SIGN_OF_LIFE_S = 100.0
PONG_WITHIN_S = 20.0
PING_FRAME = ws_frame(PING, b"")
REFETCH_FRAME = text_frame(b'{"refetch":true}')


class WantMessage(BaseModel):
    """Which panels the page is near."""

    model_config = ConfigDict(extra="forbid", strict=True)

    want: list[int] = Field(max_length=500)


class PingMessage(BaseModel):
    """A sign of life is asked for."""

    model_config = ConfigDict(extra="forbid", strict=True)

    ping: int


class ViewSocket(Socket):
    """One viewer of one view."""

    numbered = True
    guest = False

    live: Live

    def begin(self) -> None:
        self._view: View | None = None
        self._outlet: Outlet | None = None
        self.wants: frozenset[int] = frozenset()
        self._slow_since: float | None = None
        self._heard_s = self.site.clock()
        self._person: Person | None = None
        self._credential = ""
        self._said: Bucket | None = None

    @property
    def ping_interval(self) -> float:
        """No task of its own for each viewer: the hub probes them all."""
        return 0.0

    def check_origin(self, origin: str) -> bool:
        return origin_is_ours(self.request, origin, self.site.settings.public_url)

    async def open(self, *args: str, **kwargs: str) -> None:
        hub, budget = self.live.hub, self.site.access.budget
        view_id = args[0]
        self.set_nodelay(True)
        self._outlet = outlet_of(self)
        try:
            token = hub.tokens.check(self.get_query_argument("token", ""), view_id, self.site.clock())
            person = budget.person(token.principal, self.request.remote_ip or "")
            budget.sit(person)
            self._person = person
            view = await hub.adopt(token, self.request.remote_ip or "")
            if self.ws_connection is None or self.ws_connection.is_closing():
                return
            self._credential = token.credential
            self.guest = token.credential.startswith(SHARE)
            hub.follow(view, self, token.credential)
        except NotFoundError:
            self.close(UNKNOWN_VIEW, "unknown view")
        except HeliographError as error:
            self.close(LATER if error.retryable else GONE, error.code)
        else:
            self._view = view

    def on_message(self, message: str | bytes) -> Awaitable[None] | None:
        """Take what a page may say; anything else closes the socket."""
        self._heard_s = self.site.clock()
        if not self._may_speak():
            return None
        try:
            return self._take(message)
        except (ValidationError, ValueError, RecursionError):
            self.site.telemetry.viewers_dropped.labels("protocol").inc()
            self.close(POLICY, "not a message of this protocol")
            return None

    def on_ping(self, data: bytes) -> None:
        self._may_speak()

    def _may_speak(self) -> bool:
        """Whether one more message is taken; who says more than a page ever does is closed."""
        if self._said is None:
            self._said = Bucket(MESSAGES_PER_S, self.site.clock)
        if self._person is not None and self._said.take() and self.site.access.budget.says(self._person):
            return True
        self.site.telemetry.viewers_dropped.labels("messages").inc()
        self.close(POLICY, "too many messages")
        return False

    def _take(self, message: str | bytes) -> Awaitable[None] | None:
        if not isinstance(message, str) or self._view is None or len(message) > MAX_MESSAGE_CHARS:
            raise ValueError("text only")
        document = json.loads(message)
        if isinstance(document, dict) and "want" in document:
            wants = WantMessage.model_validate(document).want
            self.wants = frozenset(panel_id for panel_id in wants if self._view.has_panel(panel_id))
            return None
        if isinstance(document, dict) and "room" in document:
            return self._say(RoomMessage.model_validate(document).room)
        PingMessage.model_validate(document)
        self.push(text_frame(b'{"pong":1}'))
        return None

    def _say(self, said: RoomSaid) -> Awaitable[None] | None:
        """To the room of the dashboard. Who comes is judged first."""
        if said.join:
            return self._join(said)
        if said.join is not None:
            self.live.rooms.leave(self)
        self.live.rooms.hear(self, said)
        return None

    async def _join(self, said: RoomSaid) -> None:
        """Who is logged in and may see the dashboard may be in its room; others are neither seen nor told."""
        with contextlib.suppress(HeliographError):
            identity = await self.live.hub.rights.identity(self._credential)
            view = self._view  # None: it closed meanwhile
            if view is not None and has_room(identity.scope, identity.share, view.key.dashboard_id):
                self.live.rooms.enter(identity.scope, view.key.dashboard_id, self, said.join or "")
                self.live.rooms.hear(self, said)

    def on_pong(self, data: bytes) -> None:
        self._heard_s = self.site.clock()

    def probe(self, now_s: float) -> None:
        """Ask a viewer of whom nothing was heard for a while for a sign of life; cut one that gave none."""
        silent_s = now_s - self._heard_s
        said_s = self._view.audience.said_s if self._view is not None else 0.0
        if silent_s <= SIGN_OF_LIFE_S and min(silent_s, now_s - said_s) <= IDLE_PING_S:
            return
        outlet = self._outlet
        if outlet is None or outlet.closed:
            return
        if silent_s > SIGN_OF_LIFE_S + PONG_WITHIN_S:
            self.site.telemetry.viewers_dropped.labels("dead").inc()
            outlet.cut()
        else:
            outlet.write(PING_FRAME)

    def on_close(self) -> None:
        if self._person is not None:
            self.site.access.budget.leave(self._person)
            self._person = None
        if self._view is not None:
            self.live.rooms.leave(self, GRACE_S)
            self.live.hub.unfollow(self._view, self)
            self._view = None

    def push(self, frame: bytes) -> None:
        """Write one frame, unless the viewer is too slow to take what is written already."""
        outlet = self._outlet
        if outlet is None or (self._slow_since is None and outlet.write(frame)):
            return
        if outlet.pending > MAX_PENDING_BYTES:
            self._fall_behind(outlet)
            return
        if self._slow_since is not None:
            self._slow_since = None
            frame = REFETCH_FRAME
        outlet.queue(frame)

    def _fall_behind(self, outlet: Outlet) -> None:
        now = self.site.clock()
        if self._slow_since is None:
            self._slow_since = now
        elif now - self._slow_since > SLOW_DROP_S:
            self.site.telemetry.viewers_dropped.labels("slow").inc()
            outlet.cut()

    def leave(self, message: Mapping[str, Any], reason: str) -> None:
        """Say why, and close."""
        self.site.telemetry.viewers_dropped.labels(reason).inc()
        self.push(text_frame(strict_json(message).encode()))
        self._outlet = None  # nothing follows a close frame
        self.close(1001 if "move" in message else CODES.get(reason, GONE), reason)
