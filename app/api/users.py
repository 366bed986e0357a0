"""`/users`: the people of the org."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from ...errors import InvalidError, NotFoundError
from ...named import a_login
from ...scope import Role
from ...storage.config.users import User
from ..accounts import LOGIN
from ..auth.passwords import hash_password
from ..http.parsing import whole_number
from .fields import Named, RoleName
from .routing import Reply, Request, Route, Routes
from .shapes import Items, Person


class NewUser(BaseModel):
    """A person to be added."""

    model_config = ConfigDict(extra="forbid")

    login: Annotated[str, Field(pattern=LOGIN), AfterValidator(a_login)]
    name: Annotated[str, Field(max_length=200), Named] = ""
    password: str = Field(max_length=1000)
    role: RoleName


class ChangedUser(BaseModel):
    """What is to be another of a person; what is left out stays."""

    model_config = ConfigDict(extra="forbid")

    role: RoleName | None = None
    password: str | None = Field(None, max_length=1000)


async def create(request: Request) -> Reply:
    """DuplicateError where the login is taken."""
    wanted: NewUser = request.body
    hashed = await hash_password(wanted.password, request.person.key)
    user = await request.config.users.add(
        request.org, wanted.login, hashed, Role.parse(wanted.role), now_ms=request.now_ms, name=wanted.name
    )
    return Reply(as_json(user), 201)


async def list_(request: Request) -> Reply:
    """All of the org."""
    return Reply({"items": [as_json(user) for user in await request.config.users.list(request.org)]})


async def update(request: Request) -> Reply:
    """Another role or password; the person's sessions end."""
    wanted: ChangedUser = request.body
    user = await _user(request)
    if wanted.role is not None:
        await request.config.users.set_role(request.org, user.id, Role.parse(wanted.role))
    if wanted.password is not None:
        await request.config.users.set_password(user.id, await hash_password(wanted.password, request.person.key))
    request.site.access.auth.forget()
    return Reply(as_json(await request.config.users.by_id(user.id)))


async def delete(request: Request) -> Reply:
    """With their sessions and what was granted to them; InvalidError for oneself, NotFoundError."""
    user = await _user(request)
    if user.id == request.identity.scope.user_id:
        raise InvalidError("you cannot delete yourself")
    await request.config.users.delete(request.org, user.id)
    request.site.access.auth.forget()
    return Reply(status=204)


async def _user(request: Request) -> User:
    user_id = whole_number(request.path["id"])
    user = await request.config.users.by_id(user_id) if user_id is not None else None
    if user is None or user.org != request.org:
        raise NotFoundError("there is no such user")
    return user


def as_json(user: User) -> dict[str, Any]:
    """A person as the API has it."""
    return {"id": user.id, "login": user.login, "name": user.name, "role": str(user.role)}


def register(routes: Routes) -> None:
    """The routes of this resource."""
    routes.add(Route("GET", "/users", Role.ADMIN, list_, "List people", shape=Items[Person]))
    routes.add(Route("POST", "/users", Role.ADMIN, create, "Add a person", body=NewUser, shape=Person, answers=(201,)))
    routes.add(Route("PUT", "/users/{id}", Role.ADMIN, update, "Change a person", body=ChangedUser, shape=Person))
    routes.add(Route("DELETE", "/users/{id}", Role.ADMIN, delete, "Remove a person", answers=(204,)))
