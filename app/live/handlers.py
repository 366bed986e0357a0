"""What a page fetches of a view over HTTP: opening, snapshots, columns of a zoomed range."""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable, Hashable
from typing import Any

from tornado import httputil, web

from ...components.rows import RowsWanted
from ...datasources.datemath import parse_time
from ...datasources.timerange import TimeRange
from ...errors import ForbiddenError, HeliographError, InvalidError, NotFoundError
from ...storage.config.shares import Share
from ..auth.authenticator import SHARE
from ..auth.budget import Person
from ..http.encoded import Encoded
from ..http.parsing import MAX_DIGITS, PANEL_DIGITS, whole_number
from ..http.quick import AtHand, Quick
from ..http.site import Site
from ..http.texts import check_texts
from ..http.web import Handler
from .address import Address, address_from
from .admitted import within
from .closer_look import inspected, marks_over, table_rows, zoomed
from .density import size_of
from .hub import held_by
from .live import Live
from .snapping import snapped
from .socket import ViewSocket
from .view import View

SNAPSHOT = re.compile(r"/live/([0-9a-f]{24})/panels")
BINARY = "application/octet-stream"
MAX_IDS = 500
MAX_FILTERS = 50
MAX_TEXT = 500
MAX_ZOOM_MS = 10 * 366 * 86_400_000
MARKS_LIFE_S = 1.0
SETTLED_MS = 60_000
SETTLED_LIFE_S = 60.0


def address_of(handler: web.RequestHandler, dashboard_id: str) -> Address:
    """The view that a request's arguments name, with Grafana's names; `var-<name>` repeats for several values."""
    return address_from(
        {name: handler.get_query_arguments(name, strip=False) for name in handler.request.query_arguments}, dashboard_id
    )


class OpenHandler(Handler):
    """`GET /live/open?dashboard=…`: the boot document of a view, with a fresh token."""

    live: Live

    async def get(self) -> None:
        identity = await self.identity()
        address = address_of(self, self.get_query_argument("dashboard", ""))
        opened = await self.live.hub.open(identity, address, self.request.remote_ip or "")
        self.write_text(self.live.hub.boots.text(opened))


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
        self.set_header("Content-Type", BINARY)
        self.write_bytes(body, compressed=compressed)

    def write_bytes(self, body: bytes, *, compressed: bool) -> None:
        self.set_header("Cache-Control", "private, no-store")
        self.set_header("Vary", "Accept-Encoding")
        if compressed:
            self.set_header("Content-Encoding", "gzip")
        self.finish(body)

    async def ranged(
        self, key: tuple[Hashable, ...], life_s: float, make: Callable[[], Awaitable[bytes]]
    ) -> tuple[Encoded, bool]:
        """An answer over a range, and whether to send it packed: from the second time on, as most are asked once."""
        kept = self.live.ranged.at_hand(key)
        if kept is not None:
            return kept, self.takes_gzip

        async def encode() -> Encoded:
            return Encoded(await make(), life_s)

        async with self.site.access.budget.turn(self.who):
            return await self.live.ranged.get(key, encode), False

    async def write_encoded(self, encoded: Encoded, content_type: str = BINARY, *, packed: bool) -> None:
        self.set_header("Content-Type", content_type)
        self.write_bytes(await encoded.gzip() if packed else encoded.body, compressed=packed)

    def seen(self, view: View, range_: TimeRange) -> TimeRange:
        """What this viewer may see of a range; NotFoundError where a link shows another one alone."""
        return within(range_, view.window, self.share.terms if self.share is not None else None)

    def asked_range(self) -> TimeRange:
        """The arguments `from` and `to`; InvalidError."""
        now_ms = int(self.site.clock() * 1000)
        start, end = (parse_time(self.get_query_argument(name, ""), now_ms) for name in ("from", "to"))
        if not 0 <= start < end or end - start > MAX_ZOOM_MS:
            raise InvalidError("a range starts before it ends", path="$.from")
        return TimeRange(start, end)

    def number(self, name: str, least: int = 0, digits: int = MAX_DIGITS) -> int:
        """An argument that is a number, 0 where it is missing; InvalidError naming it."""
        text = self.get_query_argument(name, "0")
        number = whole_number(text, digits)
        if number is None or number < least:
            raise InvalidError(f"{name} is a number" + (f" from {least} on" if least else ""), path=f"$.{name}")
        return number


