"""How a target's name becomes a source."""

from __future__ import annotations

import pytest
from fixtures.contexts import context_of

from heliograph.datasources.sources.prometheus import PrometheusSource
from heliograph.datasources.sources.registry import SourceKinds, choose
from heliograph.storage.config.datasources import StoredSource

SOURCES = [
    StoredSource("store", "Built-in store", "store", provisioned=True),
    StoredSource("p1", "Prometheus", "prometheus"),
    StoredSource("p2", "p1 by name", "prometheus", default=True),
    StoredSource("only", "Lone", "json"),
]


@pytest.mark.parametrize(
    ("name", "uid"),
    [("p1", "p1"), ("Prometheus", "p1"), ("prometheus", "p2"), ("json", "only"), ("", "store"), ("nope", None)],
)
def test_by_uid_then_name_then_the_default_of_the_type(name: str, uid: str | None) -> None:
    found = choose(SOURCES, name)
    assert (found.uid if found else None) == uid


def test_a_kind_is_registered_once() -> None:
    kinds = SourceKinds(context_of)
    kinds.register(PrometheusSource)
    with pytest.raises(ValueError, match="two kinds"):
        kinds.register(PrometheusSource)
