"""`/dashboards/{id}/export.html`: a dashboard as a file, with what its viewers see of it now."""

from __future__ import annotations

import asyncio
from typing import Annotated, Literal
from urllib.parse import urlencode

from pydantic import BaseModel, ConfigDict, Field

from ...errors import InvalidError
from ...scope import Role
from ..live.address import address_from
from ..pages.slug import dashboard_url, slug
from ..share.freezing import frozen
from ..share.standalone import Origin, standalone
from .routing import File, Reply, Request, Route, Routes

HTML = "text/html; charset=utf-8"
OF_VIEWS = ("var-", "ann-")


class ExportArguments(BaseModel):
    """`var-<name>` and `ann-<name>` stand beside these, as in the address of a page."""

    model_config = ConfigDict(extra="allow", populate_by_name=True)

    from_: Annotated[str, Field(alias="from", max_length=64)] = ""
    to: Annotated[str, Field(max_length=64)] = ""
    tz: Annotated[str, Field(max_length=64)] = ""
    zone: Annotated[str, Field(max_length=64)] = ""
    panel: Annotated[int | None, Field(ge=1, lt=1 << 53)] = None
    theme: Literal["", "light", "dark"] = ""


async def export_html(request: Request) -> Reply:
    """The view that the arguments name is opened as its page does it, with the same rights, and written down."""
    wanted: ExportArguments = request.arguments
    for name in wanted.model_extra or {}:
        if not name.startswith(OF_VIEWS):
            raise InvalidError("there is no such argument", path=f"$.{name}")
    site, live = request.site, request.live
    person = site.access.budget.person(request.identity.scope.principal, request.remote_ip)
    opened = await live.hub.open(request.identity, address_from(request.query, request.path["id"]), request.remote_ip)
    async with site.access.budget.turn(person), live.files:
        found = await frozen(
            opened.view,
            live.densities,
            zone=opened.entry.read.zone,
            notices=opened.entry.notices,
            panel_id=wanted.panel,
        )
        origin = _origin(request, dashboard_url(opened.stored.dashboard_id, opened.stored.title), found.boot["window"])
        text = await asyncio.to_thread(standalone, found, made_ms=request.now_ms, origin=origin, theme=wanted.theme)
    return Reply(File(text.encode(), HTML, f"{slug(opened.stored.title)}.html"))


def _origin(request: Request, path: str, window: tuple[int, int]) -> Origin:
    """The address that shows the same: where this server is asked, with the range as it is now."""
    settings = request.site.settings
    root = settings.public_url.rstrip("/") or f"{request.origin}{settings.root}"
    variables = [
        (name, value) for name, values in request.query.items() if name.startswith(OF_VIEWS) for value in values
    ]
    query = urlencode([("from", window[0]), ("to", window[1]), *variables])
    return Origin(f"{root}{path}?{query}", root)


def register(routes: Routes) -> None:
    """The routes of this resource."""
    summary = "Save a dashboard as one HTML file"
    path = "/dashboards/{id}/export.html"
    routes.add(Route("GET", path, Role.VIEWER, export_html, summary, arguments=ExportArguments, media=HTML))
