"""`/teams`: people who are given permissions together; a folder names one as `team:<id>`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from ...scope import Role
from ...storage.config.teams import Team
from .fields import Name
from .routing import Reply, Request, Route, Routes
from .shapes import Items, TeamShape

UserId = Annotated[int, Field(ge=1, lt=10**9)]


class NewTeam(BaseModel):
    """A team to be made."""

    model_config = ConfigDict(extra="forbid")

    name: Name
    members: list[UserId] = Field(default_factory=list, max_length=10_000)


class ChangedTeam(BaseModel):
    """What is to be another of a team; what is left out stays."""

    model_config = ConfigDict(extra="forbid")

    name: Name | None = None
    members: list[UserId] | None = Field(None, max_length=10_000)


async def create(request: Request) -> Reply:
    """DuplicateError where there is one of that name."""
    wanted: NewTeam = request.body
    team = await request.config.teams.create(request.org, wanted.name, wanted.members)
    request.site.access.auth.forget()
    return Reply(as_json(team), 201)


async def list_(request: Request) -> Reply:
    """All of the org."""
    return Reply({"items": [as_json(team) for team in await request.config.teams.list(request.org)]})


async def update(request: Request) -> Reply:
    """Another name or other members; the sessions of those who leave end, so that nothing stays open to them."""
    wanted: ChangedTeam = request.body
    before = await request.config.teams.get(request.org, _id(request))
    team = await request.config.teams.change(request.org, before.id, name=wanted.name, user_ids=wanted.members)
    await _left(request, before.members - team.members)
    return Reply(as_json(team))


async def delete(request: Request) -> Reply:
    """With what was granted to it; its members' sessions end. NotFoundError."""
    before = await request.config.teams.get(request.org, _id(request))
    await request.config.teams.delete(request.org, before.id)
    await _left(request, before.members)
    return Reply(status=204)


async def _left(request: Request, user_ids: Iterable[int]) -> None:
    for user_id in user_ids:
        await request.config.users.end_sessions(user_id)
    request.site.access.auth.forget()


def _id(request: Request) -> int:
    return request.number("id", "team")


def as_json(team: Team) -> dict[str, Any]:
    """A team as the API has it."""
    return {"id": team.id, "name": team.name, "members": sorted(team.members)}


def register(routes: Routes) -> None:
    """The routes of this resource."""
    routes.add(Route("GET", "/teams", Role.ADMIN, list_, "List teams", shape=Items[TeamShape]))
    routes.add(
        Route("POST", "/teams", Role.ADMIN, create, "Make a team", body=NewTeam, shape=TeamShape, answers=(201,))
    )
    routes.add(Route("PUT", "/teams/{id}", Role.ADMIN, update, "Change a team", body=ChangedTeam, shape=TeamShape))
    routes.add(Route("DELETE", "/teams/{id}", Role.ADMIN, delete, "Delete a team", answers=(204,)))
