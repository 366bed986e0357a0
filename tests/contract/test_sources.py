"""One contract for all kinds of data source, each over its real server, asked through the whole query path."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from fixtures.sources import (
    Subject,
    clickhouse_subject,
    json_subject,
    mysql_subject,
    postgres_subject,
    prometheus_subject,
    search_subject,
    sqlite_subject,
    store_subject,
)
from fixtures.store import SERVER

from heliograph.testing import SourceContract


class TestSources(SourceContract):
    """Over each kind in turn."""

    @pytest.fixture(
        params=["prometheus", "clickhouse", "store", "postgresql", "sqlite", "json", "mysql", "elasticsearch"]
    )
    async def subject(self, request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Subject]:
        """Each kind in turn."""
        get: Callable[[str], Any] = request.getfixturevalue
        makers = {
            "prometheus": lambda: prometheus_subject(get("prometheus")),
            "clickhouse": lambda: clickhouse_subject(SERVER or get("store").url),
            "store": lambda: store_subject(get("store").url, tmp_path / "spool"),
            "json": json_subject,
            "mysql": lambda: mysql_subject(get("mariadb_database")()),
            "elasticsearch": lambda: search_subject(get("opensearch")),
            "sqlite": lambda: sqlite_subject(tmp_path / "cpu.db"),
            "postgresql": lambda: postgres_subject(get("postgres_database")()),
        }
        async with makers[request.param]() as made:
            yield made
