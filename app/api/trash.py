"""`/trash`: deleted dashboards, for 30 days: listed, brought back, and deleted for good by admins."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from ...components.spec import ID_PATTERN
from ...errors import ForbiddenError, NotFoundError
from ...scope import Role
from ...storage.config.folders import Access
from ...storage.config.trash import KEPT_MS, Deleted
from ..auth.people import names_of
from .dashboard_documents import as_json, etag
from .dashboards import changed
from .routing import Reply, Request, Route, Routes
from .shapes import DeletedDashboard, Items, SavedDashboard


class Restore(BaseModel):
    """`dashboard_id`: another id, where its own is taken by now."""

    model_config = ConfigDict(extra="forbid")

    dashboard_id: Annotated[str, Field(pattern=ID_PATTERN)] | None = None


async def list_(request: Request) -> Reply:
    """Those that lay where the asker may edit, and can still be brought back."""
    scope = request.identity.scope
    hidden = await request.config.folders.hidden(scope)
    found = await request.config.trash.list(request.org, since_ms=_since(request), hidden_folders=hidden)
    items = [one for one in found if await _access(request, one) >= Access.EDIT]
    names = await names_of(request.config.users, scope, {one.deleted_by for one in items})
    return Reply({"items": [_as_json(one, names.get(one.deleted_by, "")) for one in items]})


async def restore(request: Request) -> Reply:
    """As it was; DuplicateError where its id is taken by now, NotFoundError."""
    one = await _allowed(request)
    wanted: Restore = request.body
    dashboard_id = await request.config.trash.restore(request.org, one.id, dashboard_id=wanted.dashboard_id or "")
    changed(request, dashboard_id)
    stored = await request.config.dashboards.get(request.org, dashboard_id)
    return Reply(as_json(request, stored), headers={"ETag": etag(stored)})


async def purge(request: Request) -> Reply:
    """Delete it for good; NotFoundError."""
    one = await request.config.trash.get(request.org, request.path["id"], since_ms=_since(request))
    await request.config.trash.purge(request.org, one.id)
    return Reply(status=204)


async def _allowed(request: Request) -> Deleted:
    """The deleted dashboard, where the asker may edit in its folder; one that may not be seen is not there."""
    one = await request.config.trash.get(request.org, request.path["id"], since_ms=_since(request))
    access = await _access(request, one)
    if access is Access.NONE:
        raise NotFoundError("there is no such deleted dashboard")
    if access < Access.EDIT:
        raise ForbiddenError("you may not edit in the folder that it was in")
    return one


async def _access(request: Request, one: Deleted) -> Access:
    """What the asker may do in the folder that it was in; where that is gone, admins alone know who might see it."""
    scope = request.identity.scope
    if one.folder_id is not None and one.folder is None:
        return Access.ADMIN if scope.role is Role.ADMIN else Access.NONE
    return await request.config.folders.access(scope, one.folder_id)


def _since(request: Request) -> int:
    return request.now_ms - KEPT_MS


def _as_json(one: Deleted, name: str) -> dict[str, object]:
    return {
        "id": one.id,
        "dashboard_id": one.dashboard_id,
        "title": one.title,
        "tags": list(one.tags),
        "version": one.version,
        "folder": {"uid": one.folder[0], "title": one.folder[1]} if one.folder else None,
        "deleted_by": one.deleted_by,
        "deleted_by_name": name,
        "deleted_at": one.deleted_at,
        "gone_at": one.deleted_at + KEPT_MS,
    }


def register(routes: Routes) -> None:
    """The routes of this resource."""
    back = "Bring a deleted dashboard back"
    shape = Items[DeletedDashboard]
    routes.add(Route("GET", "/trash", Role.EDITOR, list_, "List deleted dashboards", shape=shape))
    routes.add(Route("POST", "/trash/{id}/restore", Role.EDITOR, restore, back, body=Restore, shape=SavedDashboard))
    routes.add(Route("DELETE", "/trash/{id}", Role.ADMIN, purge, "Delete a dashboard for good", answers=(204,)))
