"""`/d/<id>/panels/<panel id>.csv`, `.arrow`, `.json`: the data of a panel, for those who see its dashboard."""

from __future__ import annotations

import asyncio
from typing import Any

from tornado.web import url

from ...datasources.timerange import TimeRange
from ...errors import InvalidError
from ..http.parsing import PANEL_DIGITS, whole_number
from ..http.site import Site
from ..http.web import Handler
from ..live.handlers import address_of
from ..live.live import Live
from ..pages.slug import slug
from .archive import POINTS
from .sheets import FORMS, sheet_of

TABLE_DIGITS = 3


class PanelDataHandler(Handler):
    """The view that the arguments name is opened as its page does it; the panel is asked with all its points."""

    live: Live

    async def get(self, dashboard_id: str, panel: str, extension: str) -> None:
        identity = await self.identity()
        form, table = FORMS[extension], whole_number(self.get_query_argument("table", "0"), TABLE_DIGITS)
        if table is None:
            raise InvalidError("which of several tables, the first is 0", path="$.table")
        opened = await self.live.hub.open(identity, address_of(self, dashboard_id), self.request.remote_ip or "")
        source = opened.view.source(int(panel))
        async with self.site.access.budget.turn(self.person(identity.scope.principal)):
            answers = await source.answers(source.queries(TimeRange(*opened.view.window), None, POINTS))
            frames = await source.transformed([frame for answer in answers for frame in answer.frames])
            body = await asyncio.to_thread(lambda: form.write(sheet_of(frames, table)))
        self.set_header("Content-Type", form.media)
        self.set_header("Cache-Control", "private, no-store")
        if form.saved:
            name = f"{slug(opened.stored.title)}-{slug(source.title)}.{extension}"
            self.set_header("Content-Disposition", f'attachment; filename="{name}"')
        self.finish(body)


def routes(site: Site, live: Live) -> list[Any]:
    """The routes of this room."""
    pattern = rf"/d/([A-Za-z0-9_-]{{1,64}})/panels/(\d{{1,{PANEL_DIGITS}}})\.(csv|arrow|json)"
    return [url(pattern, PanelDataHandler, {"site": site, "live": live})]
