"""`/variables/preview`: what variables would offer that are not saved yet, for who edits them."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from ...datasources.datemath import parse_range
from ...datasources.variables.declared import Variable
from ...datasources.variables.resolve import Resolved, resolve
from ...scope import Role
from .query_request import Time, VariableValues, as_time, as_tuples
from .routing import Reply, Request, Route, Routes
from .shapes import Items, Shape

MOST_SHOWN = 200  # values of a variable that are told


class Previewed(BaseModel):
    """Variables as a draft has them, with the values that are chosen, over a range."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    variables: list[Variable] = Field(max_length=100)
    values: VariableValues = Field(default_factory=dict, max_length=100)
    from_: Time = Field("now-6h", alias="from")
    to: Time = "now"


class VariableValuesShape(Shape):
    """What one variable would offer."""

    name: str
    values: Annotated[list[str], Field(description=f"What people read of its values, at most {MOST_SHOWN}.")]
    count: Annotated[int, Field(description="How many there are.")]
    error: Annotated[str, Field(description="Why there are none; empty: there are.")]


async def preview(request: Request) -> Reply:
    """The options of variables that are being edited; what is wrong with one is said in its place."""
    wanted: Previewed = request.body
    range_ = parse_range(as_time(wanted.from_), as_time(wanted.to), request.now_ms)
    resolved = await resolve(
        wanted.variables,
        as_tuples(wanted.values),
        range_,
        request.identity.scope,
        request.queries.options,
        aged=True,
    )
    return Reply({"items": [_told(one) for one in resolved]})


def _told(one: Resolved) -> dict[str, object]:
    return {
        "name": one.variable.name,
        "values": [option.text for option in one.options[:MOST_SHOWN]],
        "count": len(one.options),
        "error": one.error,
    }


def register(routes: Routes) -> None:
    """The routes of this resource."""
    routes.add(
        Route(
            "POST",
            "/variables/preview",
            Role.EDITOR,
            preview,
            "See what variables would offer",
            body=Previewed,
            shape=Items[VariableValuesShape],
        )
    )
