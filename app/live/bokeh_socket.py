"""`/d/<id>/bokeh/ws`: a live view for stock Bokeh pages, `bokeh.client.pull_session` and Panel. Nobody changes it."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any

from bokeh import __version__ as BOKEH_VERSION  # noqa: N812 - a constant by any name
from tornado.web import url

from ...errors import HeliographError, UnauthenticatedError
from ...storage.config.tokens import PREFIX
from ..auth import browsers
from ..auth.authenticator import Identity
from ..auth.bucket import Bucket
from ..auth.budget import MESSAGES_PER_S, Person
from ..auth.sessions import COOKIE
from ..http.host import origin_is_ours
from ..http.site import Site
from ..http.web import Socket
from .boot import Opened
from .frames import payload_of
from .handlers import address_of
from .live import Live
from .outlet import Outlet, outlet_of
from .session_feed import SessionFeed
from .socket import CODES, GONE, LATER, MAX_PENDING_BYTES, POLICY
from .view import View

DASHBOARD = r"/d/([A-Za-z0-9_-]{1,64})/bokeh"
SERVER_INFO = json.dumps({"version_info": {"bokeh": BOKEH_VERSION, "server": BOKEH_VERSION}}).encode()
REFUSED = b'{"text":"a live view cannot be changed","traceback":null}'
FRAMES = 3  # of a message
Feeds = dict[View, SessionFeed]


class BokehSocket(Socket):
    """One client of Bokeh's protocol: it may pull the document and ask for the server's version."""

    numbered = False
    guest = False

    live: Live
    feeds: Feeds

    def begin(self) -> None:
        self._opened: Opened | None = None
        self._outlet: Outlet | None = None
        self._pulled = False
        self._parts: list[str] = []
        self._person: Person | None = None
        self._said = Bucket(FRAMES * MESSAGES_PER_S, self.site.clock)
        self.wants: frozenset[int] = frozenset()

    def check_origin(self, origin: str) -> bool:
        return origin_is_ours(self.request, origin, self.site.settings.public_url)

    def select_subprotocol(self, subprotocols: list[str]) -> str | None:
        return "bokeh" if "bokeh" in subprotocols else None

    async def open(self, *args: str, **kwargs: str) -> None:
        self.set_nodelay(True)
        self._outlet = outlet_of(self)
        hub = self.live.hub
        try:
            identity = await self._identity()
            self._person = self._seat(identity.scope.principal)
            opened = await hub.open(identity, address_of(self, args[0]), self.request.remote_ip or "")
            await opened.view.snapshot([panel.panel_id for panel in opened.dashboard.panels], compressed=False)
            hub.follow(opened.view, self, identity.credential)
        except HeliographError as error:
            self.close(LATER if error.retryable else GONE, error.code)
            return
        self._opened = opened
        self.wants = frozenset(panel.panel_id for panel in opened.dashboard.panels)
        self._feed = self.feeds.setdefault(opened.view, SessionFeed(opened.view))
        self._feed.clients += 1
        self._send(self._feed.message("ACK", b"{}"))

    async def _identity(self) -> Identity:
        """By a header, by the cookie, or by an API token where Bokeh puts the id of a session."""
        header = self.request.headers.get("Authorization", "")
        session = _session_id(self.request.headers.get("Sec-WebSocket-Protocol", ""))
        if not header and session.startswith(PREFIX):
            header = f"Bearer {session}"
        browser = self.get_cookie(browsers.COOKIE)
        found = await self.site.access.auth.authenticate(header, self.get_cookie(COOKIE), browser)
        if found is None:
            raise UnauthenticatedError("log in, or give an API token as the id of the session")
        return found

    def on_message(self, message: str | bytes) -> None:
        """A message is a header, metadata and content; what would change the document is refused."""
        if not self._may_speak():
            return
        try:
            self._take(message)
        except (ValueError, KeyError, TypeError, RecursionError):
            self.site.telemetry.viewers_dropped.labels("protocol").inc()
            self.close(POLICY, "not a message of Bokeh's protocol")

    def _take(self, message: str | bytes) -> None:
        if not isinstance(message, str) or self._opened is None:
            raise ValueError("text only, and after ACK")
        self._parts.append(message)
        if len(self._parts) < 3:
            return
        header, self._parts = json.loads(self._parts[0]), []
        if not isinstance(header, dict) or header.get("num_buffers"):
            raise ValueError("nothing is pushed here")
        request, kind = str(header["msgid"]), header["msgtype"]
        if kind == "PULL-DOC-REQ":
            self._pulled = True
            self._send(self._feed.reply(request))
        elif kind == "SERVER-INFO-REQ":
            self._send(self._feed.message("SERVER-INFO-REPLY", SERVER_INFO, request=request))
        elif kind in ("PATCH-DOC", "PUSH-DOC"):
            self._send(self._feed.message("ERROR", REFUSED, request=request))
        elif kind != "OK":
            raise ValueError("no such message")

    def push(self, frame: bytes) -> None:
        """What the view sends, as events; a client that is too slow for them is cut, since none may be lost."""
        if self._pulled:
            patch = self._feed.patch(frame)
            if patch:
                self._send(patch)
        if payload_of(frame).startswith(b'{"version"'):
            self.close(1001, "the dashboard was saved")

    def _send(self, message: bytes) -> None:
        outlet = self._outlet
        if outlet is None or outlet.write(message):
            return
        if outlet.pending > MAX_PENDING_BYTES:
            self.site.telemetry.viewers_dropped.labels("slow").inc()
            outlet.cut()
            return
        outlet.queue(message)

    def leave(self, message: Mapping[str, Any], reason: str) -> None:
        self.site.telemetry.viewers_dropped.labels(reason).inc()
        self._outlet = None  # nothing follows a close frame
        self.close(1001 if "move" in message else CODES.get(reason, GONE), reason)

    def probe(self, now_s: float) -> None:
        """Tornado pings these few by itself."""

    def _seat(self, principal: str) -> Person:
        budget = self.site.access.budget
        budget.spend(person := budget.person(principal, self.request.remote_ip or ""))
        budget.sit(person)
        return person

    def on_ping(self, data: bytes) -> None:
        self._may_speak()

    def _may_speak(self) -> bool:
        if self._person is not None and self._said.take() and self.site.access.budget.says(self._person):
            return True
        self.site.telemetry.viewers_dropped.labels("messages").inc()
        self.close(POLICY, "too many messages")
        return False

    def on_close(self) -> None:
        if self._person is not None:
            self.site.access.budget.leave(self._person)
            self._person = None
        if self._opened is not None:
            self.live.hub.unfollow(self._opened.view, self)
            self._feed.clients -= 1
            if not self._feed.clients:
                self.feeds.pop(self._opened.view, None)
            self._opened = None


def _session_id(subprotocols: str) -> str:
    """The id of the session in Bokeh's token, which comes as the second subprotocol."""
    token = subprotocols.partition(",")[2].strip().partition(".")[0][:4000]
    try:
        document = json.loads(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
        return str(document["session_id"])
    except (ValueError, KeyError, TypeError):
        return ""


def routes(site: Site, live: Live) -> list[Any]:
    """The socket of Bokeh's page of a dashboard."""
    return [url(DASHBOARD + r"/ws", BokehSocket, {"site": site, "live": live, "feeds": {}})]
