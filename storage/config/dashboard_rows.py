"""Dashboards as they are kept: whole, and as a list shows them; and the columns that they are read of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Row, and_

from .dashboard_texts import PanelTexts
from .tables import dashboards, folders


@dataclass(frozen=True, slots=True)
class InFolder:
    """The folder that a dashboard lies in, as people know it."""

    uid: str
    title: str


@dataclass(frozen=True, slots=True)
class StoredDashboard:
    """One version of a dashboard. `config` is its JSON document without id and version; times in ms UTC.

    `origin`: the file that provisions it; empty where people made it.
    `subject`: the id of the dashboard that this is a draft of, for drafts.
    """

    org: int
    dashboard_id: str
    title: str
    tags: tuple[str, ...]
    config: Mapping[str, Any]
    version: int
    folder_id: int | None
    created_by: str
    updated_by: str
    created_at: int
    updated_at: int
    folder: InFolder | None = None
    origin: str = ""
    subject: str = ""

    @property
    def maker(self) -> str:
        """Who answers for what it asks: who saved it last; nobody for that of a file, which the operator keeps."""
        return "" if self.origin else self.updated_by


@dataclass(frozen=True, slots=True)
class DashboardSummary:
    """What a list shows of a dashboard. `hit`: the panel that holds what was searched for, where nothing else does."""

    dashboard_id: str
    title: str
    tags: tuple[str, ...]
    version: int
    folder_id: int | None
    updated_by: str
    updated_at: int
    folder: InFolder | None = None
    origin: str = ""
    description: str = ""
    hit: PanelTexts | None = None


SUMMARY = [
    dashboards.c.dashboard_id,
    dashboards.c.title,
    dashboards.c.tags,
    dashboards.c.version,
    dashboards.c.folder_id,
    dashboards.c.updated_by,
    dashboards.c.updated_at,
    dashboards.c.origin,
    folders.c.uid.label("folder_uid"),
    folders.c.title.label("folder_title"),
]
FOLDED = dashboards.outerjoin(folders, folders.c.id == dashboards.c.folder_id)
STORED = [dashboards.c.org_id, *SUMMARY, dashboards.c.config, dashboards.c.created_by, dashboards.c.created_at]


def is_dashboard(org: int, dashboard_id: str) -> ColumnElement[bool]:
    """The condition that a row is the dashboard of that public id."""
    return and_(dashboards.c.org_id == org, dashboards.c.dashboard_id == dashboard_id)


def stored_of(row: Row[Any]) -> StoredDashboard:
    """A row as the dashboard that it holds."""
    return StoredDashboard(
        org=row.org_id,
        dashboard_id=row.dashboard_id,
        title=row.title,
        tags=tuple(row.tags),
        config=row.config,
        version=row.version,
        folder_id=row.folder_id,
        created_by=row.created_by,
        updated_by=row.updated_by,
        created_at=row.created_at,
        updated_at=row.updated_at,
        folder=_folder(row),
        origin=row.origin,
    )


def summary_of(row: Row[Any]) -> DashboardSummary:
    """A row as what lists show of a dashboard."""
    return DashboardSummary(
        row.dashboard_id,
        row.title,
        tuple(row.tags),
        row.version,
        row.folder_id,
        row.updated_by,
        row.updated_at,
        _folder(row),
        row.origin,
    )


def _folder(row: Row[Any]) -> InFolder | None:
    return InFolder(row.folder_uid, row.folder_title) if row.folder_uid is not None else None
