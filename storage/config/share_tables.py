"""The tables of what leaves a dashboard: links that open it without a login, snapshots of it, reports by mail."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    false,
    or_,
)

from .tables import identity, metadata, org


def of_dashboard() -> Column[str]:
    """What was made of a dashboard goes with it."""
    return Column("dashboard", ForeignKey("dashboards.id", ondelete="CASCADE"), nullable=False)


share_links = Table(
    "share_links",
    metadata,
    identity(),
    org(),
    of_dashboard(),
    Column("sha256", String(64), nullable=False, unique=True),
    Column("name", String(200), nullable=False),
    # What who opens it may choose.
    Column("free_variables", Boolean, nullable=False),
    Column("free_texts", Boolean, nullable=False),
    Column("free_time", Boolean, nullable=False),
    Column("address", JSON, nullable=False),  # the values, range and zone that it was made with
    Column("password_hash", String(500), nullable=False),  # empty where there is none
    Column("expires_ms", BigInteger),
    Column("created_by", String(200), nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("used_ms", BigInteger),
    Index("ix_share_links_dashboard", "dashboard"),
    sqlite_autoincrement=True,
)

snapshots = Table(
    "snapshots",
    metadata,
    Column("id", String(64), primary_key=True),  # unguessable: who has it may look
    org(),
    of_dashboard(),
    Column("title", String(500), nullable=False),
    Column("maker", String(200), nullable=False),  # as people call them
    Column("created_by", String(200), nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("expires_ms", BigInteger),
    Column("size", Integer, nullable=False),
    Column("boot", Text, nullable=False),
    Column("parts", LargeBinary, nullable=False),
    Index("ix_snapshots_dashboard", "dashboard"),
)

reports = Table(
    "reports",
    metadata,
    identity(),
    org(),
    of_dashboard(),
    Column("name", String(200), nullable=False),
    Column("schedule", String(100), nullable=False),  # as cron has it
    Column("zone", String(64), nullable=False),  # in which the schedule's hours are
    Column("contact_point", String(64), nullable=False),
    Column("address", JSON, nullable=False),  # the values, range and zone of the view
    Column("created_by", String(200), nullable=False),  # whose rights it has
    Column("created_at", BigInteger, nullable=False),
    Column("version", Integer, nullable=False, server_default="1"),
    Column("paused", Boolean, nullable=False, server_default=false()),
    Column("due_ms", BigInteger, nullable=False),
    # How it went last.
    Column("ended_ms", BigInteger),
    Column("sent", Boolean, nullable=False),
    Column("message", String(500), nullable=False),
    Index("ix_reports_dashboard", "dashboard"),
    Index("ix_reports_due_ms", "due_ms"),
    sqlite_autoincrement=True,
)


def alive(table: Table, now_ms: int) -> ColumnElement[bool]:
    """Which rows of one of these are not over."""
    return or_(table.c.expires_ms.is_(None), table.c.expires_ms > now_ms)
