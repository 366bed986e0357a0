"""Migrations of the config database. Alembic is loaded only where there is something to migrate."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, inspect, text

if TYPE_CHECKING:
    from alembic.config import Config

MIGRATIONS = Path(__file__).parent / "migrations"
VERSION_TABLE = "alembic_version"


@lru_cache(1)
def head_revision() -> str:
    """The newest revision: the migrations are numbered, `0001_….py`."""
    return max(path.stem.partition("_")[0] for path in (MIGRATIONS / "versions").glob("[0-9]*.py"))


def current_revision(connection: Connection) -> str | None:
    """The revision that a database has; None for an empty one."""
    if not inspect(connection).has_table(VERSION_TABLE):
        return None
    revision = connection.execute(text(f"SELECT version_num FROM {VERSION_TABLE}")).scalar()  # noqa: S608 - our name
    return str(revision) if revision is not None else None


def upgrade_schema(connection: Connection) -> None:
    """Run all migrations that the database lacks."""
    from alembic import command  # noqa: PLC0415 - see the module

    command.upgrade(alembic_config(connection), "head")


def alembic_config(connection: Connection | None = None) -> Config:
    """Alembic's configuration over a connection; without one, to write a new migration."""
    from alembic.config import Config  # noqa: PLC0415 - see the module

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    return config
