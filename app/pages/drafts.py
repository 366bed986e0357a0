"""A draft as pages and the API tell of it."""

from __future__ import annotations

from typing import Any, Final

from ...storage.config.draft_rows import Draft

# What a new dashboard begins with.
BLANK: Final = {"title": "New dashboard", "time": {"from": "now-1h", "to": "now"}, "refresh": "5s", "panels": []}


def state(draft: Draft) -> dict[str, Any]:
    """What changes with each step of a draft."""
    return {
        "revision": draft.revision,
        "can_undo": draft.can_undo,
        "can_redo": draft.can_redo,
        "changed": draft.is_changed,
    }


def summary(draft: Draft) -> dict[str, Any]:
    """A draft without its document."""
    return {
        "draft_id": draft.draft_id,
        "dashboard_id": draft.dashboard_id or None,
        "title": draft.config.get("title", ""),
        "folder": draft.folder or None,
        "base_version": draft.base_version,
        "updated_at": draft.updated_at,
        "url": editor_url(draft),
        **state(draft),
    }


def editor_url(draft: Draft) -> str:
    """The page where the draft is gone on with."""
    return f"/d/{draft.dashboard_id}/edit" if draft.dashboard_id else f"/drafts/{draft.draft_id}"


def as_json(draft: Draft) -> dict[str, Any]:
    """A draft with its document."""
    return {**summary(draft), "document": draft.config}
