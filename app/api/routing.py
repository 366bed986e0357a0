"""One table of routes: method, path, who may, what goes in and out. Handlers, OpenAPI and tests are made of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel

from ...alerting.notifiers.registry import NotifierKinds
from ...components.asking.tools import PanelTools
from ...datasources.query.path import QueryPath
from ...datasources.sources.registry import Sources
from ...errors import NotFoundError
from ...kept import Kept
from ...scope import Role
from ...storage.config.repositories import Repositories
from ..alerts.rule_reading import RuleReader
from ..auth.authenticator import Identity
from ..auth.budget import Person
from ..http.encoded import EncodedAnswers
from ..http.parsing import whole_number
from ..http.site import Site
from ..live.live import Live
from ..share.links import Links
from ..share.pictures import Pictures
from .body import MAX_BODY

PREFIX = "/api/v1"


@dataclass(frozen=True, slots=True)
class Means:
    """What resources work with."""

    site: Site
    config: Repositories
    queries: QueryPath
    tools: PanelTools
    live: Live
    links: Links
    pictures: Pictures
    encoded: EncodedAnswers
    personal: Kept[bool]  # by a digest of what was asked: whether the answer depends on who asks
    notifiers: NotifierKinds
    rule_reader: RuleReader


@dataclass(frozen=True, slots=True)
class Request:
    """A request as resources get it: who asks, the path's parts, the query's arguments, the parsed body."""

    means: Means
    identity: Identity
    path: Mapping[str, str]
    arguments: Any
    body: Any
    headers: Mapping[str, str]
    query: Mapping[str, Sequence[str]] = field(default_factory=dict)  # all arguments, with all of their values
    remote_ip: str = ""
    origin: str = ""  # scheme, name and port by which it came

    @property
    def site(self) -> Site:
        """What all handlers share."""
        return self.means.site

    @property
    def site_url(self) -> str:
        """Where people reach this server, with what stands before all its paths."""
        settings = self.site.settings
        return settings.public_url.rstrip("/") or f"{self.origin}{settings.root}"

    @property
    def config(self) -> Repositories:
        """The config database."""
        return self.means.config

    @property
    def queries(self) -> QueryPath:
        """The way of a query."""
        return self.means.queries

    @property
    def tools(self) -> PanelTools:
        """What panels are asked with."""
        return self.means.tools

    @property
    def live(self) -> Live:
        """The views of this node."""
        return self.means.live

    @property
    def org(self) -> int:
        """Of who asks."""
        return self.identity.scope.org

    @property
    def person(self) -> Person:
        """Whose share of what all use it is paid from."""
        return self.site.access.budget.person(self.identity.scope.principal, self.remote_ip)

    @property
    def now_ms(self) -> int:
        """The time, in ms."""
        return int(self.site.clock() * 1000)

    def number(self, part: str, what: str) -> int:
        """The number that a part of the path is; NotFoundError where it is none, for there is no such `what`."""
        number = whole_number(self.path[part])
        if number is None:
            raise NotFoundError(f"there is no such {what}")
        return number


@dataclass(frozen=True, slots=True)
class File:
    """What is saved and not shown: bytes with the name of their file."""

    body: bytes
    media: str
    name: str


@dataclass(frozen=True, slots=True)
class Written:
    """A JSON document that is written already, off the loop."""

    text: str


@dataclass(frozen=True, slots=True)
class Reply:
    """What a resource answers: a JSON document, one that is `Written` or bytes already, a `File` (None: no body), and
    headers."""

    document: Any = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


Action = Callable[[Request], Awaitable[Reply]]
Personal = Callable[[Sources, int, Any], Awaitable[bool]]


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
    shape: type[BaseModel] | None = None  # of the document that is answered; None: there is none
    shared: bool = False  # equal requests of askers with equal rights have the same answer, an `Encoded`
    personal: Personal | None = None  # of a shared one: whether a body of an org is answered to each person differently
    named: bool = False  # what is answered has an ETag: who has it already is told so
    most_bytes: int = MAX_BODY  # of the body
    raw_body: bool = False  # the action parses the body itself, for its own faults' paths
    text_body: bool = False  # the body is a text, such as YAML, and no JSON
    media: str | None = None  # of a `File`, where it answers one


class Routes:
    """The table, filled by each resource's module."""

    def __init__(self) -> None:
        self.table: list[Route] = []

    def add(self, route: Route) -> None:
        """ValueError where there is a route of that method and path."""
        if any((one.method, one.path) == (route.method, route.path) for one in self.table):
            raise ValueError(f"two routes are {route.method} {route.path}")
        self.table.append(route)

    def paths(self) -> Mapping[str, Mapping[str, Route]]:
        """path → method → route."""
        found: dict[str, dict[str, Route]] = {}
        for route in self.table:
            found.setdefault(route.path, {})[route.method] = route
        return found
