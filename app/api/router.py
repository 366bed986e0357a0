"""All routes of the API as Tornado takes them."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from typing import Any

from tornado.web import url

from ... import __version__
from ..auth.browsers import ANONYMOUS
from ..http.encoded import Encoded
from ..http.strict_json import strict_json
from ..http.web import Handler
from . import (
    account,
    alerts,
    contact_points,
    dashboards,
    datasources,
    declarations,
    draft_saving,
    drafts,
    exports,
    folders,
    grafana,
    lookups,
    notification_policy,
    notifications,
    openapi,
    prometheus_rules,
    provisioning,
    query,
    reports,
    rule_files,
    rule_of_panel,
    rules,
    shares,
    silences,
    snapshots,
    source_uses,
    sparks,
    stars,
    teams,
    tokens,
    trash,
    users,
    variables,
)
from . import annotations as marks
from .handler import ApiHandler
from .routing import PREFIX, Means, Route, Routes

# What is named before what a part in braces would take for an id.
TELLING = (contact_points, notification_policy, silences, notifications)
RULES = (rule_files, rule_of_panel, rules, alerts)
SHARING = (exports, reports, shares, snapshots)
OF_DASHBOARDS = (grafana, dashboards, drafts, draft_saving, *SHARING, trash, provisioning, stars, sparks, account)
OF_SOURCES = (datasources, source_uses, declarations, lookups, variables)
RESOURCES = (*OF_DASHBOARDS, query, *OF_SOURCES, marks, folders, users, teams, tokens, *RULES, *TELLING)
Methods = Mapping[str, Route]


class OpenApi:
    """The document of all routes: made once, off the loop, for it takes half a second; anew where that failed."""

    def __init__(self, routes: Routes) -> None:
        self._routes = routes
        self._making: asyncio.Task[Encoded] | None = None

    async def encoded(self) -> Encoded:
        """As it is sent."""
        if self._making is None or _failed(self._making):
            self._making = asyncio.get_running_loop().create_task(self._make())
        return await asyncio.shield(self._making)

    async def _make(self) -> Encoded:
        return Encoded(await asyncio.to_thread(self._text))

    def _text(self) -> bytes:
        return strict_json(openapi.document(self._routes, __version__)).encode()


def _failed(task: asyncio.Task[Encoded]) -> bool:
    return task.done() and (task.cancelled() or task.exception() is not None)


class OpenApiHandler(Handler):
    """`/api/v1/openapi.json`, for everybody."""

    described: OpenApi

    async def get(self) -> None:
        self.spend_of(ANONYMOUS)
        encoded = await self.described.encoded()
        self.set_header("Content-Type", "application/json; charset=utf-8")
        self.set_header("Cache-Control", "private, no-store")
        self.set_header("Vary", "Accept-Encoding")
        if self.takes_gzip:
            self.set_header("Content-Encoding", "gzip")
            self.finish(await encoded.gzip())
        else:
            self.finish(encoded.body)


def table() -> Routes:
    """The table of all routes."""
    routes = Routes()
    for resource in RESOURCES:
        resource.register(routes)
    return routes


def routes(means: Means) -> list[Any]:
    """The API's addresses with their handler."""
    found = table()
    paths = found.paths()
    made = []
    for path, own in paths.items():
        beside, given = sibling(path, paths)
        bundles = {"site": means.site, "means": means, "methods": {**own, **without(beside, own)}, "given": given}
        made.append(url(pattern(path), ApiHandler, bundles))
    openapi_ = url(f"{PREFIX}/openapi.json", OpenApiHandler, {"site": means.site, "described": OpenApi(found)})
    return [openapi_, *made, *prometheus_rules.routes(means)]


def sibling(path: str, paths: Mapping[str, Methods]) -> tuple[Methods, dict[str, str]]:
    """The methods of `/dashboards/{id}` beside `/dashboards/import`, and which id that is: one may be called so."""
    above, _, last = path.rpartition("/")
    for other, methods in paths.items():
        part = re.fullmatch(re.escape(above) + r"/\{(\w+)\}", other)
        if part and "{" not in last:
            return methods, {part[1]: last}
    return {}, {}


def without(methods: Methods, others: Methods) -> Methods:
    """The methods that are not among the others."""
    return {method: route for method, route in methods.items() if method not in others}


def pattern(path: str) -> str:
    """`/dashboards/{id}` as a regular expression with named groups."""
    return PREFIX + re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", path)
