"""Fixtures that several folders use; each module says what it starts."""

from hypothesis import settings

pytest_plugins = [
    "fixtures.reruns",
    "fixtures.product",
    "fixtures.server_logs",
    "fixtures.browser",
    "fixtures.postgres",
    "fixtures.store",
    "fixtures.prometheus",
    "fixtures.redis",
    "fixtures.receivers",
    "fixtures.four_sources",
    "fixtures.search",
    "fixtures.mariadb",
]

# Times are no matter of tests: the machine may be busy.
settings.register_profile("heliograph", deadline=None)
settings.load_profile("heliograph")
