"""`/datasources/{uid}/metrics` and `/values`: what exists in a source, for who writes a query and wants completion."""

from __future__ import annotations

import json
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from ...datasources.datemath import parse_range
from ...datasources.timerange import TimeRange
from ...datasources.variables.chosen import Chosen
from ...errors import HeliographError
from ...scope import Role
from .query_request import Time, VariableValues, as_time, as_tuples
from .routing import Reply, Request, Route, Routes
from .shapes import Items, Shape


class Looked(BaseModel):
    """Over which range, with which values of variables."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    from_: Time = Field("now-6h", alias="from")
    to: Time = "now"
    variables: VariableValues = Field(default_factory=dict, max_length=100)


class Asked(Looked):
    """What is asked for as the query of a variable asks: `label_values(up, job)`, SQL, …"""

    query: str = Field(min_length=1, max_length=20_000)


class MetricShape(Shape):
    """A metric as a source describes it."""

    name: str
    type: Annotated[str, Field(description="counter, gauge, histogram, summary; empty where the source does not say.")]
    help: str
    unit: str


class OptionShape(Shape):
    """A value that a variable may have, with its text."""

    value: str
    text: str


async def values(request: Request) -> Reply:
    """What a variable's query finds over a range, its own variables filled in; errors are those of the source."""
    wanted: Asked = request.body
    chosen = {
        name: one if isinstance(one, Chosen) else Chosen(one) for name, one in as_tuples(wanted.variables).items()
    }
    found = await request.queries.options.ask(
        request.path["uid"], wanted.query, chosen, _range(request), request.identity.scope
    )
    return Reply({"items": [{"value": one.value, "text": one.text} for one in found]})


async def metrics(request: Request) -> Reply:
    """By name; what they are is left out where the source does not tell it."""
    ask, uid, scope, range_ = request.queries.options.ask, request.path["uid"], request.identity.scope, _range(request)
    names = await ask(uid, "metrics()", {}, range_, scope)
    try:
        about = {one.value: json.loads(one.text) for one in await ask(uid, "metadata()", {}, range_, scope)}
    except HeliographError:
        about = {}
    nothing = {"type": "", "help": "", "unit": ""}
    return Reply({"items": [{"name": one.value, **about.get(one.value, nothing)} for one in names]})


def _range(request: Request) -> TimeRange:
    wanted: Looked = request.body
    return parse_range(as_time(wanted.from_), as_time(wanted.to), request.now_ms)


def register(routes: Routes) -> None:
    """The routes of this resource."""
    routes.add(
        Route(
            "POST",
            "/datasources/{uid}/metrics",
            Role.EDITOR,
            metrics,
            "List the metrics of a data source",
            body=Looked,
            shape=Items[MetricShape],
        )
    )
    routes.add(
        Route(
            "POST",
            "/datasources/{uid}/values",
            Role.EDITOR,
            values,
            "Ask a data source for values, as variables do",
            body=Asked,
            shape=Items[OptionShape],
        )
    )
