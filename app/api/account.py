"""`/account`: who one is, the dashboard that one begins with, and the tokens that one has made."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from ...components.spec import ID_PATTERN
from ...errors import ForbiddenError, NotFoundError
from ...scope import Role
from ...storage.config.folders import Access
from ..http.parsing import whole_number
from ..pages.beginning import home_of
from ..pages.slug import dashboard_url
from .routing import Reply, Request, Route, Routes
from .shapes import AccountShape
from .tokens import as_json as token_json


class Home(BaseModel):
    """The dashboard that one begins with; null: the list of all."""

    model_config = ConfigDict(extra="forbid")

    dashboard_id: Annotated[str, Field(pattern=ID_PATTERN)] | None


async def read(request: Request) -> Reply:
    """Who asks, their home and the tokens that they made."""
    scope = request.identity.scope
    tokens = await request.config.tokens.list(request.org)
    return Reply(
        {
            "login": scope.login,
            "role": str(scope.role),
            "home": await _home(request),
            "tokens": [token_json(one) for one in tokens if one.created_by == scope.principal],
        }
    )


async def choose_home(request: Request) -> Reply:
    """The dashboard that one begins with, or the list; NotFoundError where one may not see it."""
    wanted: Home = request.body
    person = _person(request)
    if wanted.dashboard_id is not None:
        stored = await request.config.dashboards.get(request.org, wanted.dashboard_id)
        await request.config.folders.check(request.identity.scope, stored, Access.VIEW)
    await request.config.homes.choose(request.org, person, wanted.dashboard_id)
    return Reply(status=204)


async def revoke(request: Request) -> Reply:
    """End a token that one has made, whatever one's role is by now."""
    token_id = whole_number(request.path["id"])
    scope = request.identity.scope
    own = scope.principal if scope.user_id is not None else ""
    mine = {one.id for one in await request.config.tokens.list(request.org) if own and one.created_by == own}
    if token_id is None or token_id not in mine:
        raise NotFoundError("you have made no such token")
    await request.config.tokens.delete(request.org, token_id)
    request.site.access.auth.forget()
    return Reply(status=204)


async def _home(request: Request) -> dict[str, str] | None:
    """The home dashboard, where there is one that the asker may still see."""
    one = await home_of(request.config, request.identity.scope)
    if one is None:
        return None
    return {"dashboard_id": one.dashboard_id, "title": one.title, "url": dashboard_url(one.dashboard_id, one.title)}


def _person(request: Request) -> int:
    user_id = request.identity.scope.user_id
    if user_id is None:
        raise ForbiddenError("a home belongs to people who are signed in")
    return user_id


def register(routes: Routes) -> None:
    """The routes of this resource."""
    chosen, revoked = "Choose the dashboard that one begins with", "Revoke an API token that one has made"
    routes.add(Route("GET", "/account", Role.VIEWER, read, "Say who one is", shape=AccountShape))
    routes.add(Route("PUT", "/account/home", Role.VIEWER, choose_home, chosen, body=Home, answers=(204,)))
    routes.add(Route("DELETE", "/account/tokens/{id}", Role.VIEWER, revoke, revoked, answers=(204,)))
