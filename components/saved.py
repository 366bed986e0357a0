"""The document of a dashboard as it is kept, and what is told beside it."""

from __future__ import annotations

from typing import Any, Final

from .spec import Dashboard

# Keys that a document may carry beside the dashboard itself: what GET gave may be sent back as it is.
ENVELOPE: Final = (
    "version",
    "url",
    "updated_by",
    "updated_at",
    "created_by",
    "created_at",
    "origin",
    "folder",
    "message",
)


def as_config(dashboard: Dashboard) -> dict[str, Any]:
    """What a version keeps: the document without what is the default anyway."""
    return dashboard.model_dump(mode="json", exclude={"dashboard_id"}, exclude_unset=True)
