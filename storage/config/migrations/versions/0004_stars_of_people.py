"""Stars of people"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "stars",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("dashboard", sa.String(length=36), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_stars_user_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["dashboard"], ["dashboards.id"], name=op.f("fk_stars_dashboard"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("user_id", "dashboard", name=op.f("pk_stars")),
    )


def downgrade() -> None:
    op.drop_table("stars")
