"""Links that open a dashboard without a login, and snapshots"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def _of(table: str) -> list[Any]:
    return [
        sa.Column("org_id", sa.Integer(), nullable=False),
        sa.Column("dashboard", sa.String(length=36), nullable=False),
        sa.ForeignKeyConstraint(["org_id"], ["orgs.id"], name=op.f(f"fk_{table}_org_id")),
        sa.ForeignKeyConstraint(
            ["dashboard"], ["dashboards.id"], name=op.f(f"fk_{table}_dashboard"), ondelete="CASCADE"
        ),
    ]


def upgrade() -> None:
    op.create_table(
        "share_links",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        *_of("share_links"),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("free_variables", sa.Boolean(), nullable=False),
        sa.Column("free_texts", sa.Boolean(), nullable=False),
        sa.Column("free_time", sa.Boolean(), nullable=False),
        sa.Column("address", sa.JSON(), nullable=False),
        sa.Column("password_hash", sa.String(length=500), nullable=False),
        sa.Column("expires_ms", sa.BigInteger(), nullable=True),
        sa.Column("created_by", sa.String(length=200), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("used_ms", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_share_links")),
        sa.UniqueConstraint("sha256", name=op.f("uq_share_links_sha256")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_share_links_dashboard", "share_links", ["dashboard"], unique=False)
    op.create_table(
        "snapshots",
        sa.Column("id", sa.String(length=64), nullable=False),
        *_of("snapshots"),
        sa.Column("title", sa.String(length=500), nullable=False),
        sa.Column("maker", sa.String(length=200), nullable=False),
        sa.Column("created_by", sa.String(length=200), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_ms", sa.BigInteger(), nullable=True),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("boot", sa.Text(), nullable=False),
        sa.Column("parts", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_snapshots")),
    )
    op.create_index("ix_snapshots_dashboard", "snapshots", ["dashboard"], unique=False)


def downgrade() -> None:
    """Nothing: whoever came before knows nothing of these tables."""
