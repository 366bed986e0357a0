"""A target that is shown again as it was: asked for its own range, moved, marked and dashed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from heliograph.components.asking.source import PanelSource
from heliograph.components.asking.tools import PanelTools
from heliograph.components.compile import LayoutCache
from heliograph.components.panels.lines import lines_of, style_of
from heliograph.components.panels.registry import default_registry
from heliograph.components.panels.timeseries_options import TimeSeriesOptions
from heliograph.components.spec import parse_dashboard
from heliograph.datasources.frame import Frame
from heliograph.datasources.query.model import Answer, Next, Query
from heliograph.datasources.query.proxy import QueryProxy
from heliograph.datasources.timerange import TimeRange
from heliograph.errors import InvalidError, SourceError
from heliograph.scope import Role, Scope

DAY = 86_400_000
RANGE = TimeRange(20 * DAY, 20 * DAY + 3_600_000)


async def answer(query: Query, _: Next) -> Answer:
    """The days since 1970 of each quarter of an hour; nothing is known of before the 15th."""
    if query.query == "young" and query.range.from_ms < 15 * DAY:
        raise SourceError("that was before")
    times = np.arange(query.range.from_ms, query.range.to_ms + 1, 900_000)
    return Answer((Frame.series(times, times // DAY, name="days", ref=query.ref),), step_s=900)


def panel(*targets: dict[str, Any]) -> PanelSource:
    document = {"title": "t", "panels": [{"panel_id": 1, "type": "timeseries", "targets": list(targets)}]}
    return PanelSource.of(
        parse_dashboard(document).panels[0],
        variables={},
        scope=Scope(1, Role.VIEWER),
        dashboard_id="d",
        zone="Europe/Berlin",
        tools=PanelTools(default_registry(), LayoutCache(), QueryProxy([answer])),
    )


async def frames(source: PanelSource) -> list[Frame]:
    return [frame for one in await source.answers(source.queries(RANGE, None)) for frame in one.frames]


async def test_a_target_is_shown_again_as_it_was_at_the_times_of_now() -> None:
    now, then = await frames(panel({"ref": "A", "query": "q", "compare": "1w"}))
    assert (now.name, now.ref, then.name, then.ref) == ("days", "A", "days (1 week ago)", "A-1w")
    assert then.fields[0].values.tolist() == now.fields[0].values.tolist()
    assert set(then.numbers[0].values.tolist()) == {13}


async def test_expressions_are_compared_over_what_they_are_over_as_it_was() -> None:
    source = panel(
        {"ref": "A", "query": "q", "hidden": True},
        {"ref": "X", "datasource": "__expr__", "query": "$A * 2", "compare": "1d"},
    )
    now, then = await frames(source)
    assert (now.ref, set(now.numbers[0].values.tolist())) == ("X", {40})
    assert (then.ref, set(then.numbers[0].values.tolist())) == ("X-1d", {38})


async def test_what_cannot_be_had_of_then_leaves_now_drawn() -> None:
    outcome = await panel({"ref": "A", "query": "young", "compare": "1M"}).refresh(RANGE)
    assert (outcome.state, outcome.notice) == ("ready", "target A-1M: that was before")


async def test_it_is_dashed_in_the_colour_of_what_it_is_compared_with() -> None:
    found = await frames(panel({"ref": "A", "query": "q", "compare": "1w"}, {"ref": "B", "query": "q"}))
    lines = lines_of(TimeSeriesOptions(), found).lines
    styles = [style_of(line, "none", len(lines)) for line in lines]
    then = next(index for index, line in enumerate(lines) if line.ref == "A-1w")
    assert [style.dash for style in styles].count("dashed") == 1
    assert (styles[then].dash, styles[then].color) == ("dashed", styles[0].color)


def test_a_span_that_is_none_is_refused_with_its_path() -> None:
    with pytest.raises(InvalidError) as refused:
        panel({"ref": "A", "query": "q", "compare": "1h"})
    assert refused.value.path == "$.panels[0].targets[0].compare"
