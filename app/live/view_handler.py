"""The base of what a page fetches of a view with its token."""

from __future__ import annotations

from ...errors import InvalidError
from ...storage.config.shares import Share
from ..auth.authenticator import SHARE
from ..auth.budget import Person
from ..http.parsing import MAX_DIGITS, whole_number
from ..http.web import Handler
from .live import Live
from .view import View

BINARY = "application/octet-stream"
MAX_IDS = 500


class ViewHandler(Handler):
    """Base of what needs a viewer's token."""

    live: Live
    who: Person
    share: Share | None = None  # the link that this viewer came by

    async def view(self, view_id: str) -> View:
        """The view that a viewer may see; RateLimitedError where this person asks too much."""
        hub = self.live.hub
        token = hub.tokens.check(self.request.headers.get("X-Heliograph-Token", ""), view_id, self.site.clock())
        self.who = self.spend_of(token.principal)
        view = await hub.adopt(token, self.request.remote_ip or "")
        if token.credential.startswith(SHARE):
            self.share = (await hub.rights.identity(token.credential)).share
        return view

    def write_binary(self, body: bytes, *, compressed: bool) -> None:
        """Answer with a framed message."""
        self.set_header("Content-Type", BINARY)
        self.write_bytes(body, compressed=compressed)

    def write_bytes(self, body: bytes, *, compressed: bool) -> None:
        """Answer with bytes that only this browser may keep, and only for the moment."""
        self.set_header("Cache-Control", "private, no-store")
        self.set_header("Vary", "Accept-Encoding")
        if compressed:
            self.set_header("Content-Encoding", "gzip")
        self.finish(body)

    def number(self, name: str, least: int = 0, digits: int = MAX_DIGITS) -> int:
        """An argument that is a number, 0 where it is missing; InvalidError naming it."""
        text = self.get_query_argument(name, "0")
        number = whole_number(text, digits)
        if number is None or number < least:
            raise InvalidError(f"{name} is a number" + (f" from {least} on" if least else ""), path=f"$.{name}")
        return number
