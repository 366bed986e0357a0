"""What a list of dashboards shows: those that match, outside of hidden folders, and where its next page goes on."""

from __future__ import annotations

import base64
import json
from collections.abc import Collection

from sqlalchemy import ColumnElement, Text, and_, cast, or_, tuple_

from ...errors import InvalidError
from .dashboard_texts import matching as searched
from .tables import dashboards

MAX_INSTANT_MS = 2**53


def seen(hidden_folders: Collection[int]) -> list[ColumnElement[bool]]:
    """Dashboards that lie in none of the hidden folders."""
    if not hidden_folders:
        return []
    return [or_(dashboards.c.folder_id.is_(None), dashboards.c.folder_id.not_in(hidden_folders))]


def matching(query: str, tag: str, sources: Collection[str] = ()) -> list[ColumnElement[bool]]:
    """Dashboards with each word in their texts, with the tag, and that ask one of the sources."""
    conditions = searched(dashboards.c.id, query, sources)
    if tag:
        # A JSON list in both databases, whose text holds each tag as a JSON string.
        conditions.append(cast(dashboards.c.tags, Text).contains(json.dumps(tag), autoescape=True))
    return conditions


def after(cursor: str, newest_first: bool) -> ColumnElement[bool]:
    """What follows the last of a page in the order of the list."""
    by, dashboard_id = _read_cursor(cursor)
    own, changed = dashboards.c.dashboard_id, dashboards.c.updated_at
    if newest_first and isinstance(by, int):
        return or_(changed < by, and_(changed == by, own > dashboard_id))
    if not newest_first and isinstance(by, str):
        return tuple_(dashboards.c.title, own) > tuple_(by, dashboard_id)
    raise InvalidError("cursor is one of another order", path="$.cursor")


def write_cursor(by: str | int, dashboard_id: str) -> str:
    """The cursor of what follows a dashboard, in the order of titles or of instants (ms)."""
    return base64.urlsafe_b64encode(json.dumps([by, dashboard_id]).encode()).decode().rstrip("=")


def _read_cursor(cursor: str) -> tuple[str | int, str]:
    try:
        by, dashboard_id = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        return by if isinstance(by, int) and 0 <= by <= MAX_INSTANT_MS else str(by), str(dashboard_id)
    except (ValueError, TypeError):
        raise InvalidError("cursor is not one that a list gave", path="$.cursor") from None