def life_of(view: View, range_: TimeRange) -> float:
    """For how many seconds an answer over a range is good: what has happened stays so, but for samples that come late;
    what goes on is as old as a refresh at most."""
    settled = range_.to_ms < view.window[1] - SETTLED_MS
    return SETTLED_LIFE_S if settled or not view.key.live else max(1.0, view.key.refresh_s)


class SnapshotHandler(ViewHandler):
    """`GET /live/<view>/panels?ids=1,2&revision=`: `revision` is the least that the view of a draft has to show."""

    async def get(self, view_id: str) -> None:
        view = await self.view(view_id)
        await self.live.hub.drafts.catch_up(view, self.number("revision"))
        ids = self.get_query_argument("ids", "").split(",")[:MAX_IDS]
        try:
            wanted = [int(panel_id) for panel_id in ids]
        except ValueError:
            raise InvalidError("ids are numbers with commas between them", path="$.ids") from None
        compressed = self.takes_gzip
        self.write_binary(await view.snapshot(wanted, compressed=compressed), compressed=compressed)


def quick_snapshot(site: Site, live: Live) -> AtHand:
    """Answers a request for a snapshot that is encoded already; refuses nothing, since handlers say better why."""

    budget = site.access.budget

    def answer(request: httputil.HTTPServerRequest) -> Quick | None:
        found = SNAPSHOT.fullmatch(request.path)
        ids = request.query_arguments.get("ids")
        if found is None or request.method != "GET" or not ids or "revision" in request.arguments:
            return None
        view = live.hub.held(found[1])
        if view is None:
            return None
        try:
            said = live.hub.tokens.check(request.headers.get("X-Heliograph-Token", ""), view.id, site.clock())
            if not live.hub.rights.known(held_by(said.credential, view)):
                return None
            wanted = [int(panel_id) for panel_id in ids[-1].split(b",")[:MAX_IDS]]
        except (HeliographError, ValueError):
            return None
        gzipped = "gzip" in request.headers.get("Accept-Encoding", "")
        body = view.at_hand(wanted, compressed=gzipped)
        if body is None or budget.wait_s(budget.person(said.principal, request.remote_ip or "")) > 0:
            return None
        return Quick("snapshot", BINARY, body, gzipped)

    return answer


class ColumnsHandler(ViewHandler):
    """`GET /live/<view>/columns?panels=1,2&from=&to=`: panels over another range, shared by all who look at it."""

    async def get(self, view_id: str) -> None:
        view = await self.view(view_id)
        range_ = self.seen(view, snapped(self.asked_range()))
        panel_ids = self._panels(view)
        key = (view.state_id, panel_ids, range_)
        sent, packed = await self.ranged(key, life_of(view, range_), lambda: zoomed(view, panel_ids, range_))
        await self.write_encoded(sent, packed=packed)

    def _panels(self, view: View) -> tuple[int, ...]:
        text = self.get_query_argument("panels", "") or self.get_query_argument("panel", "")
        ids = {whole_number(one, PANEL_DIGITS) for one in text.split(",")[:MAX_IDS]}
        found = tuple(sorted(one for one in ids if one is not None and view.has_panel(one)))
        if not found or len(found) < len(ids):
            raise NotFoundError("there is no such panel")
        return found


class DensityHandler(ViewHandler):
    """`GET /live/<view>/density?panel=&from=&to=&width=&height=`: counts by pixel, shared by all who look at them.

    Its ETag names what it shows: who has it already is told so by 304.
    """

    async def get(self, view_id: str) -> None:
        view = await self.view(view_id)
        source, asked = view.source(self.number("panel", digits=PANEL_DIGITS)), self.asked_range()
        range_ = self.seen(view, snapped(asked))
        size = size_of(self.number("width", 1), self.number("height", 1), range_.span_ms / asked.span_ms)
        # What one column of pixels stands for needs no newer picture.
        life_s = max(life_of(view, range_), range_.span_ms / 1000 / size.width)
        sent, packed = await self.ranged(
            ("density", view.state_id, source.panel.panel_id, range_, size),
            life_s,
            lambda: self.live.densities.picture(view.state_id, source, range_, size),
        )
        self.set_header("ETag", sent.etag)
        self.set_header("X-Heliograph-Life", str(round(life_s, 1)))
        if self.request.headers.get("If-None-Match") == sent.etag:
            self.set_status(304)
            self.set_header("Cache-Control", "private, no-store")
            self.finish()
            return
        await self.write_encoded(sent, packed=packed)


