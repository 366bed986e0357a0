"""What a panel says where a target of it fails."""

from __future__ import annotations

import pytest

from heliograph.components.asking.source import PanelSource
from heliograph.components.asking.tools import PanelTools
from heliograph.components.compile import LayoutCache
from heliograph.components.panels.registry import default_registry
from heliograph.components.spec import parse_dashboard
from heliograph.datasources.frame import Frame
from heliograph.datasources.query.model import Answer, Next, Query
from heliograph.datasources.query.proxy import QueryProxy
from heliograph.datasources.timerange import TimeRange
from heliograph.errors import SourceError, SourceUnavailableError
from heliograph.scope import Role, Scope

REFUSED = SourceError("parse error at 3")
DOWN = SourceUnavailableError("it does not answer", retry_after_s=7)


async def answer(query: Query, _: Next) -> Answer:
    """A stage whose errors are one object for all who wait, as single flight has them."""
    if query.query in ("bad", "down"):
        raise REFUSED if query.query == "bad" else DOWN
    return Answer((Frame.series([1000.0], [1.0], name="a", ref=query.ref),), step_s=1.0)


def panel(*queries: str) -> PanelSource:
    targets = [{"ref": ref, "query": query} for ref, query in zip("ABC", queries, strict=False)]
    document = {"title": "t", "panels": [{"panel_id": 1, "type": "timeseries", "targets": targets}]}
    return PanelSource.of(
        parse_dashboard(document).panels[0],
        variables={},
        scope=Scope(1, Role.VIEWER),
        dashboard_id="d",
        zone="UTC",
        tools=PanelTools(default_registry(), LayoutCache(), QueryProxy([answer])),
    )


@pytest.mark.parametrize(
    ("queries", "message", "retry_in_s"),
    [
        (("bad", "down"), "target A: parse error at 3", None),
        (("down", "bad"), "target A: it does not answer", 7),
        (("bad",), "parse error at 3", None),
    ],
)
async def test_an_error_names_its_target_where_there_are_several(
    queries: tuple[str, ...], message: str, retry_in_s: float | None
) -> None:
    outcome = await panel(*queries).refresh(TimeRange(0, 60_000))
    assert (outcome.state, outcome.message, outcome.retry_in_s) == ("error", message, retry_in_s)
    assert REFUSED.detail == "parse error at 3", "others have the same error"


async def test_what_came_is_drawn_and_the_target_that_failed_is_named() -> None:
    outcome = await panel("good", "bad", "good").refresh(TimeRange(0, 60_000))
    assert (outcome.state, outcome.notice) == ("ready", "target B: parse error at 3")
    assert outcome.drawn is not None
    assert len(outcome.drawn.texts["series"]) == 2
