"""The tables of the config database, for SQLite and PostgreSQL alike. A test holds them equal to the migrations."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ix": "ix_%(table_name)s_%(column_0_name)s",
    }
)


def identity() -> Column[int]:
    """A number that is never used twice, with `sqlite_autoincrement`: credentials and rights name people by it."""
    return Column("id", Integer, primary_key=True, autoincrement=True)


def org() -> Column[int]:
    """The column of the org that a row belongs to."""
    return Column("org_id", ForeignKey("orgs.id"), nullable=False)


def document() -> Sequence[Column[Any]]:
    """What is kept of a dashboard as it stands, and once it is deleted."""
    return (
        Column("title", String(500), nullable=False),
        Column("tags", JSON, nullable=False),
        Column("config", JSON, nullable=False),
        Column("version", Integer, nullable=False),
        Column("created_by", String(200), nullable=False),
        Column("updated_by", String(200), nullable=False),
        Column("created_at", BigInteger, nullable=False),
        Column("updated_at", BigInteger, nullable=False),
    )


def version() -> Sequence[Column[Any]]:
    """What is kept of a version, of a dashboard that stands or is deleted."""
    return (
        Column("version", Integer, primary_key=True),
        Column("config", JSON, nullable=False),
        Column("updated_by", String(200), nullable=False),
        Column("updated_at", BigInteger, nullable=False),
        Column("message", String(500), nullable=False, server_default=""),
    )


# Facts about this database as a whole, such as the fingerprint of its secret key.
meta = Table("meta", metadata, Column("key", String(64), primary_key=True), Column("value", Text, nullable=False))

orgs = Table(
    "orgs",
    metadata,
    identity(),
    Column("name", String(200), nullable=False, unique=True),
    sqlite_autoincrement=True,
)

users = Table(
    "users",
    metadata,
    identity(),
    Column("login", String(200), nullable=False, unique=True),
    Column("name", String(200), nullable=False, default=""),
    Column("password_hash", String(500), nullable=False),
    Column("disabled", Boolean, nullable=False, default=False),
    # Raised by logout everywhere, a new password or a changed role: sessions that carry another number are void.
    Column("epoch", Integer, nullable=False, default=0),
    Column("created_at", BigInteger, nullable=False),
    sqlite_autoincrement=True,
)

members = Table(
    "members",
    metadata,
    Column("org_id", ForeignKey("orgs.id"), primary_key=True),
    Column("user_id", ForeignKey("users.id", ondelete="CASCADE"), primary_key=True),
    Column("role", Integer, nullable=False),
)

teams = Table(
    "teams",
    metadata,
    identity(),
    org(),
    Column("name", String(200), nullable=False),
    UniqueConstraint("org_id", "name"),
    sqlite_autoincrement=True,
)

team_members = Table(
    "team_members",
    metadata,
    Column("team_id", ForeignKey("teams.id", ondelete="CASCADE"), primary_key=True),
    Column("user_id", ForeignKey("users.id", ondelete="CASCADE"), primary_key=True),
)

tokens = Table(
    "tokens",
    metadata,
    identity(),
    org(),
    Column("name", String(200), nullable=False),
    Column("role", Integer, nullable=False),
    Column("sha256", String(64), nullable=False, unique=True),
    Column("created_by", String(200), nullable=False),
    Column("created_at", BigInteger, nullable=False),
    UniqueConstraint("org_id", "name"),
    sqlite_autoincrement=True,
)

folders = Table(
    "folders",
    metadata,
    identity(),
    org(),
    Column("uid", String(64), nullable=False),
    Column("title", String(200), nullable=False),
    UniqueConstraint("org_id", "uid"),
    sqlite_autoincrement=True,
)

# No rows for a folder: the role in the org decides. `subject`: role:viewer, team:7 or user:3.
folder_permissions = Table(
    "folder_permissions",
    metadata,
    Column("folder_id", ForeignKey("folders.id", ondelete="CASCADE"), primary_key=True),
    Column("subject", String(64), primary_key=True),
    Column("access", Integer, nullable=False),
)

# `origin`: the file that provisions it, and the digest of what it held; empty where people made it.
dashboards = Table(
    "dashboards",
    metadata,
    Column("id", String(36), primary_key=True),
    org(),
    Column("dashboard_id", String(64), nullable=False),
    Column("folder_id", ForeignKey("folders.id")),
    *document(),
    Column("origin", String(500), nullable=False, server_default=""),
    Column("origin_digest", String(64), nullable=False, server_default=""),
    UniqueConstraint("org_id", "dashboard_id"),
    Index("ix_dashboards_title", "org_id", "title", "dashboard_id"),
)

# What is searched of a dashboard: `words` in lower case, `sources` a line each.
dashboard_texts = Table(
    "dashboard_texts",
    metadata,
    Column("dashboard", ForeignKey("dashboards.id", ondelete="CASCADE"), primary_key=True),
    Column("words", Text, nullable=False),
    Column("sources", Text, nullable=False),
)

# Whole, with what hung on it: `annotations` as rows, `stars` as ids of people. Its id is that of the dashboard.
deleted_dashboards = Table(
    "deleted_dashboards",
    metadata,
    Column("id", String(36), primary_key=True),
    org(),
    Column("dashboard_id", String(64), nullable=False),
    Column("folder_id", Integer),
    *document(),
    Column("annotations", JSON, nullable=False),
    Column("stars", JSON, nullable=False),
    Column("deleted_by", String(200), nullable=False),
    Column("deleted_at", BigInteger, nullable=False),
    Index("ix_deleted_dashboards_deleted_at", "org_id", "deleted_at"),
)

deleted_versions = Table(
    "deleted_versions",
    metadata,
    Column("dashboard", ForeignKey("deleted_dashboards.id", ondelete="CASCADE"), primary_key=True),
    *version(),
)

dashboard_versions = Table(
    "dashboard_versions",
    metadata,
    Column("dashboard", ForeignKey("dashboards.id", ondelete="CASCADE"), primary_key=True),
    *version(),
)

# What somebody makes of a dashboard and has not saved; `dashboard_id` is null where none is there yet.
drafts = Table(
    "drafts",
    metadata,
    Column("id", String(32), primary_key=True),
    org(),
    Column("author", String(200), nullable=False),
    Column("dashboard_id", String(64)),
    Column("folder", String(64), nullable=False),  # the uid of where a new one will lie; empty for the root
    Column("base_version", Integer, nullable=False),
    Column("config", JSON, nullable=False),
    Column("revision", Integer, nullable=False),
    # Steps are numbered from 1 on: those from `first_step` to `last_step` are kept, those up to `step` are done.
    Column("step", Integer, nullable=False),
    Column("first_step", Integer, nullable=False),
    Column("last_step", Integer, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("updated_at", BigInteger, nullable=False),
    UniqueConstraint("org_id", "author", "dashboard_id"),
    Index("ix_drafts_updated_at", "updated_at"),
)

draft_steps = Table(
    "draft_steps",
    metadata,
    Column("draft", ForeignKey("drafts.id", ondelete="CASCADE"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("forward", JSON, nullable=False),
    Column("inverse", JSON, nullable=False),
    Column("nbytes", Integer, nullable=False),
    Column("at", BigInteger, nullable=False),
)

stars = Table(
    "stars",
    metadata,
    Column("user_id", ForeignKey("users.id", ondelete="CASCADE"), primary_key=True),
    Column("dashboard", ForeignKey("dashboards.id", ondelete="CASCADE"), primary_key=True),
)

# The dashboard that a person begins with.
homes = Table(
    "homes",
    metadata,
    Column("user_id", ForeignKey("users.id", ondelete="CASCADE"), primary_key=True),
    Column("dashboard", ForeignKey("dashboards.id", ondelete="CASCADE"), nullable=False),
)

datasources = Table(
    "datasources",
    metadata,
    identity(),
    org(),
    Column("uid", String(64), nullable=False),
    Column("name", String(200), nullable=False),
    Column("type", String(64), nullable=False),
    Column("url", Text, nullable=False),
    Column("options", JSON, nullable=False),
    Column("secrets", Text, nullable=False),  # Fernet over JSON; empty where there are none
    Column("is_default", Boolean, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("updated_by", String(200), nullable=False),
    Column("updated_at", BigInteger, nullable=False),
    UniqueConstraint("org_id", "uid"),
    sqlite_autoincrement=True,
)

annotation_marks = Table(
    "annotations",
    metadata,
    identity(),
    org(),
    Column("dashboard_id", String(64)),
    Column("time_ms", BigInteger, nullable=False),
    Column("end_ms", BigInteger, nullable=False),
    Column("text", Text, nullable=False),
    Column("tags", JSON, nullable=False),
    Column("created_by", String(200), nullable=False),
    Index("ix_annotations_time", "org_id", "time_ms"),
    sqlite_autoincrement=True,
)
