"""Expressions among the targets of a panel: what they are over, whose their errors are, what of them is refused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pytest

from heliograph.components.asking.source import PanelSource
from heliograph.components.asking.tools import PanelTools
from heliograph.components.compile import LayoutCache
from heliograph.components.panels.registry import default_registry
from heliograph.components.spec import parse_dashboard
from heliograph.datasources.frame import Frame
from heliograph.datasources.query.admission import downsampled
from heliograph.datasources.query.model import Answer, Next, Query
from heliograph.datasources.query.proxy import QueryProxy
from heliograph.datasources.timerange import TimeRange
from heliograph.datasources.variables.chosen import Chosen
from heliograph.errors import InvalidError, SourceError
from heliograph.scope import Role, Scope

RANGE = TimeRange(0, 60_000)
EXPR = {"datasource": "__expr__"}
GRAFANA = {"type": "__expr__", "uid": "__expr__", "name": "Expression"}


async def answer(query: Query, _: Next) -> Answer:
    """`1 2 3` is a series of these values, a second apart; `bad` is refused; `old 1 2` came from a source that is down;
    `many` has more points than are drawn."""
    assert isinstance(query.query, str)
    if query.query == "bad":
        raise SourceError("it does not know this")
    if query.query == "many":
        values = np.arange(10_000.0)
        frame = Frame.series(np.arange(10_000.0), values, name="many", ref=query.ref)
        return downsampled(query.but(step_s=1.0), Answer((frame,), step_s=1.0))
    words = query.query.split()
    age = 12.0 if words[0] == "old" else None
    values = np.array([float(word) for word in words if word != "old"])
    frame = Frame.series(np.arange(len(values)) * 1000.0, values, name="s", ref=query.ref)
    return Answer((frame,), step_s=1.0, stale_age_s=age)


def panel(*targets: Mapping[str, Any], variables: Mapping[str, Any] | None = None, **more: Any) -> PanelSource:
    document = {"title": "t", "panels": [{"panel_id": 1, "type": "timeseries", "targets": list(targets), **more}]}
    return PanelSource.of(
        parse_dashboard(document).panels[0],
        variables=variables or {},
        scope=Scope(1, Role.VIEWER),
        dashboard_id="d",
        zone="UTC",
        tools=PanelTools(default_registry(), LayoutCache(), QueryProxy([answer])),
    )


async def frames(source: PanelSource) -> dict[str, list[list[float]]]:
    """The values of each series, by ref."""
    found: dict[str, list[list[float]]] = {}
    for one in await source.answers(source.queries(RANGE, None)):
        for frame in one.frames:
            found.setdefault(frame.ref, []).append(frame.numbers[0].values.tolist())
    return found


def target(ref: str, query: Any, **more: Any) -> dict[str, Any]:
    return {"ref": ref, "query": query, **more}


def math(ref: str, expression: str, **more: Any) -> dict[str, Any]:
    return {"ref": ref, "query": {"type": "math", "expression": expression}, **EXPR, **more}


async def test_expressions_are_worked_out_in_the_order_in_which_they_need_each_other() -> None:
    share = math("X", "$Y * 100")
    source = panel(share, math("Y", "$A / $B"), target("A", "1 2"), target("B", "2 8"))
    assert await frames(source) == {"A": [[1, 2]], "B": [[2, 8]], "Y": [[0.5, 0.25]], "X": [[50, 25]]}


async def test_hidden_targets_feed_expressions_and_are_not_drawn() -> None:
    source = panel(target("A", "1 2", hidden=True), math("Y", "$A + 1", hidden=True), math("X", "$Y * 2"))
    assert await frames(source) == {"X": [[4, 6]]}


async def test_what_nobody_needs_is_not_asked() -> None:
    source = panel(target("A", "1"), target("B", "bad", hidden=True), math("X", "$B", hidden=True))
    assert [query.ref for query in source.queries(RANGE, None)] == ["A"]


async def test_a_failing_input_is_the_error_of_its_expression_and_not_of_the_panel() -> None:
    source = panel(target("A", "1 2"), target("B", "bad", hidden=True), math("X", "$A / $B"), math("Y", "$A * 2"))
    outcome = await source.refresh(RANGE)
    assert (outcome.state, outcome.notice) == ("ready", "target X: target B: it does not know this")
    assert outcome.drawn is not None
    assert [one["name"] for one in outcome.drawn.texts["series"]] == ["s", "Y"]


async def test_an_expression_is_as_old_as_what_it_is_over() -> None:
    outcome = await panel(target("A", "old 1 2", hidden=True), math("X", "$A")).refresh(RANGE)
    assert (outcome.state, outcome.age_s) == ("stale", 12.0)


async def test_expressions_of_a_panel_together_hold_no_more_than_a_bound() -> None:
    grid = {"ref": "B", "query": {"type": "resample", "of": "A", "window": "1ms", "up": "pad"}, **EXPR}
    copies = [math(f"C{n}", f"$B + {n}") for n in range(5)]
    source = panel(target("A", "1 2"), grid, *copies)
    assert (await source.refresh(RANGE)).state == "ready"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("heliograph.datasources.expressions.asking.MAX_HELD", 100_000)
        outcome = await source.refresh(RANGE)
    assert outcome.notice == "target C0: the expressions are more than 100000 numbers"


async def test_expressions_are_over_all_points_and_what_is_drawn_is_thinned() -> None:
    mean = {"ref": "X", "query": {"type": "reduce", "of": "A", "reducer": "count"}, **EXPR}
    source = panel(target("A", "many"), mean, max_points=100)
    found = await frames(source)
    assert found["X"] == [[10_000]]
    assert len(found["A"][0]) <= 100


async def test_variables_are_numbers_in_math_and_targets_win_over_them() -> None:
    chosen = {"by": Chosen(("-2",), single=True), "A": Chosen(("7",), single=True)}
    assert (await frames(panel(target("A", "1 2", hidden=True), math("X", "$A - $by"), variables=chosen))) == {
        "X": [[3, 4]]
    }
    outcome = await panel(target("A", "1"), math("X", "$A - $by"), variables={"by": ("1", "2")}).refresh(RANGE)
    assert outcome.notice == "target X: $by is 1, 2, and math takes one number"


async def test_grafanas_own_targets_are_taken() -> None:
    last = {"refId": "B", "datasource": GRAFANA, "type": "reduce", "expression": "A", "reducer": "last"}
    over = {
        "refId": "C",
        "datasource": GRAFANA,
        "type": "threshold",
        "expression": "B",
        "conditions": [{"evaluator": {"type": "gt", "params": [1, 0]}}],
    }
    asked = {"refId": "A", "datasource": {"type": "prometheus", "uid": "p"}, "expr": "1 2", "hide": True}
    times = {"refId": "D", "datasource": GRAFANA, "type": "math", "expression": "${C} * 3", "hide": False}
    source = panel(asked, last, over, times, datasource={"type": "datasource", "uid": "-- Mixed --"})
    assert await frames(source) == {"B": [[2]], "C": [[1]], "D": [[3]]}
    assert [query.datasource for query in source.queries(RANGE, None)] == ["p", "__expr__", "__expr__", "__expr__"]


REFUSED: Sequence[tuple[dict[str, Any], str, str]] = (
    ({"targets": [math("X", "$A")]}, "$.panels[0].targets[0].query", "X: no target is A"),
    (
        {"query": "1", "targets": [math("X", "$A + $Y"), math("Y", "$X")]},
        "$.panels[0].targets[0].query",
        "X refers to itself, by way of others",
    ),
    (
        {"targets": [target("A", "1"), {**math("X", "$A"), "query": {"type": "reduce", "of": "A", "reducer": "no"}}]},
        "$.panels[0].targets[1].query.reducer",
        "one of",
    ),
    ({"targets": [target("A", "1"), math("X", "$A +")]}, "$.panels[0].targets[1].query.expression", "at character 5"),
    ({"datasource": "-- Mixed --", "query": "1"}, "$.panels[0]", "target A names no data source"),
    ({"datasource": {"uid": "-- Dashboard --"}}, "$.panels[0].datasource", "-- Dashboard --"),
    (
        {"targets": [{"refId": "A", "datasource": GRAFANA, "type": "classic_conditions"}]},
        "$.panels[0].targets[0]",
        "classic_conditions",
    ),
)


@pytest.mark.parametrize(("panel_", "path", "words"), REFUSED)
def test_what_cannot_be_worked_out_is_refused_when_it_is_saved(panel_: Any, path: str, words: str) -> None:
    document = {"title": "t", "panels": [{"panel_id": 1, "type": "timeseries", **panel_}]}
    with pytest.raises(InvalidError) as refused:
        default_registry().validate(parse_dashboard(document))
    assert refused.value.path == path
    assert words in refused.value.detail


def test_variables_are_no_missing_targets() -> None:
    panels = [{"panel_id": 1, "type": "stat", "query": "1", "targets": [math("X", "$A * $by + $__range_s")]}]
    variables = [{"name": "by", "type": "textbox"}]
    default_registry().validate(parse_dashboard({"title": "t", "panels": panels, "variables": variables}))


def test_a_source_that_is_a_variable_stays_one() -> None:
    named = {"refId": "A", "expr": "1", "datasource": {"type": "prometheus", "uid": "${DS_PROMETHEUS}"}}
    panels = [{"panel_id": 1, "type": "stat", "datasource": "${DS_PROMETHEUS}", "targets": [named, target("B", "2")]}]
    found = parse_dashboard({"title": "t", "panels": panels}).panels[0].all_targets()
    assert [one.datasource for one in found] == ["${DS_PROMETHEUS}", "${DS_PROMETHEUS}"]
