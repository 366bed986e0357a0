"""Contact points, the notification policy, what mutes alerts, and what was told to whom"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def _org() -> sa.Column:
    return sa.Column("org_id", sa.Integer(), nullable=False)


def _saved() -> list[sa.Column]:
    return [
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("updated_by", sa.String(length=200), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
    ]


def _of_org(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["org_id"], ["orgs.id"], name=op.f(f"fk_{table}_org_id"))


def upgrade() -> None:
    op.create_table(
        "contact_points",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        _org(),
        sa.Column("uid", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("type", sa.String(length=64), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("options", sa.JSON(), nullable=False),
        sa.Column("secrets", sa.Text(), nullable=False),
        *_saved(),
        _of_org("contact_points"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact_points")),
        sa.UniqueConstraint("org_id", "uid", name=op.f("uq_contact_points_org_id")),
        sqlite_autoincrement=True,
    )
    for table in ("notification_policies", "inhibitions"):
        op.create_table(
            table,
            _org(),
            sa.Column("config", sa.JSON(), nullable=False),
            *_saved(),
            _of_org(table),
            sa.PrimaryKeyConstraint("org_id", name=op.f(f"pk_{table}")),
        )
    op.create_table(
        "mute_timings",
        _org(),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("config", sa.JSON(), nullable=False),
        *_saved(),
        _of_org("mute_timings"),
        sa.PrimaryKeyConstraint("org_id", "name", name=op.f("pk_mute_timings")),
    )
    op.create_table(
        "silences",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        _org(),
        sa.Column("matchers", sa.JSON(), nullable=False),
        sa.Column("starts_ms", sa.BigInteger(), nullable=False),
        sa.Column("ends_ms", sa.BigInteger(), nullable=True),
        sa.Column("ends_with_alert", sa.Boolean(), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("created_by", sa.String(length=200), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        _of_org("silences"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_silences")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_silences_ends", "silences", ["org_id", "ends_ms"], unique=False)
    op.create_table(
        "notification_groups",
        _org(),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("contact_point", sa.String(length=64), nullable=False),
        sa.Column("due_ms", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.JSON(), nullable=False),
        _of_org("notification_groups"),
        sa.PrimaryKeyConstraint("org_id", "key", name=op.f("pk_notification_groups")),
    )
    _outbox()


def _outbox() -> None:
    op.create_table(
        "outbox",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        _org(),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("group_key", sa.String(length=64), nullable=False),
        sa.Column("contact_point", sa.String(length=64), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("behind", sa.BigInteger(), nullable=False),
        sa.Column("created_ms", sa.BigInteger(), nullable=False),
        sa.Column("since_ms", sa.BigInteger(), nullable=False),
        sa.Column("due_ms", sa.BigInteger(), nullable=False),
        sa.Column("ended_ms", sa.BigInteger(), nullable=True),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        _of_org("outbox"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
        sa.UniqueConstraint("key", name=op.f("uq_outbox_key")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_outbox_state", "outbox", ["state", "due_ms"], unique=False)
    op.create_index("ix_outbox_group", "outbox", ["org_id", "group_key", "id"], unique=False)


def downgrade() -> None:
    """Nothing: whoever came before knows nothing of these tables."""
