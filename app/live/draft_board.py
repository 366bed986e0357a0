"""A draft as a dashboard that views are opened of: its author's alone, and of one view, whatever revision it has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from ...scope import Scope
from ...storage.config.dashboard_rows import StoredDashboard
from ...storage.config.draft_rows import Draft

PREFIX: Final = "draft:"  # no dashboard that people made is named so


@dataclass(frozen=True, slots=True)
class OfDraft:
    """The draft that a view shows: for whom, which revision, and what of it decides which view an address leads to."""

    scope: Scope
    revision: int
    names: Sequence[Any]


def draft_board_id(draft_id: str) -> str:
    """The id under which views know a draft."""
    return PREFIX + draft_id


def draft_id_of(dashboard_id: str) -> str | None:
    """The draft that is named so; None for all else."""
    return dashboard_id.removeprefix(PREFIX) if dashboard_id.startswith(PREFIX) else None


def draft_board(draft: Draft) -> StoredDashboard:
    """The draft as of a dashboard: its version is the draft's revision, who made it its author."""
    return StoredDashboard(
        org=draft.org,
        dashboard_id=draft_board_id(draft.draft_id),
        title=draft.config.get("title", ""),
        tags=(),
        config=draft.config,
        version=draft.revision,
        folder_id=draft.folder_id,
        created_by=draft.author,
        updated_by=draft.author,
        created_at=draft.created_at,
        updated_at=draft.updated_at,
        subject=draft.dashboard_id,
    )
