"""Ids in credentials and subjects are used once; what was given to those who are gone goes"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

# SQLite gives the highest id anew once its row is gone, unless the table says AUTOINCREMENT.
NUMBERED = ("orgs", "users", "teams", "tokens", "folders", "annotations", "datasources")
SUBJECTS = {"user": "users", "team": "teams", "token": "tokens"}
# Ids of rows that were deleted before, and stand nowhere any more, are left out by a gap.
GAP = 100
ORPHANS = """
DELETE FROM folder_permissions WHERE subject LIKE '{kind}:%'
AND subject NOT IN (SELECT '{kind}:' || CAST(id AS VARCHAR(20)) FROM {table})
"""


def upgrade() -> None:
    highest = _highest_named()
    for kind in ("user", "team"):
        op.execute(ORPHANS.format(kind=kind, table=SUBJECTS[kind]))
    op.execute(
        "DELETE FROM annotations WHERE dashboard_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM dashboards "
        "WHERE dashboards.org_id = annotations.org_id AND dashboards.dashboard_id = annotations.dashboard_id)"
    )
    if op.get_bind().dialect.name == "sqlite":
        _number_once(highest)


def _number_once(highest: dict[str, int]) -> None:
    connection = op.get_bind()
    for table in NUMBERED:
        with op.batch_alter_table(table, recreate="always", table_kwargs={"sqlite_autoincrement": True}):
            pass
        top = connection.execute(sa.text(f"SELECT max(id) FROM {table}")).scalar()  # noqa: S608 - our own names
        named = highest.get(table, 0)
        if top is None and not named:
            continue
        connection.execute(sa.text("DELETE FROM sqlite_sequence WHERE name = :name"), {"name": table})
        connection.execute(
            sa.text("INSERT INTO sqlite_sequence (name, seq) VALUES (:name, :seq)"),
            {"name": table, "seq": max(top or 0, named) + GAP},
        )


def _highest_named() -> dict[str, int]:
    """The highest id of each table that a subject names, of those who are gone too."""
    connection = op.get_bind()
    found: dict[str, int] = {}
    columns = (
        ("folder_permissions", "subject"),
        ("annotations", "created_by"),
        ("tokens", "created_by"),
        ("dashboards", "created_by"),
        ("dashboards", "updated_by"),
        ("dashboard_versions", "updated_by"),
        ("datasources", "updated_by"),
    )
    for table, column in columns:
        for subject in connection.execute(sa.text(f"SELECT DISTINCT {column} FROM {table}")).scalars():  # noqa: S608
            kind, _, number = str(subject).partition(":")
            if kind in SUBJECTS and number.isascii() and number.isdigit() and len(number) < 10:
                found[SUBJECTS[kind]] = max(found.get(SUBJECTS[kind], 0), int(number))
    return found


def downgrade() -> None:
    """Nothing: whoever came before works with these tables too."""
