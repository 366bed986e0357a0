"""Brings the demo's dashboards and its administrator into the database, and says where to look."""

from __future__ import annotations

import contextlib
import json
import secrets
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ...components.spec import parse_dashboard
from ...datasources.sources.registry import BUILT_IN
from ...errors import DuplicateError, NotFoundError, VersionConflictError
from ...scope import DEFAULT_ORG, Role
from ..auth.passwords import hash_password
from ..graph import ViewGraph
from .prometheus import UID as PROMETHEUS
from .rules import bring_rules
from .sources import SQL_UID as ORDERS

DASHBOARDS = Path(__file__).parent / "dashboards"
BY = "provisioned"
# The folder of each dashboard that comes with the product, by its id: its uid and its title.
FOLDERS = {
    "host": ("infrastructure", "Infrastructure"),
    "prometheus": ("infrastructure", "Infrastructure"),
    "gallery": ("examples", "Examples"),
    "orders": ("examples", "Examples"),
}
SHOWN_FIRST = ("host",)
ADMIN = "admin"
# Dashboards over a source that may not be there.
NEEDS = {"prometheus": PROMETHEUS, "orders": ORDERS}


async def provision(graph: ViewGraph) -> str:
    """Bring the demo's dashboards and its administrator; what to say of where to look."""
    now_ms = int(graph.site.clock() * 1000)
    await bring_all(graph, DASHBOARDS)
    await bring_rules(graph.config, await _folder(graph, "host"), by=BY, now_ms=now_ms)
    return greeting(graph, await _administrator(graph, now_ms))


async def bring_all(graph: ViewGraph, folder: Path) -> None:
    """Make the dashboards of a folder that are missing; one that a person has saved since is left as it is."""
    sources = {source.uid for source in await graph.queries.sources.all(DEFAULT_ORG)}
    for document in documents(folder):
        if NEEDS.get(document["dashboard_id"], BUILT_IN) not in sources:
            continue
        with contextlib.suppress(DuplicateError, VersionConflictError):  # another node brings it at this moment
            await _bring(graph, document, int(graph.site.clock() * 1000))


def documents(folder: Path) -> Iterator[dict[str, Any]]:
    """Those that come first in a list of what changed last are made last."""
    for path in sorted(folder.glob("*.json"), key=lambda one: (one.stem in SHOWN_FIRST, one.stem)):
        yield json.loads(path.read_text("utf-8"))


async def _bring(graph: ViewGraph, document: dict[str, Any], now_ms: int) -> None:
    dashboard = parse_dashboard(document)
    graph.tools.registry.validate(dashboard)
    config = dashboard.model_dump(exclude={"dashboard_id"}, exclude_defaults=True)
    dashboard_id = dashboard.dashboard_id
    assert dashboard_id is not None
    try:
        stored = await graph.config.dashboards.get(DEFAULT_ORG, dashboard_id)
    except NotFoundError:
        folder_id = await _folder(graph, dashboard_id)
        await graph.config.dashboards.create(
            DEFAULT_ORG, config, by=BY, now_ms=now_ms, dashboard_id=dashboard_id, folder_id=folder_id
        )
        return
    if stored.updated_by == BY and stored.config != config:
        await graph.config.dashboards.update(
            DEFAULT_ORG, dashboard_id, config, version=stored.version, by=BY, now_ms=now_ms
        )


async def _folder(graph: ViewGraph, dashboard_id: str) -> int | None:
    """The folder of a new dashboard, made where it is missing; None is the root."""
    if dashboard_id not in FOLDERS:
        return None
    uid, title = FOLDERS[dashboard_id]
    try:
        return (await graph.config.folders.get(DEFAULT_ORG, uid)).id
    except NotFoundError:
        return (await graph.config.folders.create(DEFAULT_ORG, uid, title)).id


async def _administrator(graph: ViewGraph, now_ms: int) -> str:
    """The password of a new administrator; empty where there is somebody already."""
    if await graph.config.users.any():
        return ""
    password = secrets.token_urlsafe(12)
    hashed = await hash_password(password, ADMIN)
    await graph.config.users.add(DEFAULT_ORG, ADMIN, hashed, Role.ADMIN, now_ms=now_ms)
    return password


def greeting(graph: ViewGraph, password: str) -> str:
    """What the terminal says once the demo answers; `password`: that of its admin, where it was made just now."""
    settings = graph.site.settings
    host = settings.host if settings.host not in ("0.0.0.0", "::") else socket.gethostname()  # noqa: S104 - a comparison
    url = settings.public_url or f"http://{host}:{settings.port}{settings.root}"
    lines = ["", f"  Heliograph shows this machine at {url}/d/host/this-machine"]
    if any(source.uid == PROMETHEUS for source in settings.datasources):
        lines[-1] += f", and a Prometheus at {url}/d/prometheus/prometheus"
    if password:
        lines.append(f"  To edit, sign in as {ADMIN} with {password} (shown this once)")
    else:
        lines.append(f"  To edit, sign in as {ADMIN}; a lost password is replaced by: heliograph user passwd {ADMIN}")
    lines.append("  Try: drag over a chart to zoom, hover for values, Ctrl+K to go anywhere, ? for all keys")
    return "\n".join([*lines, ""])
