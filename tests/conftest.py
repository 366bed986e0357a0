"""Fixtures that several folders use; each module says what it starts."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import settings
from xdist.scheduler import LoadFileScheduling

pytest_plugins = [
    "fixtures.reruns",
    "fixtures.product",
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

# Files whose tests ask three search servers: one worker starts those, for all of the run.
SEARCHING = ("tests/contract/test_elasticsearch", "tests/contract/test_sources.py")


class Scheduling(LoadFileScheduling):  # type: ignore[misc] # xdist has no types
    """The tests of a file run on one worker, and so do those of files that share what is dear to start."""

    def _split_scope(self, nodeid: str) -> str:
        return SEARCHING[0] if nodeid.startswith(SEARCHING) else str(super()._split_scope(nodeid))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Scheduling | None:
    return Scheduling(config, log) if config.getoption("dist") == "loadfile" else None
