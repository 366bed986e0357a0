"""Which answers of `POST /query` are one person's alone: decided by what a body says, however it is written."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest
from fixtures.contexts import context_of
from fixtures.views import Made

from heliograph.app.api.query_request import QueryRequest, is_personal
from heliograph.datasources.sources.registry import SourceKinds, Sources
from heliograph.storage.config.datasources import StoredSource

ORG = 1


class Telling(Made):  # type: ignore[misc]  # mypy does not see fixtures
    """Tells each person something else."""

    kind, title, personal = "telling", "Telling", True


@pytest.fixture
def sources() -> Sources:
    kinds = SourceKinds(context_of)
    for source in (Made, Telling):
        kinds.register(source, lambda *_, source=source: source())
    made = [
        StoredSource("store", "Made", "made", provisioned=True),
        StoredSource("own", 'Team/"mine"', "telling", provisioned=True),
    ]

    async def none(org: int) -> Sequence[StoredSource]:
        return []

    return Sources(kinds, made, none, lambda: 0.0)


@pytest.mark.parametrize(
    ("asked", "personal"),
    [
        ({"query": "users"}, False),
        ({"query": "select user from dashboard_id where a = 'own'"}, False),
        ({"query": "up", "datasource": "there is none"}, False),
        ({"query": "select $__user"}, True),
        ({"query": {"expr": ["a", {"b": "${__user.login}"}]}}, True),
        ({"query": "up", "legend": "[[__user]]"}, True),
        ({"query": "up", "datasource": "own"}, True),
        ({"query": "up", "datasource": 'Team/"mine"'}, True),
        ({"query": "up", "datasource": "telling"}, True),
        ({"query": "up", "datasource": "$source", "variables": {"source": "own"}}, True),
        ({"queries": [{"query": "up"}, {"ref": "B", "query": "up", "datasource": "own"}]}, True),
        ({"queries": [{"query": "up"}], "datasource": "own"}, True),
        ({"queries": [{"query": "up", "datasource": "store"}], "datasource": "own"}, False),
        ({"dashboard_id": "shop", "panel_id": 1}, True),
    ],
)
async def test_what_is_one_persons(sources: Sources, asked: dict[str, Any], personal: bool) -> None:
    assert await is_personal(sources, ORG, QueryRequest.model_validate(asked)) is personal


async def test_another_way_to_write_a_text_is_the_same_text(sources: Sources) -> None:
    body = r'{"query": "up", "datasource": "Team\/\u0022mine\""}'
    assert await is_personal(sources, ORG, QueryRequest.model_validate(json.loads(body)))
