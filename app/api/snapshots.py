"""`/dashboards/{id}/snapshots`: views as they are now, kept to be looked at by whoever has their address."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

from pydantic import Field

from ...components.spec import parse_dashboard
from ...errors import NotFoundError, TooLargeError
from ...scope import Role
from ...storage.config.folders import Access
from ...storage.config.snapshots import SnapshotEntry
from ..auth.people import names_of
from ..live.address import Address
from ..share.freezing import frozen
from ..share.snapshots import kept_data
from .dashboard_access import allowed
from .routing import Reply, Request, Route, Routes
from .shapes import Items
from .share_shapes import SnapshotShape
from .shares import Seen, check_editor


class NewSnapshot(Seen):
    """What is frozen, and for how long it is kept."""

    panel: Annotated[int | None, Field(ge=1, lt=1 << 53)] = None
    ann: Annotated[list[Annotated[str, Field(max_length=200)]], Field(max_length=100)] = Field(default_factory=list)


async def create(request: Request) -> Reply:
    """The view that the body names is opened as its page does it, and what it shows is kept."""
    wanted: NewSnapshot = request.body
    stored = await allowed(request, Access.EDIT)
    dashboard = parse_dashboard(stored.config, stored=True)
    wanted.check_range(request.now_ms)
    expires_ms = wanted.expires_ms(request.now_ms)
    site, live, scope = request.site, request.live, request.identity.scope
    await live.hub.check_shareable(scope, stored, dashboard)
    address = Address(
        stored.dashboard_id, wanted.from_, wanted.to, zone=wanted.tz, variables=wanted.chosen(dashboard),
        annotations=tuple(sorted(wanted.ann)),
    )  # fmt: skip
    opened = await live.hub.open(request.identity, address, request.remote_ip)
    async with site.access.budget.turn(request.person), live.files.turn(request.person.key):
        found = await frozen(
            opened.view,
            live.densities,
            zone=opened.entry.read.zone,
            notices=opened.entry.notices,
            panel_id=wanted.panel,
            who=request.person.key,
        )
        data = await asyncio.to_thread(kept_data, found)
    if len(data.boot) + len(data.parts) > site.settings.max_snapshot_bytes:
        raise TooLargeError(f"a snapshot has at most {site.settings.max_snapshot_bytes} bytes: take fewer panels")
    names = await names_of(request.config.users, scope, {scope.principal})
    entry = await request.config.snapshots.create(
        request.org, stored.dashboard_id, data, title=dashboard.title, maker=names.get(scope.principal) or "somebody",
        by=scope.principal, now_ms=request.now_ms, expires_ms=expires_ms, most=site.settings.max_snapshots,
    )  # fmt: skip
    return Reply(as_json(request, entry), 201)


async def list_(request: Request) -> Reply:
    """Those of a dashboard, for its editors."""
    stored = await allowed(request, Access.EDIT)
    found = await request.config.snapshots.list(request.org, stored.dashboard_id, request.now_ms)
    return Reply({"items": [as_json(request, one) for one in found]})


async def delete(request: Request) -> Reply:
    """NotFoundError."""
    entry = await request.config.snapshots.find(request.path["snapshot_id"], request.now_ms)
    if entry.org != request.org:
        raise NotFoundError("there is no such snapshot")
    await check_editor(request, entry.dashboard_id)
    await request.config.snapshots.delete(request.org, entry.id)
    return Reply(status=204)


def as_json(request: Request, entry: SnapshotEntry) -> dict[str, Any]:
    """A snapshot as the API has it."""
    return {
        "snapshot_id": entry.id,
        "url": f"{request.site_url}/snapshots/{entry.id}",
        "title": entry.title,
        "maker": entry.maker,
        "created_at": entry.created_at,
        "expires_at": entry.expires_ms,
        "size": entry.size,
    }


def register(routes: Routes) -> None:
    """The routes of this resource."""
    path, least = "/dashboards/{id}/snapshots", Role.EDITOR
    routes.add(Route("GET", path, least, list_, "List the snapshots of a dashboard", shape=Items[SnapshotShape]))
    summary = "Keep what a dashboard shows now"
    routes.add(Route("POST", path, least, create, summary, body=NewSnapshot, answers=(201,), shape=SnapshotShape))
    routes.add(Route("DELETE", "/snapshots/{snapshot_id}", least, delete, "Delete a snapshot", answers=(204,)))
