"""`/folders`: folders of dashboards and who may view, edit and administer what lies in them."""

from __future__ import annotations

import secrets
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from ...errors import NotFoundError
from ...scope import Role
from ...storage.config.folders import Access, Folder, decide
from .fields import Name, Uid
from .routing import Reply, Request, Route, Routes
from .shapes import FolderShape, Items, ListedFolder

Subject = Annotated[str, Field(pattern=r"^(role:(viewer|editor|admin)|team:\d{1,9}|user:\d{1,9})$")]
AccessName = Literal["none", "view", "edit", "admin"]


class NewFolder(BaseModel):
    """A folder to be made; a uid is made where none is given."""

    model_config = ConfigDict(extra="forbid")

    uid: Uid | None = None
    title: Name
    permissions: dict[Subject, AccessName] = Field(default_factory=dict, max_length=200)


class ChangedFolder(BaseModel):
    """What is to be another of a folder; what is left out stays."""

    model_config = ConfigDict(extra="forbid")

    title: Name | None = None
    permissions: dict[Subject, AccessName] | None = Field(None, max_length=200)


async def create(request: Request) -> Reply:
    """DuplicateError where there is one of that uid."""
    wanted: NewFolder = request.body
    folder = await request.config.folders.create(request.org, wanted.uid or secrets.token_hex(6), wanted.title)
    await request.config.folders.set_permissions(folder.id, as_access(wanted.permissions))
    return Reply(await _as_json(request, folder), 201)


async def list_(request: Request) -> Reply:
    """Those that the asker may see, and whether dashboards may be put there."""
    folders = await request.config.folders.list(request.org)
    given = await request.config.folders.given({one.id for one in folders})
    items = []
    for one in folders:
        access = decide(request.identity.scope, given.get(one.id, {}))
        if access is not Access.NONE:
            items.append({"uid": one.uid, "title": one.title, "can_edit": access >= Access.EDIT})
    return Reply({"items": items})


async def read(request: Request) -> Reply:
    """NotFoundError, also where the asker may not see it."""
    folder = await request.config.folders.get(request.org, request.path["uid"])
    if await request.config.folders.access(request.identity.scope, folder.id) is Access.NONE:
        raise NotFoundError(f"there is no folder {folder.uid}")
    return Reply(await _as_json(request, folder))


async def update(request: Request) -> Reply:
    """Its title, its permissions, or both; NotFoundError."""
    wanted: ChangedFolder = request.body
    folder = await request.config.folders.get(request.org, request.path["uid"])
    if wanted.title is not None:
        folder = await request.config.folders.rename(request.org, folder.uid, wanted.title)
    if wanted.permissions is not None:
        await request.config.folders.set_permissions(folder.id, as_access(wanted.permissions))
    return Reply(await _as_json(request, folder))


async def delete(request: Request) -> Reply:
    """NotFoundError; InvalidError while something lies in it."""
    await request.config.folders.delete(request.org, request.path["uid"])
    return Reply(status=204)


def as_access(permissions: dict[str, AccessName]) -> dict[str, Access]:
    """Permissions as they are kept."""
    return {subject: Access[name.upper()] for subject, name in permissions.items()}


async def _as_json(request: Request, folder: Folder) -> dict[str, Any]:
    permissions = await request.config.folders.permissions(folder.id)
    return {
        "uid": folder.uid,
        "title": folder.title,
        "permissions": {subject: access.name.lower() for subject, access in permissions.items()},
    }


def register(routes: Routes) -> None:
    """The routes of this resource."""
    routes.add(Route("GET", "/folders", Role.VIEWER, list_, "List folders", shape=Items[ListedFolder]))
    routes.add(
        Route(
            "POST", "/folders", Role.ADMIN, create, "Make a folder", body=NewFolder, shape=FolderShape, answers=(201,)
        )
    )
    routes.add(Route("GET", "/folders/{uid}", Role.VIEWER, read, "Read a folder", shape=FolderShape))
    routes.add(
        Route("PUT", "/folders/{uid}", Role.ADMIN, update, "Change a folder", body=ChangedFolder, shape=FolderShape)
    )
    routes.add(Route("DELETE", "/folders/{uid}", Role.ADMIN, delete, "Delete an empty folder", answers=(204,)))
