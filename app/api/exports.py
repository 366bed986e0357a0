"""`/dashboards/{id}/export.…`: a dashboard as a file, with what its viewers see of it now."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Literal
from urllib.parse import urlencode

from pydantic import BaseModel, ConfigDict, Field

from ...errors import InvalidError
from ...scope import Role
from ..live.address import address_from
from ..live.boot import Opened
from ..pages.slug import dashboard_url, slug
from ..share.archive import archived
from ..share.freezing import frozen
from ..share.pictures import Form
from ..share.standalone import Origin, standalone
from .routing import Action, File, Reply, Request, Route, Routes

HTML, ZIP = "text/html; charset=utf-8", "application/zip"
MEDIA: dict[Form, str] = {"png": "image/png", "pdf": "application/pdf"}
OF_VIEWS = ("var-", "ann-")
PANEL_WIDTH, PAGE_WIDTH = 1000, 1440  # px of a picture


class ExportArguments(BaseModel):
    """`var-<name>` and `ann-<name>` stand beside these, as in the address of a page."""

    model_config = ConfigDict(extra="allow", populate_by_name=True)

    from_: Annotated[str, Field(alias="from", max_length=64)] = ""
    to: Annotated[str, Field(max_length=64)] = ""
    tz: Annotated[str, Field(max_length=64)] = ""
    zone: Annotated[str, Field(max_length=64)] = ""
    panel: Annotated[int | None, Field(ge=1, lt=1 << 53)] = None
    theme: Literal["", "light", "dark"] = ""
    width: Annotated[
        int | None,
        Field(ge=200, le=4000, description="Of a picture, px; a page is as wide as its window, and paper as paper."),
    ] = None


@asynccontextmanager
async def _opened(request: Request) -> AsyncIterator[Opened]:
    """The view that the arguments name, opened as its page does it, with the same rights; in this person's turn."""
    wanted: ExportArguments = request.arguments
    for name in wanted.model_extra or {}:
        if not name.startswith(OF_VIEWS):
            raise InvalidError("there is no such argument", path=f"$.{name}")
    site, live = request.site, request.live
    opened = await live.hub.open(request.identity, address_from(request.query, request.path["id"]), request.remote_ip)
    async with site.access.budget.turn(request.person), live.files.turn(request.person.key):
        yield opened


async def _page(request: Request, opened: Opened) -> str:
    """The file of a view."""
    wanted: ExportArguments = request.arguments
    found = await frozen(
        opened.view,
        request.live.densities,
        zone=opened.entry.read.zone,
        notices=opened.entry.notices,
        panel_id=wanted.panel,
        who=request.person.key,
    )
    origin = _origin(request, dashboard_url(opened.stored.dashboard_id, opened.stored.title), found.boot["window"])
    return await asyncio.to_thread(standalone, found, made_ms=request.now_ms, origin=origin, theme=wanted.theme)


async def export_html(request: Request) -> Reply:
    """The dashboard as one file that opens from disk; errors as of opening its view."""
    async with _opened(request) as opened:
        text = await _page(request, opened)
    return Reply(File(text.encode(), HTML, f"{slug(opened.stored.title)}.html"))


async def export_zip(request: Request) -> Reply:
    """The data of all panels, or of one."""
    wanted: ExportArguments = request.arguments
    async with _opened(request) as opened:
        body = await archived(opened.view, wanted.panel)
    return Reply(File(body, ZIP, f"{slug(opened.stored.title)}.zip"))


def _drawn(form: Form) -> Action:
    async def export_drawn(request: Request) -> Reply:
        """The file of the view, drawn by a browser of this server."""
        wanted: ExportArguments = request.arguments
        pictures = request.means.pictures
        pictures.check()
        async with _opened(request) as opened:
            text = await _page(request, opened)
        alone = wanted.panel is not None
        width = wanted.width or (PANEL_WIDTH if alone else PAGE_WIDTH)
        body = await pictures.take(text, form, width=width, alone=alone, who=request.person.key)
        return Reply(File(body, MEDIA[form], f"{slug(opened.stored.title)}.{form}"))

    return export_drawn


def _origin(request: Request, path: str, window: tuple[int, int]) -> Origin:
    """The address that shows the same: where this server is asked, with the range as it is now."""
    variables = [
        (name, value) for name, values in request.query.items() if name.startswith(OF_VIEWS) for value in values
    ]
    query = urlencode([("from", window[0]), ("to", window[1]), *variables])
    return Origin(f"{request.site_url}{path}?{query}", request.site_url)


def register(routes: Routes) -> None:
    """The routes of this resource."""
    path, least = "/dashboards/{id}/export", Role.VIEWER
    summary = "Save a dashboard as one HTML file"
    routes.add(Route("GET", f"{path}.html", least, export_html, summary, arguments=ExportArguments, media=HTML))
    summary = "Save the data of a dashboard as CSV, JSON and Arrow"
    routes.add(Route("GET", f"{path}.zip", least, export_zip, summary, arguments=ExportArguments, media=ZIP))
    summaries: dict[Form, str] = {
        "png": "Save a picture of a dashboard or a panel",
        "pdf": "Save a dashboard as a report on paper",
    }
    for form, text in summaries.items():
        action, media = _drawn(form), MEDIA[form]
        routes.add(Route("GET", f"{path}.{form}", least, action, text, arguments=ExportArguments, media=media))
