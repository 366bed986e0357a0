"""What evaluations of rules fail of"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "alert_faults",
        sa.Column("rule", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("since_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["rule"], ["alert_rules.id"], name=op.f("fk_alert_faults_rule"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("rule", name=op.f("pk_alert_faults")),
    )


def downgrade() -> None:
    op.drop_table("alert_faults")
