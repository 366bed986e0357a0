"""The document of all routes is made once for all who ask; what failed is tried again for the next."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from pydantic import BaseModel
from pydantic.errors import PydanticInvalidForJsonSchema

from heliograph.app.api import stars
from heliograph.app.api.router import OpenApi
from heliograph.app.api.routing import Reply, Request, Route, Routes
from heliograph.scope import Role


class Untold(BaseModel):
    """A body that no schema tells of."""

    call: Callable[[], int]


async def answer(request: Request) -> Reply:
    return Reply({"path": request.path})


async def test_a_document_that_could_not_be_made_is_made_for_the_next_who_asks() -> None:
    routes = Routes()
    stars.register(routes)
    routes.add(Route("POST", "/untold", Role.EDITOR, answer, "Take it", body=Untold))
    described = OpenApi(routes)
    with pytest.raises(PydanticInvalidForJsonSchema):
        await described.encoded()
    routes.table.pop()
    made = await described.encoded()
    assert any(path.endswith("/stars") for path in json.loads(made.body)["paths"])
    assert await described.encoded() is made
