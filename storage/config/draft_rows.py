"""Drafts as they are kept, with their steps; and the tables that they are read of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, Select, and_, func, select

from .tables import dashboards, drafts, folders

FOLDERS_OF_NEW = folders.alias()
PLACED = drafts.outerjoin(
    dashboards, and_(dashboards.c.org_id == drafts.c.org_id, dashboards.c.dashboard_id == drafts.c.dashboard_id)
).outerjoin(FOLDERS_OF_NEW, and_(FOLDERS_OF_NEW.c.org_id == drafts.c.org_id, FOLDERS_OF_NEW.c.uid == drafts.c.folder))
FOLDER = func.coalesce(dashboards.c.folder_id, FOLDERS_OF_NEW.c.id).label("folder_id")


@dataclass(frozen=True, slots=True)
class Draft:
    """`dashboard_id` is empty and `base_version` 0 for one of a dashboard that is not there yet; times in ms UTC.

    `folder_id`: where its dashboard lies, or will lie.
    """

    org: int
    draft_id: str
    author: str
    dashboard_id: str
    folder: str
    base_version: int
    config: Mapping[str, Any]
    revision: int
    step: int
    first_step: int
    last_step: int
    created_at: int
    updated_at: int
    folder_id: int | None = None

    @property
    def can_undo(self) -> bool:
        """Whether a step is left to take back."""
        return self.step >= self.first_step

    @property
    def can_redo(self) -> bool:
        """Whether a step that was taken back may be made again."""
        return self.step < self.last_step

    @property
    def is_changed(self) -> bool:
        """Whether a step is done that nobody took back."""
        return self.step > 0


@dataclass(frozen=True, slots=True)
class StoredStep:
    """A step by its number, as two JSON patches; `at` when it was made, ms."""

    number: int
    forward: Sequence[Mapping[str, Any]]
    inverse: Sequence[Mapping[str, Any]]
    nbytes: int
    at: int


def all_drafts() -> Select[Any]:
    """Drafts with the folder that their dashboard lies in, or will lie in."""
    return select(drafts, FOLDER).select_from(PLACED)


def row_of(one: Draft) -> dict[str, Any]:
    """A draft as its row, without the folder that its dashboard has by now."""
    return {
        "id": one.draft_id,
        "org_id": one.org,
        "author": one.author,
        "dashboard_id": one.dashboard_id or None,
        "folder": one.folder,
        "base_version": one.base_version,
        "config": dict(one.config),
        "revision": one.revision,
        "step": one.step,
        "first_step": one.first_step,
        "last_step": one.last_step,
        "created_at": one.created_at,
        "updated_at": one.updated_at,
    }


def step_row(step: StoredStep) -> dict[str, Any]:
    """A step as its row."""
    return {
        "number": step.number,
        "forward": list(step.forward),
        "inverse": list(step.inverse),
        "nbytes": step.nbytes,
        "at": step.at,
    }


def draft_of(row: Row[Any]) -> Draft:
    """A row of `all_drafts` as the draft that it holds."""
    return Draft(
        org=row.org_id,
        draft_id=row.id,
        author=row.author,
        dashboard_id=row.dashboard_id or "",
        folder=row.folder,
        base_version=row.base_version,
        config=row.config,
        revision=row.revision,
        step=row.step,
        first_step=row.first_step,
        last_step=row.last_step,
        created_at=row.created_at,
        updated_at=row.updated_at,
        folder_id=row.folder_id,
    )
