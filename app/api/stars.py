"""`/stars`: the dashboards that the asker has starred, wherever they sign in."""

from __future__ import annotations

from ...errors import ForbiddenError
from ...scope import Role
from ...storage.config.folders import Access
from .dashboard_access import allowed
from .dashboard_documents import summaries
from .routing import Reply, Request, Route, Routes
from .shapes import DashboardSummaryShape, Items


async def list_(request: Request) -> Reply:
    """The dashboards that the person starred and may see."""
    user_id = request.identity.scope.user_id
    ids = await request.config.stars.of(request.org, user_id) if user_id is not None else []
    hidden = await request.config.folders.hidden(request.identity.scope)
    items = await request.config.dashboards.named(request.org, ids, hidden_folders=hidden)
    return Reply({"items": await summaries(request, items)})


async def add(request: Request) -> Reply:
    """NotFoundError where the person may not see it."""
    stored = await allowed(request, Access.VIEW)
    await request.config.stars.add(request.org, _person(request), stored.dashboard_id)
    return Reply(status=204)


async def remove(request: Request) -> Reply:
    """Whether or not there was one; NotFoundError where the person may not see it."""
    stored = await allowed(request, Access.VIEW)
    await request.config.stars.remove(request.org, _person(request), stored.dashboard_id)
    return Reply(status=204)


def _person(request: Request) -> int:
    """Stars are a person's: neither a token has some nor one who is not signed in."""
    user_id = request.identity.scope.user_id
    if user_id is None:
        raise ForbiddenError("stars belong to people who are signed in")
    return user_id


def register(routes: Routes) -> None:
    """The routes of this resource."""
    summary, shape = "List the dashboards that one has starred", Items[DashboardSummaryShape]
    routes.add(Route("GET", "/stars", Role.VIEWER, list_, summary, shape=shape))
    routes.add(Route("PUT", "/stars/{id}", Role.VIEWER, add, "Star a dashboard", answers=(204,)))
    routes.add(Route("DELETE", "/stars/{id}", Role.VIEWER, remove, "Take a star away", answers=(204,)))
