"""What a panel's transformations leave of its answers, against what Grafana leaves of the same frames."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from heliograph.components.asking.source import PanelSource
from heliograph.components.asking.tools import PanelTools
from heliograph.components.compile import LayoutCache
from heliograph.components.panels.registry import default_registry
from heliograph.components.spec import parse_dashboard
from heliograph.datasources.frame import Field, Frame
from heliograph.datasources.query.model import Answer, Next, Query
from heliograph.datasources.query.proxy import QueryProxy
from heliograph.datasources.sources.prometheus_frames import Result, table_frame
from heliograph.datasources.timerange import TimeRange
from heliograph.datasources.transform.registry import TRANSFORMATIONS
from heliograph.datasources.transform.table import as_text
from heliograph.errors import InvalidError
from heliograph.scope import Role, Scope

DATA = Path(__file__).parents[2] / "data"
RANGE = TimeRange(1_700_000_000_000, 1_700_000_300_000)
MISSING = ("@NaN", "@undefined")
NUMBERS = {"@Infinity": math.inf, "@-Infinity": -math.inf, "@-0": 0.0}
Shown = list[tuple[str, str, list[Any]]]


def cases() -> list[Any]:
    found = []
    for file in ("transforms.json", "transforms_core.json"):
        table = json.loads((DATA / file).read_text("utf-8"))
        inputs = {name: json.loads(one) if isinstance(one, str) else one for name, one in table["inputs"].items()}
        for index, (name, options, given, expected) in enumerate(table["rows"]):
            if name in TRANSFORMATIONS.names:
                found.append(pytest.param(name, options, inputs[given], expected, id=f"{name}-{given}-{index}"))
    return found


def read(value: Any) -> Any:
    """A value of the table as it stands in a frame: one kind of missing number, numbers as floats."""
    if isinstance(value, str):
        return None if value in MISSING else NUMBERS.get(value, value)
    if isinstance(value, float) and math.isnan(value):
        return None
    return round(float(value), 9) if isinstance(value, (int, float)) and not isinstance(value, bool) else value


def frame(one: Mapping[str, Any]) -> Frame:
    fields = [field(column) for column in one["fields"]]
    return Frame(tuple(fields), name=one.get("name", ""), ref=one.get("refId", ""))


def field(one: Mapping[str, Any]) -> Field:
    config = dict(one.get("config") or {})
    labels, unit, values = one.get("labels") or {}, config.pop("unit", ""), [read(value) for value in one["values"]]
    if one["type"] in ("number", "time"):
        numbers = np.array([math.nan if value is None else value for value in values], dtype=np.float64)
        return Field(one["name"], one["type"], numbers, labels, unit, config=config)
    texts: list[Any] = [as_text(value) if isinstance(value, (dict, list)) else value for value in one["values"]]
    made = Field.boolean(one["name"], texts) if one["type"] == "boolean" else Field.string(one["name"], texts)
    return Field(made.name, made.kind, made.values, labels, unit, config=config)


def panel(frames: Sequence[Frame], *steps: Mapping[str, Any], **more: Any) -> PanelSource:
    """A panel whose source answers with these frames."""

    async def answer(query: Query, _: Next) -> Answer:
        return Answer(tuple(frames), step_s=1.0)

    document = {
        "title": "t",
        "panels": [{"panel_id": 1, "type": "table", "query": "q", "transformations": list(steps), **more}],
    }
    return PanelSource.of(
        parse_dashboard(document).panels[0],
        variables={"host": ("web1",)},
        scope=Scope(1, Role.VIEWER),
        dashboard_id="d",
        zone="UTC",
        tools=PanelTools(default_registry(), LayoutCache(), QueryProxy([answer])),
    )


async def left(source: PanelSource) -> Sequence[Frame]:
    answers = await source.answers(source.queries(RANGE, None))
    return await source.transformed([one for answer in answers for one in answer.frames])


def shown(frames: Sequence[Frame]) -> list[Shown]:
    return [[(one.name, one.kind, [read(value) for value in one.values.tolist()]) for one in f.fields] for f in frames]


def expected_of(rows: Sequence[Mapping[str, Any]]) -> list[Shown]:
    return [
        [(one.get("shown", one["name"]), one["type"], [read(value) for value in one["values"]]) for one in f["fields"]]
        for f in rows
    ]


def same(ours: Shown, theirs: Shown) -> bool:
    """Columns under the names that people see; what has no kind of ours, and kinds among each other, as texts."""
    return len(ours) == len(theirs) and all(
        (name, len(values)) == (other, len(others))
        and (kind == of or of in ("other", "nestedFrames") or kind == "string")
        and all(map(_same, values, others))
        for (name, kind, values), (other, of, others) in zip(ours, theirs, strict=True)
    )


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, str) != isinstance(other, str) and None not in (one, other):
        return as_text(one) == as_text(other) or isinstance(other, list)
    return bool(one == other)


@pytest.mark.parametrize(("name", "options", "given", "expected"), cases())
async def test_a_panel_shows_what_grafana_shows(name: str, options: Any, given: Any, expected: Any) -> None:
    source = panel([frame(one) for one in given], {"id": name, "options": options})
    if expected == "@throws":
        with pytest.raises(InvalidError, match=name):
            await left(source)
        return
    found = await left(source)
    assert [one.ref for one in found] == [one.get("refId", "") for one in expected]
    assert len(found) == len(expected)
    for ours, theirs in zip(shown(found), expected_of(expected), strict=True):
        assert same(ours, theirs), f"{ours}\n{theirs}"


def hosts() -> Frame:
    fields = (Field.string("host", ["web1", "db1", "web1"]), Field.number("cpu", [1.0, 2.0, 4.0]))
    return Frame(fields, name="hosts", ref="A")


async def test_transformations_work_on_what_those_before_left_and_disabled_ones_do_nothing() -> None:
    found = await left(
        panel(
            [hosts()],
            {"id": "limit", "options": {"limitField": 0}, "disabled": True},
            {"id": "groupBy", "options": {"fields": {"host": {"operation": "groupby"}, "cpu": TOTAL}}},
            {"id": "sortBy", "options": {"sort": [{"field": "cpu (sum)", "desc": False}]}},
        )
    )
    assert shown(found) == [[("host", "string", ["db1", "web1"]), ("cpu (sum)", "number", [2.0, 5.0])]]


TOTAL = {"operation": "aggregate", "aggregations": ["sum"]}


async def test_the_values_of_variables_are_filled_into_options() -> None:
    test = {"fieldName": "host", "config": {"id": "equal", "options": {"value": "$host"}}}
    found = await left(panel([hosts()], {"id": "filterByValue", "options": {"filters": [test]}}))
    assert [one.rows for one in found] == [2]


async def test_a_panel_draws_what_its_transformations_left() -> None:
    source = panel([hosts()], {"id": "organize", "options": {"renameByName": {"cpu": "CPU"}}})
    outcome = await source.refresh(RANGE)
    assert outcome.state == "ready"
    assert outcome.drawn is not None
    assert "CPU" in json.dumps(outcome.drawn.texts)
    assert "cpu" not in json.dumps(outcome.drawn.texts)


async def test_a_transformation_that_cannot_is_the_error_of_its_panel() -> None:
    window = {"mode": "windowFunctions", "window": {"reducer": "mean", "windowSize": 0}}
    outcome = await panel([hosts()], {"id": "calculateField", "options": window}).refresh(RANGE)
    assert outcome.state == "error"
    assert outcome.message.startswith("transformation 1, calculateField: ")


async def test_a_transformation_takes_the_frames_of_the_refs_that_it_names() -> None:
    other = hosts().with_ref("B")
    step = {"id": "limit", "options": {"limitField": 1}, "filter": {"id": "byRefId", "options": "B"}}
    found = await left(panel([hosts(), other], step))
    assert {one.ref: one.rows for one in found} == {"A": 3, "B": 1}


@pytest.mark.parametrize(
    ("step", "path"),
    [
        ({"id": "nope"}, "$.panels[0].transformations[0].id"),
        ({"id": "reduce", "options": {"reducers": ["nope"]}}, "$.panels[0].transformations[0].options.reducers[0]"),
        ({"id": "renameByRegex", "options": {"regex": "("}}, "$.panels[0].transformations[0].options.regex"),
        ({"id": "limit", "options": {"rows": 3}}, "$.panels[0].transformations[0].options.rows"),
    ],
)
def test_a_fault_of_a_transformation_is_refused_with_its_path(step: Any, path: str) -> None:
    panels = [{"panel_id": 1, "type": "table", "query": "q", "transformations": [step]}]
    with pytest.raises(InvalidError) as refused:
        parse_dashboard({"title": "t", "panels": panels})
    assert refused.value.path == path


async def test_values_are_looked_up_in_what_another_target_answers() -> None:
    places = Frame(
        (
            Field.string("city", ["Bern", "Oslo"]),
            Field.string("host", ["WEB1", "web9"]),
            Field.number("lat", [46.9, 59.9]),
        ),
        ref="B",
    )
    lookup = {"id": "fieldLookup", "options": {"lookupField": "host", "gazetteer": "B"}}
    found = await left(panel([hosts(), places], lookup))
    assert shown(found) == [
        [
            ("host", "string", ["web1", "db1", "web1"]),
            ("city", "string", ["Bern", None, "Bern"]),
            ("lat", "number", [46.9, None, 46.9]),
            ("cpu", "number", [1.0, 2.0, 4.0]),
        ]
    ]
    for options in ({}, {"lookupField": "host", "gazetteer": "C"}):
        unchanged = await left(panel([hosts(), places], {"id": "fieldLookup", "options": options}))
        assert [one.ref for one in unchanged] == ["A", "B"]
    with pytest.raises(InvalidError, match="not there"):
        panel([hosts()], {"id": "fieldLookup", "options": {"gazetteer": "public/gazetteer/countries.json"}})


LONG = (
    Field.number("id", [2.0**53, 2.0**53, 2.0**53], exact=["9007199254740993", None, "9007199254740993"]),
    Field.number("v", [1.5, 2.5, 4.0]),
)
IS_LONG = {"id": "equal", "options": {"value": "9007199254740993"}}
OTHERS = Frame((Field.number("id", [2.0**53], exact=["9007199254740993"]), Field.string("name", ["x"])), ref="B")


@pytest.mark.parametrize(
    ("name", "options", "expected"),
    [
        ("groupBy", {"fields": {"id": {"operation": "groupby"}, "v": TOTAL}}, {"9007199254740993": 5.5, 2.0**53: 2.5}),
        ("groupingToMatrix", {"columnField": "v", "rowField": "id", "valueField": "v"}, {"9007199254740993": "1.5"}),
        ("filterByValue", {"filters": [{"fieldName": "id", "config": IS_LONG}]}, {"9007199254740993": 4.0}),
        ("joinByField", {"byField": "id", "mode": "outerTabular"}, {"9007199254740993": 4.0, 2.0**53: 2.5}),
        ("merge", {}, {"9007199254740993": 4.0, 2.0**53: 2.5}),
    ],
)  # fmt: skip
async def test_numbers_that_no_float_holds_stay_apart(name: str, options: Any, expected: dict[Any, Any]) -> None:
    frames = [Frame(LONG, ref="A", is_table=True), *([OTHERS] if name in ("joinByField", "merge") else [])]
    (found,) = await left(panel(frames, {"id": name, "options": options}))
    rows = dict(zip(found.fields[0].readable, found.fields[1].readable, strict=True))
    assert {key: rows.get(key) for key in expected} == expected
    if name in ("joinByField", "merge"):
        names = dict(zip(found.fields[0].readable, found.fields[2].readable, strict=True))
        assert names == {"9007199254740993": "x", 2.0**53: None}


async def test_parts_are_called_by_all_digits() -> None:
    found = await left(panel([Frame(LONG, is_table=True)], {"id": "partitionByValues", "options": {"fields": ["id"]}}))
    assert [one.fields[0].name for one in found] == ["v 9007199254740993", "v 9007199254740992"]


def of_prometheus(ref: str, **values: float) -> Frame:
    data = [{"metric": {"namespace": name}, "value": [1_700_000_000, str(value)]} for name, value in values.items()]
    return table_frame(Result("vector", data, (), False)).with_ref(ref)


ORGANIZED = {
    "excludeByName": {"Time": True, "Time 1": True, "Time 2": True},
    "indexByName": {"Value #A": 2, "Value #B": 1, "namespace": 0},
    "renameByName": {"Value #A": "Pods", "Value #B": "Share", "namespace": "Namespace"},
}


@pytest.mark.parametrize("join", [{"id": "joinByField", "options": {"byField": "namespace"}}, {"id": "merge"}])
async def test_tables_of_prometheus_have_the_columns_that_grafana_names(join: Any) -> None:
    frames = [of_prometheus("A", web=3, db=1), of_prometheus("B", web=0.5, db=0.25)]
    found = await left(panel(frames, join, {"id": "organize", "options": ORGANIZED}))
    assert [[name for name, *_ in one] for one in shown(found)] == [["Namespace", "Share", "Pods"]]
    rows = sorted(zip(*(one.values.tolist() for one in found[0].fields), strict=True))
    assert rows == [("db", 0.25, 1.0), ("web", 0.5, 3.0)]


async def test_a_lone_table_of_prometheus_has_a_value_by_both_of_its_names() -> None:
    for name in ("Value", "value"):
        options = {"excludeByName": {"Time": True}, "renameByName": {name: "Pods"}}
        found = await left(panel([of_prometheus("A", web=3)], {"id": "organize", "options": options}))
        assert shown(found) == [[("namespace", "string", ["web"]), ("Pods", "number", [3.0])]]
