"""Fixtures that several folders use; each module says what it starts."""

pytest_plugins = [
    "fixtures.product",
    "fixtures.browser",
    "fixtures.postgres",
    "fixtures.store",
    "fixtures.prometheus",
    "fixtures.redis",
]
