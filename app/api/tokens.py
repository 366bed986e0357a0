"""`/tokens`: API tokens of the org; a token's text is shown once, when it is made."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from ...scope import Role
from ...storage.config.tokens import Token
from ..accounts import TOKEN_NAME_LENGTH
from .fields import Named, RoleName
from .routing import Reply, Request, Route, Routes
from .shapes import Items, NewTokenShape, TokenShape


class NewToken(BaseModel):
    """A token to be made."""

    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, Field(min_length=1, max_length=TOKEN_NAME_LENGTH), Named]
    role: RoleName


async def create(request: Request) -> Reply:
    """The token, told this once."""
    wanted: NewToken = request.body
    token, secret = await request.config.tokens.create(
        request.org,
        wanted.name,
        Role.parse(wanted.role),
        by=request.identity.scope.principal,
        now_ms=request.now_ms,
    )
    return Reply({**as_json(token), "token": secret}, 201)


async def list_(request: Request) -> Reply:
    """All of the org, without the tokens themselves."""
    return Reply({"items": [as_json(token) for token in await request.config.tokens.list(request.org)]})


async def delete(request: Request) -> Reply:
    """Revoke it, on all nodes; NotFoundError."""
    token_id = request.number("id", "token")
    await request.config.tokens.delete(request.org, token_id)
    request.site.access.auth.forget()
    return Reply(status=204)


def as_json(token: Token) -> dict[str, Any]:
    """A token as the API has it."""
    return {
        "id": token.id,
        "name": token.name,
        "role": str(token.role),
        "created_by": token.created_by,
        "created_at": token.created_at,
    }


def register(routes: Routes) -> None:
    """The routes of this resource."""
    routes.add(Route("GET", "/tokens", Role.ADMIN, list_, "List API tokens", shape=Items[TokenShape]))
    routes.add(
        Route(
            "POST",
            "/tokens",
            Role.ADMIN,
            create,
            "Make an API token",
            body=NewToken,
            shape=NewTokenShape,
            answers=(201,),
        )
    )
    routes.add(Route("DELETE", "/tokens/{id}", Role.ADMIN, delete, "Revoke an API token", answers=(204,)))