async def nothing_found() -> bytes:
    return b"{}"


class AnnotationsHandler(ViewHandler):
    """`GET /live/<view>/annotations?from=&to=&query=`: annotations of a range, as they are now; `query` repeats."""

    async def get(self, view_id: str) -> None:
        view = await self.view(view_id)
        range_ = self.seen(view, snapped(self.asked_range()))
        chosen = view.marks.chosen(self.get_query_arguments("query", strip=False))
        names = tuple(source.query.name for source in chosen)
        made = any(source.query.builtin for source in chosen)
        writes = self.live.annotations.writes(view.key.org) if made else 0  # who made one sees it at once
        sent, packed = await self.ranged(
            (view.state_id, "annotations", names, writes, range_),
            MARKS_LIFE_S,
            lambda: marks_over(view, range_, names) if names else nothing_found(),
        )
        await self.write_encoded(sent, "application/json; charset=utf-8", packed=packed)


class InspectHandler(ViewHandler):
    """`GET /live/<view>/inspect?panel=`: how what a panel shows now came about. Nothing is asked for it."""

    async def get(self, view_id: str) -> None:
        view = await self.view(view_id)
        panel_id = self.number("panel", digits=PANEL_DIGITS)
        if not view.has_panel(panel_id):
            raise NotFoundError("there is no such panel")
        if self.share is not None:
            raise ForbiddenError("a link shows data, and not how they are asked for")
        self.write_json(inspected(view, panel_id, self.site.clock()))


class RowsHandler(ViewHandler):
    """`GET /live/<view>/rows?panel=&page=&sort=&filter=&frame=`: a page of a long table, or of one of several.

    `filter` is `{"column": "text"}`.
    """

    async def get(self, view_id: str) -> None:
        view = await self.view(view_id)
        panel_id, page = self.number("panel", digits=PANEL_DIGITS), self.number("page")
        if not view.has_panel(panel_id):
            raise NotFoundError("there is no such panel")
        wanted = RowsWanted(page, self.get_query_argument("sort", "")[:MAX_TEXT], self._filters(), self._frame())
        async with self.site.access.budget.turn(self.who):
            found = await table_rows(view, panel_id, wanted)
        self.write_json(found)

    def _frame(self) -> int:
        """Which table of several; the first where none is named."""
        return self.number("frame")

    def _filters(self) -> tuple[tuple[str, str], ...]:
        try:
            given = json.loads(self.get_query_argument("filter", "") or "{}")
        except (ValueError, RecursionError):
            given = None
        if not isinstance(given, dict) or not all(isinstance(text, str) for text in given.values()):
            raise InvalidError("a filter is a text for each column's name", path="$.filter")
        check_texts(given)
        return tuple(sorted((name[:MAX_TEXT], text[:MAX_TEXT]) for name, text in given.items()))[:MAX_FILTERS]


def routes(site: Site, live: Live) -> list[Any]:
    """The live routes of an application."""
    own = {"site": site, "live": live}
    return [
        (r"/live/open", OpenHandler, own),
        (SNAPSHOT.pattern, SnapshotHandler, own),
        (r"/live/([0-9a-f]{24})/columns", ColumnsHandler, own),
        (r"/live/([0-9a-f]{24})/density", DensityHandler, own),
        (r"/live/([0-9a-f]{24})/annotations", AnnotationsHandler, own),
        (r"/live/([0-9a-f]{24})/rows", RowsHandler, own),
        (r"/live/([0-9a-f]{24})/inspect", InspectHandler, own),
        (r"/live/([0-9a-f]{24})/socket", ViewSocket, own),
    ]
