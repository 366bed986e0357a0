"""`/dashboards/{id}/spark`: the small line of a dashboard, for lists of them."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from ...scope import Role
from .routing import Reply, Request, Route, Routes
from .shapes import Ms, Shape


class SparkShape(Shape):
    """The line that a tile of the home page draws."""

    from_ms: Ms
    to_ms: Ms
    points: Annotated[
        list[tuple[float, float | None]],
        Field(description="ms and value of the first series of the first time series panel; null at a gap."),
    ]


async def spark(request: Request) -> Reply:
    """The line of a dashboard over its own range; NotFoundError, also where the asker may not see it."""
    hub, scope = request.live.hub, request.identity.scope
    stored, dashboard = await hub.document(request.identity, request.path["id"])
    found = await request.live.sparks.of(stored, dashboard, await hub.scope_of(scope, stored, dashboard))
    return Reply({"from_ms": found.from_ms, "to_ms": found.to_ms, "points": [list(one) for one in found.points]})


def register(routes: Routes) -> None:
    """The routes of this resource."""
    summary = "A line of a dashboard as it stands now, the same for a minute"
    routes.add(Route("GET", "/dashboards/{id}/spark", Role.VIEWER, spark, summary, shape=SparkShape))
