"""Alembic's migrations of the config database; each keeps what the version before it can read."""
