"""The tables of rules, of what they evaluate to, and of leases. A test holds them equal to the migrations."""

from __future__ import annotations

from sqlalchemy import JSON, BigInteger, Column, Float, ForeignKey, Index, Integer, String, Table, Text
from sqlalchemy import UniqueConstraint as Unique

from .tables import identity, metadata, org

# `kind`: alert or record. `origin`: the file that provisions it, empty for people's. `position`: within its group.
alert_rules = Table(
    "alert_rules",
    metadata,
    identity(),
    org(),
    Column("rule_id", String(64), nullable=False),
    Column("folder_id", ForeignKey("folders.id")),
    Column("kind", String(16), nullable=False),
    Column("title", String(200), nullable=False),
    Column("rule_group", String(200), nullable=False),
    Column("position", Integer, nullable=False),
    Column("config", JSON, nullable=False),
    Column("origin", String(500), nullable=False),
    Column("version", Integer, nullable=False),
    Column("created_by", String(200), nullable=False),
    Column("updated_by", String(200), nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("updated_at", BigInteger, nullable=False),
    Unique("org_id", "rule_id"),
    sqlite_autoincrement=True,
)

# What is not Normal. It outlives its rule: the evaluator ends it, and tells those who were told of it.
alert_instances = Table(
    "alert_instances",
    metadata,
    Column("org_id", ForeignKey("orgs.id"), primary_key=True),
    Column("rule_id", String(64), primary_key=True),
    Column("fingerprint", String(64), primary_key=True),
    Column("labels", JSON, nullable=False),
    Column("annotations", JSON, nullable=False),
    Column("state", String(16), nullable=False),
    Column("since_ms", BigInteger, nullable=False),
    Column("active_ms", BigInteger),
    Column("recovered_ms", BigInteger),
    Column("missing", Integer, nullable=False),
    Column("value", Float),
    Column("seen_ms", BigInteger, nullable=False),
)

# Rules whose last evaluation failed: of what, and since when in a row.
alert_faults = Table(
    "alert_faults",
    metadata,
    Column("rule", ForeignKey("alert_rules.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("detail", Text, nullable=False),
    Column("since_ms", BigInteger, nullable=False),
)

# What happened, in the order in which it was committed: who reads on from an id misses nothing.
alert_events = Table(
    "alert_events",
    metadata,
    identity(),
    org(),
    Column("at_ms", BigInteger, nullable=False),
    Column("rule_id", String(64), nullable=False),
    Column("title", String(200), nullable=False),
    Column("fingerprint", String(64), nullable=False),
    Column("labels", JSON, nullable=False),
    Column("annotations", JSON, nullable=False),
    Column("from_state", String(16), nullable=False),
    Column("to_state", String(16), nullable=False),
    Column("value", Float),
    Column("active_ms", BigInteger),
    Column("reason", String(200), nullable=False),
    Column("links", JSON, nullable=False),
    Index("ix_alert_events_time", "org_id", "at_ms"),
    Index("ix_alert_events_rule", "org_id", "rule_id", "at_ms"),
    sqlite_autoincrement=True,
)

# Evaluations that did not happen: `what` is a lease where nobody held it, or a group that was late.
alert_gaps = Table(
    "alert_gaps",
    metadata,
    identity(),
    Column("what", Text, nullable=False),
    Column("from_ms", BigInteger, nullable=False),
    Column("to_ms", BigInteger, nullable=False),
    Column("missed", Integer, nullable=False),
    Index("ix_alert_gaps_time", "to_ms"),
    sqlite_autoincrement=True,
)

# Who does what only one may do; times by the database's clock. `epoch` rises with each new owner, `progress_ms` is how
# far the work was done.
leases = Table(
    "leases",
    metadata,
    Column("name", String(200), primary_key=True),
    Column("owner", String(64), nullable=False),
    Column("epoch", BigInteger, nullable=False),
    Column("until_ms", BigInteger, nullable=False),
    Column("progress_ms", BigInteger),
)
