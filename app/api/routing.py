"""One table of routes: method, path, who may, what goes in and out. Handlers, OpenAPI and tests are made of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel

from ...scope import Role
from ..auth.authenticator import Identity
from ..services import Services

PREFIX = "/api/v1"


@dataclass(frozen=True, slots=True)
class Request:
    """A request as resources get it: who asks, the path's parts, the query's arguments, the parsed body."""

    services: Services
    identity: Identity
    path: Mapping[str, str]
    arguments: Any
    body: Any
    headers: Mapping[str, str]

    @property
    def org(self) -> int:
        return self.identity.scope.org

    @property
    def now_ms(self) -> int:
        return int(self.services.clock() * 1000)


@dataclass(frozen=True, slots=True)
class Reply:
    """What a resource answers: a JSON document, or one as bytes already (None: no body), and headers."""

    document: Any = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


Action = Callable[[Request], Awaitable[Reply]]


@dataclass(frozen=True, slots=True)
class Route:
    """`path` has parts in braces: `/dashboards/{id}`. `role` is the least that may call; None: anybody who is known."""

    method: str
    path: str
    role: Role
    action: Action
    summary: str
    body: type[BaseModel] | None = None
    arguments: type[BaseModel] | None = None
    answers: Sequence[int] = (200,)
    shared: bool = False  # equal requests of askers with equal rights have the same answer, an `Encoded`
    raw_body: bool = False  # the action parses the body itself, for its own faults' paths


class Routes:
    """The table, filled by each resource's module."""

    def __init__(self) -> None:
        self.table: list[Route] = []

    def add(self, route: Route) -> None:
        if any((one.method, one.path) == (route.method, route.path) for one in self.table):
            raise ValueError(f"two routes are {route.method} {route.path}")
        self.table.append(route)

    def paths(self) -> Mapping[str, Mapping[str, Route]]:
        """path → method → route."""
        found: dict[str, dict[str, Route]] = {}
        for route in self.table:
            found.setdefault(route.path, {})[route.method] = route
        return found
