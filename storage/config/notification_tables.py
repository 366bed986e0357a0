"""The tables of who is told of alerts, of what keeps them from being told, and of what was told to whom."""

from __future__ import annotations

from sqlalchemy import JSON, BigInteger, Boolean, Column, ForeignKey, Index, Integer, String, Table, Text
from sqlalchemy import UniqueConstraint as Unique

from .tables import identity, metadata, org

contact_points = Table(
    "contact_points",
    metadata,
    identity(),
    org(),
    Column("uid", String(64), nullable=False),
    Column("name", String(200), nullable=False),
    Column("type", String(64), nullable=False),
    Column("url", Text, nullable=False),
    Column("options", JSON, nullable=False),
    Column("secrets", Text, nullable=False),  # Fernet over JSON; empty where there are none
    Column("version", Integer, nullable=False),
    Column("updated_by", String(200), nullable=False),
    Column("updated_at", BigInteger, nullable=False),
    Unique("org_id", "uid"),
    sqlite_autoincrement=True,
)


def document(name: str) -> Table:
    """One JSON document of each org."""
    return Table(
        name,
        metadata,
        Column("org_id", ForeignKey("orgs.id"), primary_key=True),
        Column("config", JSON, nullable=False),
        Column("version", Integer, nullable=False),
        Column("updated_by", String(200), nullable=False),
        Column("updated_at", BigInteger, nullable=False),
    )


notification_policies = document("notification_policies")
inhibitions = document("inhibitions")

mute_timings = Table(
    "mute_timings",
    metadata,
    Column("org_id", ForeignKey("orgs.id"), primary_key=True),
    Column("name", String(64), primary_key=True),
    Column("config", JSON, nullable=False),
    Column("version", Integer, nullable=False),
    Column("updated_by", String(200), nullable=False),
    Column("updated_at", BigInteger, nullable=False),
)

# `ends_ms` is null where the alert alone ends it.
silences = Table(
    "silences",
    metadata,
    identity(),
    org(),
    Column("matchers", JSON, nullable=False),
    Column("starts_ms", BigInteger, nullable=False),
    Column("ends_ms", BigInteger),
    Column("ends_with_alert", Boolean, nullable=False),
    Column("comment", Text, nullable=False),
    Column("created_by", String(200), nullable=False),
    Column("version", Integer, nullable=False),
    Column("updated_at", BigInteger, nullable=False),
    Index("ix_silences_ends", "org_id", "ends_ms"),
    sqlite_autoincrement=True,
)

# `state`: what `alerting.grouping.group.Group.as_json` keeps.
notification_groups = Table(
    "notification_groups",
    metadata,
    Column("org_id", ForeignKey("orgs.id"), primary_key=True),
    Column("key", String(64), primary_key=True),
    Column("contact_point", String(64), nullable=False),
    Column("due_ms", BigInteger, nullable=False),
    Column("state", JSON, nullable=False),
)

# One row for each time that a group spoke. `state`: pending, delivered or dead. `behind`: it waits for all that was to
# be told to the same contact point up to this id.
outbox = Table(
    "outbox",
    metadata,
    identity(),
    org(),
    Column("key", String(64), nullable=False, unique=True),
    Column("group_key", String(64), nullable=False),
    Column("contact_point", String(64), nullable=False),
    Column("status", String(16), nullable=False),
    Column("payload", JSON, nullable=False),
    Column("state", String(16), nullable=False),
    Column("tries", Integer, nullable=False),
    Column("behind", BigInteger, nullable=False),
    Column("created_ms", BigInteger, nullable=False),
    Column("since_ms", BigInteger, nullable=False),  # when it was first to be sent, or was last asked for again
    Column("due_ms", BigInteger, nullable=False),
    Column("ended_ms", BigInteger),
    Column("message", Text, nullable=False),
    Column("answer", Text, nullable=False),
    Index("ix_outbox_state", "state", "due_ms"),
    Index("ix_outbox_group", "org_id", "group_key", "id"),
    sqlite_autoincrement=True,
)
