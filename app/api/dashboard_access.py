"""Which dashboards and folders a request may reach."""

from __future__ import annotations

from ...errors import ForbiddenError, InvalidError, NotFoundError
from ...storage.config.dashboard_rows import StoredDashboard
from ...storage.config.folders import Access
from .routing import Request


async def folder_for_new(request: Request) -> int | None:
    """The id of the folder that the body names; None for the root. NotFoundError, ForbiddenError."""
    uid = request.body.get("folder")
    if uid is not None and not isinstance(uid, str):
        raise InvalidError("a folder is named by its uid", path="$.folder")
    return await folder_named(request, uid)


async def folder_named(request: Request, uid: str | None) -> int | None:
    """The folder that something is put into; None is the root."""
    if uid is None:
        return None
    try:
        folder = await request.config.folders.get(request.org, uid)
    except NotFoundError:
        raise InvalidError(f"there is no folder {uid}", path="$.folder") from None
    if await request.config.folders.access(request.identity.scope, folder.id) < Access.EDIT:
        raise ForbiddenError(f"you may not edit in the folder {uid}")
    return folder.id


async def allowed(request: Request, least: Access) -> StoredDashboard:
    """The dashboard, where the asker has that access; one that may not be seen is not there."""
    stored = await request.config.dashboards.get(request.org, request.path["id"])
    await request.config.folders.check(request.identity.scope, stored, least)
    return stored
