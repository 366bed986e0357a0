"""`/dashboards`: made, read, listed, saved with their version, deleted."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from ...components.saved import as_config
from ...components.spec import Dashboard
from ...errors import InvalidError
from ...scope import Role
from ...storage.config.dashboards import refuse_of_file
from ...storage.config.folders import Access
from ...storage.config.trash import KEPT_MS
from ..auth.people import names_of
from .body import MAX_DOCUMENT
from .dashboard_access import allowed, folder_for_new, folder_named
from .dashboard_documents import as_json, etag, message_of, parsed, summaries
from .routing import Reply, Request, Route, Routes
from .shapes import DashboardAt, DashboardSummaryShape, DashboardVersion, Items, Page, SavedDashboard, Watching
from .source_uses import names_searched


class ListArguments(BaseModel):
    """`query`: words of titles, ids, descriptions, tags, and what panels are called and say. `datasource`: the uid or
    name of one that is asked."""

    model_config = ConfigDict(extra="forbid")

    query: Annotated[str, Field(max_length=500)] = ""
    tag: Annotated[str, Field(max_length=100)] = ""
    folder: Annotated[str, Field(max_length=64)] = ""
    datasource: Annotated[str, Field(max_length=200)] = ""
    limit: Annotated[int, Field(ge=1, le=500)] = 100
    cursor: Annotated[str, Field(max_length=3000)] = ""
    order: Literal["title", "changed"] = "title"


class Place(BaseModel):
    """The folder that a dashboard lies in, by its uid; null is the root."""

    model_config = ConfigDict(extra="forbid")

    folder: Annotated[str, Field(min_length=1, max_length=64)] | None


async def create(request: Request) -> Reply:
    """With its place and version as headers; DuplicateError where the id is taken, InvalidError naming the field."""
    dashboard, _ = await parsed(request)
    folder_id = await folder_for_new(request)
    stored = await request.config.dashboards.create(
        request.org,
        as_config(dashboard),
        by=request.identity.scope.principal,
        now_ms=request.now_ms,
        dashboard_id=dashboard.dashboard_id,
        folder_id=folder_id,
        message=message_of(request),
    )
    changed(request, stored.dashboard_id)
    document = as_json(request, stored)
    return Reply(document, 201, {"ETag": etag(stored), "Location": f"/api/v1/dashboards/{stored.dashboard_id}"})


def changed(request: Request, dashboard_id: str) -> None:
    """Who looks learns of it, and no answer for its panels is kept: the next one may have the same id."""
    request.live.hub.saved(request.org, dashboard_id)
    request.means.encoded.flush(request.org)


async def read(request: Request) -> Reply:
    """With its version as ETag; NotFoundError, also where the asker may not see it."""
    stored = await allowed(request, Access.VIEW)
    return Reply(as_json(request, stored), headers={"ETag": etag(stored)})


async def list_(request: Request) -> Reply:
    """A page of those that the asker may see."""
    wanted: ListArguments = request.arguments
    items, cursor = await request.config.dashboards.list(
        request.org,
        query=wanted.query,
        tag=wanted.tag,
        folder=wanted.folder,
        sources=await names_searched(request, wanted.datasource) if wanted.datasource else (),
        limit=wanted.limit,
        cursor=wanted.cursor,
        hidden_folders=await request.config.folders.hidden(request.identity.scope),
        newest_first=wanted.order == "changed",
    )
    return Reply({"items": await summaries(request, items), "next": cursor})


async def update(request: Request) -> Reply:
    """VersionConflictError where another version stands than was read; InvalidError naming the field."""
    refuse_of_file((await allowed(request, Access.EDIT)).origin)
    dashboard, version = await parsed(request)
    dashboard_id = request.path["id"]
    if dashboard.dashboard_id not in (None, dashboard_id):
        raise InvalidError("the id of a dashboard does not change", path="$.dashboard_id")
    if version is None:
        raise InvalidError("say which version you read: version in the body, or If-Match", path="$.version")
    stored = await request.config.dashboards.update(
        request.org,
        dashboard_id,
        as_config(dashboard),
        version=version,
        by=request.identity.scope.principal,
        now_ms=request.now_ms,
        message=message_of(request),
    )
    changed(request, dashboard_id)
    return Reply(as_json(request, stored), headers={"ETag": etag(stored)})


async def delete(request: Request) -> Reply:
    """It can be brought back for a while; NotFoundError, ForbiddenError."""
    await allowed(request, Access.EDIT)
    by = request.identity.scope.principal
    await request.config.dashboards.delete(request.org, request.path["id"], by=by, now_ms=request.now_ms)
    await request.config.trash.purge_before(request.now_ms - KEPT_MS)
    changed(request, request.path["id"])
    return Reply(status=204)


async def versions(request: Request) -> Reply:
    """The history, the newest first; NotFoundError."""
    await allowed(request, Access.VIEW)
    entries = await request.config.versions.list(request.org, request.path["id"])
    names = await names_of(request.config.users, request.identity.scope, {entry.updated_by for entry in entries})
    items = [
        {
            "version": entry.version,
            "updated_by": entry.updated_by,
            "updated_by_name": names.get(entry.updated_by, ""),
            "updated_at": entry.updated_at,
            "message": entry.message,
        }
        for entry in entries
    ]
    return Reply({"items": items})


async def version(request: Request) -> Reply:
    """The document as it was in that version."""
    stored = await allowed(request, Access.VIEW)
    number = request.number("version", "version")
    config = await request.config.versions.get(request.org, stored.dashboard_id, number)
    return Reply({"dashboard_id": stored.dashboard_id, "version": number, **config})


async def move(request: Request) -> Reply:
    """Another folder; who moves may edit there and here."""
    stored = await allowed(request, Access.EDIT)
    folder_id = await folder_named(request, request.body.folder)
    await request.config.dashboards.move(request.org, stored.dashboard_id, folder_id)
    request.live.hub.saved(request.org, stored.dashboard_id)
    return Reply(status=204)


async def watching(request: Request) -> Reply:
    """How many viewers the dashboards have that the asker may see, on the node that answers."""
    counts = request.live.hub.watching(request.org)
    hidden = await request.config.folders.hidden(request.identity.scope) if counts else frozenset()
    folders = await request.config.dashboards.folders_of(request.org, counts) if counts else {}
    return Reply({"watching": {one: counts[one] for one, folder in folders.items() if folder not in hidden}})


def register(routes: Routes) -> None:
    """The routes of this resource."""
    document: dict[str, Any] = {
        "body": Dashboard,
        "shape": SavedDashboard,
        "raw_body": True,
        "most_bytes": MAX_DOCUMENT,
    }
    routes.add(
        Route(
            "GET",
            "/dashboards",
            Role.VIEWER,
            list_,
            "List and search dashboards",
            arguments=ListArguments,
            shape=Page[DashboardSummaryShape],
        )
    )
    routes.add(Route("POST", "/dashboards", Role.EDITOR, create, "Make a dashboard", answers=(201,), **document))
    routes.add(Route("GET", "/dashboards/{id}", Role.VIEWER, read, "Read a dashboard", shape=SavedDashboard))
    routes.add(Route("PUT", "/dashboards/{id}", Role.EDITOR, update, "Save a dashboard", **document))
    routes.add(Route("DELETE", "/dashboards/{id}", Role.EDITOR, delete, "Delete a dashboard", answers=(204,)))
    routes.add(
        Route(
            "GET",
            "/dashboards/{id}/versions",
            Role.VIEWER,
            versions,
            "List a dashboard's versions",
            shape=Items[DashboardVersion],
        )
    )
    one = "/dashboards/{id}/versions/{version}"
    routes.add(Route("GET", one, Role.VIEWER, version, "Read a dashboard as it was in a version", shape=DashboardAt))
    place = "/dashboards/{id}/folder"
    routes.add(Route("PUT", place, Role.EDITOR, move, "Move a dashboard to a folder", body=Place, answers=(204,)))
    routes.add(
        Route(
            "GET",
            "/watching",
            Role.VIEWER,
            watching,
            "Count the viewers of each dashboard on this node",
            shape=Watching,
        )
    )
