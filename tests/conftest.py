"""Fixtures that several folders use; each module says what it starts."""

from __future__ import annotations

from hypothesis import settings

pytest_plugins = [
    "fixtures.scheduling",
    "fixtures.reruns",
    "fixtures.scratch",
    "fixtures.product",
    "fixtures.resolving",
    "fixtures.server_logs",
    "fixtures.browser",
    "fixtures.postgres",
    "fixtures.config_database",
    "fixtures.store",
    "fixtures.prometheus",
    "fixtures.redis",
    "fixtures.receivers",
    "fixtures.four_sources",
    "fixtures.search",
    "fixtures.mariadb",
    "fixtures.skewed",
]

# Times are no matter of tests: the machine may be busy.
settings.register_profile("heliograph", deadline=None)
settings.load_profile("heliograph")
