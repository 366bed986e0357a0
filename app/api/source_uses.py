"""`/datasources/{uid}/uses`: the dashboards and rules that ask a data source."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from ...datasources.sources.registry import BUILT_IN
from ...errors import NotFoundError
from ...scope import Role
from ...storage.config.dashboard_rows import DashboardSummary
from ...storage.config.datasources import StoredSource
from ..pages.slug import dashboard_url
from .routing import Reply, Request, Route, Routes
from .shapes import UsesShape

MOST = 500


async def uses(request: Request) -> Reply:
    """What asks the data source, of what the asker may see; NotFoundError."""
    uid = request.path["uid"]
    source = next((one for one in await request.queries.sources.all(request.org) if one.uid == uid), None)
    if source is None:
        raise NotFoundError(f"there is no data source {uid}")
    names = names_of_source(source)
    hidden = await request.config.folders.hidden(request.identity.scope)
    dashboards, _ = await request.config.dashboards.list(request.org, sources=names, limit=MOST, hidden_folders=hidden)
    rules = await request.config.rules.list(request.org, hidden_folders=hidden)
    known = {name.lower() for name in names}
    asking = [one for one in rules if any(name.lower() in known for name in _asked(one.config))]
    return Reply(
        {
            "dashboards": [_named(one) for one in dashboards],
            "rules": [{"rule_id": one.rule_id, "title": one.title} for one in asking[:MOST]],
        }
    )


async def names_searched(request: Request, source: str) -> Collection[str]:
    """All that dashboards may call a data source that is named by its uid or name."""
    for one in await request.queries.sources.all(request.org):
        if source in (one.uid, one.name):
            return names_of_source(one)
    return {source}


def names_of_source(source: StoredSource) -> set[str]:
    """Its uid, its name, its kind where it is the default one, and nothing where it is the built-in store."""
    found = {source.uid, source.name or source.uid}
    if source.default:
        found.add(source.type)
    if source.uid == BUILT_IN:
        found.add("")
    return found


def _named(one: DashboardSummary) -> dict[str, str]:
    return {"dashboard_id": one.dashboard_id, "title": one.title, "url": dashboard_url(one.dashboard_id, one.title)}


def _asked(config: Any) -> list[str]:
    """The names of the sources of a rule's document."""
    targets = [*config.get("targets", []), config.get("target") or {}]
    return [str(target.get("datasource") or "") for target in targets if target]


def register(routes: Routes) -> None:
    """The routes of this resource."""
    path = "/datasources/{uid}/uses"
    routes.add(Route("GET", path, Role.EDITOR, uses, "Say what asks a data source", shape=UsesShape))
