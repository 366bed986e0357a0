"""Dashboards as requests bring them and as answers have them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ParamSpec, TypeVar

from ...components.panels.registry import PanelRegistry
from ...components.saved import ENVELOPE
from ...components.spec import Dashboard, parse_dashboard
from ...errors import InvalidError
from ...scope import Role
from ...storage.config.dashboard_rows import DashboardSummary, StoredDashboard
from ..auth.people import names_of
from ..http.parsing import whole_number
from ..pages.slug import dashboard_url
from .body import check_shape
from .routing import Request

P = ParamSpec("P")
T = TypeVar("T")
MAX_MESSAGE = 500
MAX_DOCUMENT_BYTES = 4 * 2**20


async def parsed(request: Request) -> tuple[Dashboard, int | None]:
    """The dashboard of the body, checked whole, and the version it was read at, from the body or If-Match."""
    document = dict(request.body)
    version = document.get("version")
    for key in ENVELOPE:
        document.pop(key, None)
    dashboard = await in_turn(request, checked_document, document, request.tools.registry)
    if version is None:
        version = _if_match(request)
    if version is not None and (isinstance(version, bool) or not isinstance(version, int) or not 0 < version < 2**31):
        raise InvalidError("a version is a whole number from 1 on", path="$.version")
    return dashboard, version


async def in_turn(request: Request, work: Callable[P, T], *args: P.args, **named: P.kwargs) -> T:
    """What work on a whole document comes to, off the loop: a large one takes some tenths of a second, and each person
    has so many of them under way."""
    async with request.site.access.budget.turn(request.person):
        return await asyncio.to_thread(work, *args, **named)


def checked_document(document: Mapping[str, Any], registry: PanelRegistry) -> Dashboard:
    """The dashboard of a document that may be saved; InvalidError with every fault's path."""
    check_shape(document)
    if len(json.dumps(document)) > MAX_DOCUMENT_BYTES:
        raise InvalidError(f"a dashboard has at most {MAX_DOCUMENT_BYTES} bytes", path="$")
    dashboard = parse_dashboard(document)
    registry.validate(dashboard)
    return dashboard


def message_of(request: Request) -> str:
    """What a version says of itself, as its list shows it."""
    message = request.body.get("message", "")
    if not isinstance(message, str) or len(message) > MAX_MESSAGE:
        raise InvalidError(f"a message is a text of at most {MAX_MESSAGE} characters", path="$.message")
    return message


def _if_match(request: Request) -> int | None:
    value = request.headers.get("If-Match", "").removeprefix("W/").strip('" ')
    if not value or value == "*":
        return None
    version = whole_number(value)
    if version is None:
        raise InvalidError("If-Match is a version as ETag gave it", path="$.version")
    return version


def as_json(request: Request, stored: StoredDashboard) -> dict[str, Any]:
    """A dashboard as it is answered; which file provisions it is for those who might change it."""
    of_file = stored.origin and request.identity.scope.role >= Role.EDITOR
    return {
        "dashboard_id": stored.dashboard_id,
        "version": stored.version,
        "url": dashboard_url(stored.dashboard_id, stored.title),
        **stored.config,
        "created_by": stored.created_by,
        "updated_by": stored.updated_by,
        "created_at": stored.created_at,
        "updated_at": stored.updated_at,
        **({"origin": stored.origin} if of_file else {}),
    }


async def summaries(request: Request, items: Sequence[DashboardSummary]) -> list[dict[str, Any]]:
    """What lists show of dashboards, with the names of who changed them where the asker may know those."""
    names = await names_of(request.config.users, request.identity.scope, {item.updated_by for item in items})
    return [{**summary(item), "updated_by_name": names.get(item.updated_by, "")} for item in items]


def summary(item: DashboardSummary) -> dict[str, Any]:
    """A dashboard as lists have it, but for people's names."""
    return {
        "dashboard_id": item.dashboard_id,
        "title": item.title,
        "description": item.description,
        "folder": {"uid": item.folder.uid, "title": item.folder.title} if item.folder else None,
        "tags": list(item.tags),
        "version": item.version,
        "url": dashboard_url(item.dashboard_id, item.title),
        "updated_by": item.updated_by,
        "updated_at": item.updated_at,
        "panel": {"panel_id": item.hit.panel_id, "title": item.hit.title} if item.hit else None,
    }


def etag(stored: StoredDashboard) -> str:
    """The version, as HTTP's entity tag."""
    return f'"{stored.version}"'
