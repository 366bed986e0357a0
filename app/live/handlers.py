"""What a page fetches of a view over HTTP: opening, snapshots, rows of long tables, how data came about."""

from __future__ import annotations

import json
from typing import Any

from tornado import web

from ...components.rows import RowsWanted
from ...errors import ForbiddenError, InvalidError, NotFoundError
from ..http.parsing import PANEL_DIGITS
from ..http.site import Site
from ..http.texts import check_texts
from ..http.web import Handler
from .address import Address, address_from
from .closer_look import inspected, table_rows
from .live import Live
from .range_handlers import AnnotationsHandler, ColumnsHandler, DensityHandler
from .socket import ViewSocket
from .view_handler import MAX_IDS, ViewHandler

MAX_FILTERS = 50
MAX_TEXT = 500


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
        (r"/live/([0-9a-f]{24})/panels", SnapshotHandler, own),
        (r"/live/([0-9a-f]{24})/columns", ColumnsHandler, own),
        (r"/live/([0-9a-f]{24})/density", DensityHandler, own),
        (r"/live/([0-9a-f]{24})/annotations", AnnotationsHandler, own),
        (r"/live/([0-9a-f]{24})/rows", RowsHandler, own),
        (r"/live/([0-9a-f]{24})/inspect", InspectHandler, own),
        (r"/live/([0-9a-f]{24})/socket", ViewSocket, own),
    ]
