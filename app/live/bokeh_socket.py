"""`/d/<id>/bokeh`: a live view for stock Bokeh pages, `bokeh.client.pull_session` and Panel. Nobody changes it."""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from bokeh import __version__ as BOKEH_VERSION  # noqa: N812 - a constant by any name
from bokeh.core.templates import AUTOLOAD_JS
from bokeh.embed.bundle import Script, bundle_for_objs_and_resources
from bokeh.embed.elements import script_for_render_items
from bokeh.embed.util import RenderItem
from bokeh.resources import Resources
from bokeh.util.token import generate_jwt_token
from tornado.web import url

from ...errors import HeliographError, InvalidError, UnauthenticatedError
from ...storage.config.tokens import PREFIX
from ..auth.authenticator import Identity
from ..auth.sessions import COOKIE
from ..http.site import Site
from ..http.web import Handler, Socket, origin_is_ours
from .boot import Opened
from .frames import payload_of
from .handlers import address_of
from .live import Live
from .outlet import Outlet, outlet_of
from .session_feed import SessionFeed
from .socket import GONE, LATER, MAX_PENDING_BYTES, POLICY
from .view import View

DASHBOARD = r"/d/([A-Za-z0-9_-]{1,64})/bokeh"
SERVER_INFO = json.dumps({"version_info": {"bokeh": BOKEH_VERSION, "server": BOKEH_VERSION}}).encode()
REFUSED = b'{"text":"a live view cannot be changed","traceback":null}'
Feeds = dict[View, SessionFeed]


class BokehSocket(Socket):
    """One client of Bokeh's protocol: it may pull the document and ask for the server's version."""

    numbered = False

    live: Live
    feeds: Feeds

    def begin(self) -> None:
        self._opened: Opened | None = None
        self._outlet: Outlet | None = None
        self._pulled = False
        self._parts: list[str] = []
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
        found = await self.site.access.auth.authenticate(header, self.get_cookie(COOKIE))
        if found is None:
            raise UnauthenticatedError("log in, or give an API token as the id of the session")
        return found

    def on_message(self, message: str | bytes) -> None:
        """A message is a header, metadata and content; what would change the document is refused."""
        try:
            self._take(message)
        except (ValueError, KeyError, TypeError):
            self.site.telemetry.viewers_dropped.labels("protocol").inc()
            self.close(POLICY, "not a message of Bokeh's protocol")

    def _take(self, message: str | bytes) -> None:
        if not isinstance(message, str) or self._opened is None:
            raise ValueError("text only, and after ACK")
        self._parts.append(message)
        if len(self._parts) < 3:
            return
        header, self._parts = json.loads(self._parts[0]), []
        if header.get("num_buffers"):
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
        self.close(1001 if "move" in message else GONE, reason)

    def probe(self, now_s: float) -> None:
        """Tornado pings these few by itself."""

    def on_close(self) -> None:
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


class BokehHandler(Handler):
    live: Live

    """Base of what a stock Bokeh server has beside its socket."""

    async def opened(self, dashboard_id: str) -> Opened:
        identity = await self.identity()
        return await self.live.hub.open(identity, address_of(self, dashboard_id), self.request.remote_ip or "")


class PageHandler(BokehHandler):
    """`/d/<id>/bokeh`: a page with nothing but what Bokeh draws."""

    async def get(self, dashboard_id: str) -> None:
        await self.opened(dashboard_id)
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.set_header("Cache-Control", "private, no-store")
        query = f"&amp;{_escaped(self.request.query)}" if self.request.query else ""
        self.finish(
            '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Bokeh</title></head><body>'
            '<div id="document"></div><script src="bokeh/autoload.js?bokeh-autoload-element=document'
            f'&amp;bokeh-app-path={self.site.settings.root}/d/{dashboard_id}/bokeh{query}"></script></body></html>'
        )


class AutoloadHandler(BokehHandler):
    """`/d/<id>/bokeh/autoload.js`: what `bokeh.embed.server_document` loads into a page."""

    async def get(self, dashboard_id: str) -> None:
        await self.opened(dashboard_id)
        element = self.get_query_argument("bokeh-autoload-element", "")
        if not element or len(element) > 200:
            raise InvalidError("bokeh-autoload-element names the place in the page", path="$.bokeh-autoload-element")
        path = self.get_query_argument("bokeh-app-path", f"{self.site.settings.root}/d/{dashboard_id}/bokeh")
        absolute = self.get_query_argument("bokeh-absolute-url", "") or None
        parts = urlsplit(absolute or "")
        server = f"{parts.scheme}://{parts.netloc}{path}/" if absolute else f"{path}/"
        resources = Resources(mode="server", root_url=server, components=["bokeh"], minified=True)
        bundle = bundle_for_objs_and_resources(None, resources)
        token = generate_jwt_token(secrets.token_urlsafe(16), signed=False)
        item = RenderItem(token=token, elementid=element, use_for_title=False)
        bundle.add(Script(script_for_render_items({}, [item], app_path=path, absolute_url=absolute)))
        self.set_header("Content-Type", "text/javascript; charset=utf-8")
        self.set_header("Cache-Control", "private, no-store")
        self.finish(AUTOLOAD_JS.render(bundle=bundle, elementid=element))


class ScriptHandler(Handler):
    """`/d/<id>/bokeh/static/js/bokeh.min.js`: BokehJS where a stock server has it."""

    async def get(self, _dashboard_id: str) -> None:
        self.redirect(f"{self.site.settings.root}/static/{self.site.build_id}/bokeh.min.js")


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;")


def routes(site: Site, live: Live) -> list[Any]:
    own: dict[str, Any] = {"site": site, "live": live}
    return [
        url(DASHBOARD, PageHandler, own),
        url(DASHBOARD + r"/ws", BokehSocket, {**own, "feeds": {}}),
        url(DASHBOARD + r"/autoload\.js", AutoloadHandler, own),
        url(DASHBOARD + r"/static/js/bokeh\.min\.js", ScriptHandler, own),
    ]
