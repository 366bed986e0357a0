"""Dashboards of files, deleted ones, what is searched of them, and the one that a person begins with"""

import json

import sqlalchemy as sa
from alembic import op

from heliograph.storage.config.dashboard_texts import sources_of, words_of

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None
AT_ONCE = 200


def upgrade() -> None:
    for name, length in (("origin", 500), ("origin_digest", 64)):
        op.add_column("dashboards", sa.Column(name, sa.String(length=length), nullable=False, server_default=""))
    op.create_table(
        "dashboard_texts",
        sa.Column("dashboard", sa.String(length=36), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("sources", sa.Text(), nullable=False),
        _of("dashboard_texts", "dashboard", "dashboards.id"),
        sa.PrimaryKeyConstraint("dashboard", name=op.f("pk_dashboard_texts")),
    )
    _trash()
    op.create_table(
        "homes",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("dashboard", sa.String(length=36), nullable=False),
        _of("homes", "user_id", "users.id"),
        _of("homes", "dashboard", "dashboards.id"),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_homes")),
    )
    _search_what_is_there()


def _of(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [other], name=op.f(f"fk_{table}_{column}"), ondelete="CASCADE")


def _trash() -> None:
    op.create_table(
        "deleted_dashboards",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("org_id", sa.Integer(), nullable=False),
        sa.Column("dashboard_id", sa.String(length=64), nullable=False),
        sa.Column("folder_id", sa.Integer(), nullable=True),
        sa.Column("title", sa.String(length=500), nullable=False),
        sa.Column("tags", sa.JSON(), nullable=False),
        sa.Column("config", sa.JSON(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_by", sa.String(length=200), nullable=False),
        sa.Column("updated_by", sa.String(length=200), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("annotations", sa.JSON(), nullable=False),
        sa.Column("stars", sa.JSON(), nullable=False),
        sa.Column("deleted_by", sa.String(length=200), nullable=False),
        sa.Column("deleted_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["org_id"], ["orgs.id"], name=op.f("fk_deleted_dashboards_org_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deleted_dashboards")),
    )
    op.create_index("ix_deleted_dashboards_deleted_at", "deleted_dashboards", ["org_id", "deleted_at"], unique=False)
    op.create_table(
        "deleted_versions",
        sa.Column("dashboard", sa.String(length=36), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("config", sa.JSON(), nullable=False),
        sa.Column("updated_by", sa.String(length=200), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        _of("deleted_versions", "dashboard", "deleted_dashboards.id"),
        sa.PrimaryKeyConstraint("dashboard", "version", name=op.f("pk_deleted_versions")),
    )


def _search_what_is_there() -> None:
    connection = op.get_bind()
    after = ""
    wanted = sa.text("SELECT id, dashboard_id, config FROM dashboards WHERE id > :after ORDER BY id LIMIT :many")
    put = sa.text("INSERT INTO dashboard_texts (dashboard, words, sources) VALUES (:dashboard, :words, :sources)")
    while rows := connection.execute(wanted, {"after": after, "many": AT_ONCE}).all():
        for internal, dashboard_id, config in rows:
            document = json.loads(config) if isinstance(config, str) else config
            found = {"words": words_of(dashboard_id, document), "sources": sources_of(document)}
            connection.execute(put, {"dashboard": internal, **found})
        after = rows[-1][0]


def downgrade() -> None:
    """Nothing: whoever came before knows nothing of these tables."""
