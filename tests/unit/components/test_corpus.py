"""Real dashboards of Grafana: every panel is declared, filled in, asked and drawn, over series that are made up."""

from __future__ import annotations

import asyncio
import json
import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import promql_parser
import pytest
from fixtures.contexts import context_of

from heliograph.components.asking.outcome import Outcome
from heliograph.components.asking.placing import place, values_of
from heliograph.components.asking.source import PanelSource
from heliograph.components.asking.tools import PanelTools
from heliograph.components.compile import LayoutCache
from heliograph.components.delta import panel_delta
from heliograph.components.grafana.convert import converted
from heliograph.components.panel_spec import ROW
from heliograph.components.panels.registry import default_registry
from heliograph.components.spec import Dashboard, parse_dashboard
from heliograph.datasources.frame import Field
from heliograph.datasources.query.model import Stage
from heliograph.datasources.query.proxy import QueryProxy
from heliograph.datasources.query.stages import Execute, Route, asked, deadline, interpolate, least_step, step
from heliograph.datasources.sources.base import SourceAnswer, SourceQuery, VariableOption
from heliograph.datasources.sources.clickhouse import ClickHouseSource
from heliograph.datasources.sources.postgresql import PostgresSource
from heliograph.datasources.sources.prometheus import PrometheusSource
from heliograph.datasources.sources.prometheus_frames import Result, series_frames, table_frame
from heliograph.datasources.sources.registry import SourceKinds, Sources
from heliograph.datasources.sources.sqlfill import answer_of_rows
from heliograph.datasources.sources.sqltext import selected
from heliograph.datasources.timerange import TimeRange
from heliograph.datasources.variables.builtins import of_dashboard
from heliograph.datasources.variables.resolve import resolve
from heliograph.scope import Role, Scope
from heliograph.storage.config.datasources import StoredSource

CORPUS = os.environ.get("HELIOGRAPH_TEST_CORPUS", "")
FILES = sorted(Path(CORPUS, "dashboards").glob("*.json")) if CORPUS else []
pytestmark = pytest.mark.skipif(not FILES, reason="HELIOGRAPH_TEST_CORPUS names no corpus")
SCOPE = Scope(1, Role.VIEWER)
RANGE = TimeRange(1_722_492_000_000, 1_722_513_600_000)
LABEL = re.compile(r"\{\{\s*(\w+)\s*\}\}|\bby\s*\(([^)]*)\)")


def labels_in(text: str, legend: str) -> list[str]:
    """The labels that a query and its legend name."""
    found = [name for one in LABEL.findall(f"{text} {legend}") for part in one for name in part.split(",")]
    return list(dict.fromkeys(name.strip() for name in found if name.strip().isidentifier())) or ["job"]


class MadeUpPrometheus(PrometheusSource):
    """Its text is parsed as Prometheus parses it; its series are made up."""

    async def query(self, query: SourceQuery) -> SourceAnswer:
        text = self._text(query)
        promql_parser.parse(text)
        assert "$__" not in text, text
        times = np.arange(query.range.from_ms, query.range.to_ms + 1, query.step_s * 1000)[-200:] / 1000
        series = [
            {"metric": {name: f"{name} {number}" for name in labels_in(text, query.legend)}, "values": values}
            for number in range(3)
            for values in [np.column_stack([times, np.sin(times / 3000) * 10 + number])]
        ]
        if query.instant:
            series = [{"metric": one["metric"], "value": [times[-1], 1.0]} for one in series]
        result = Result("vector" if query.instant else "matrix", series, (), False)
        if query.options.get("format") == "table":
            return SourceAnswer((table_frame(result),))
        return SourceAnswer(series_frames(result, query.legend, text))


def rows(query: SourceQuery) -> tuple[Field, ...]:
    """A time, a text and a number."""
    times = np.linspace(query.range.from_ms, query.range.to_ms, 50)
    return Field.time(times), Field.string("name", [f"n{n % 3}" for n in range(50)]), Field.number("value", times % 97)


class MadeUpPostgres(PostgresSource):
    """Its text is judged as it would be before it is sent."""

    async def query(self, query: SourceQuery) -> SourceAnswer:
        assert isinstance(query.query, str)
        selected(query.query, query.range, query.step_s, "postgres")
        return await answer_of_rows(rows(query), query, "postgres", "")


class MadeUpClickHouse(ClickHouseSource):
    """Its text is judged as it would be before it is sent."""

    async def query(self, query: SourceQuery) -> SourceAnswer:
        assert isinstance(query.query, str)
        selected(query.query, query.range, query.step_s, "clickhouse")
        return await answer_of_rows(rows(query), query, "clickhouse", "")


STORED = [
    StoredSource("prom", "Prometheus", "prometheus", "http://127.0.0.1:9", default=True),
    StoredSource("pg", "PostgreSQL", "postgresql", "postgresql://x@127.0.0.1:9/d", default=True),
    StoredSource("ck", "ClickHouse", "clickhouse", "http://x@127.0.0.1:9", default=True),
]


class MadeUpOptions:
    """Two options for whatever is asked."""

    def __init__(self, sources: Sources) -> None:
        self._sources = sources

    async def ask(self, *_: Any) -> Sequence[VariableOption]:
        return [VariableOption("a/b", "a/b"), VariableOption("it's 2", "it's 2")]

    async def sources(self, org: int, kind: str) -> Sequence[VariableOption]:
        return [VariableOption(one.uid, one.name) for one in await self._sources.of_kind(org, kind)]


def brought(path: Path) -> Dashboard:
    """The dashboard as it is imported, without what is asked of servers that are not there."""
    text = re.sub(r"cluster\('[\w-]+', *([\w.]+)\)", r"\1", path.read_text("utf-8"))  # other servers: refused by name
    text = text.replace("SETTINGS skip_unavailable_shards=1", "")
    made = converted(json.loads(text), default_registry())
    for panel in made.document["panels"]:
        panel["targets"] = [one for one in panel.get("targets", ()) if answered(one["query"])]
    made.document["panels"] = [one for one in made.document["panels"] if asked_here(one)]
    return parse_dashboard(made.document)


def asked_here(panel: Mapping[str, Any]) -> bool:
    """Whether it asks neither us ourselves nor Loki by a source that calls itself a Prometheus."""
    return panel["type"] != "alertlist" and panel.get("datasource") != "${logmetrics}"


def answered(query: Any) -> bool:
    """Whether it is text, and not of another plugin for ClickHouse whose macros its note names."""
    return isinstance(query, str) and "$rate(" not in query


async def outcomes(dashboard: Dashboard) -> dict[str, Outcome]:
    """What each panel comes to, twice, as a view asks it."""
    kinds = SourceKinds(context_of)
    for kind in (MadeUpPrometheus, MadeUpPostgres, MadeUpClickHouse):
        kinds.register(kind)

    async def nobody(_: int) -> Sequence[StoredSource]:
        return ()

    sources = Sources(kinds, STORED, nobody, lambda: 0.0)
    stages: list[Stage] = [Route(sources), least_step, step, interpolate, asked, deadline, Execute(lambda *_: None)]
    tools = PanelTools(default_registry(), LayoutCache(), QueryProxy(stages))
    around = of_dashboard("d", dashboard.title, "UTC")
    variables = await resolve(dashboard.variables, {}, RANGE, SCOPE, MadeUpOptions(sources), around=around)
    assert [one.error for one in variables if one.error] == []
    found = {}
    for placed in place(dashboard, variables, around):
        if placed.panel.type == ROW:
            continue
        values = values_of(placed, variables, around)
        source = PanelSource.of(placed.panel, variables=values, scope=SCOPE, dashboard_id="d", zone="UTC", tools=tools)
        first, second = await source.refresh(RANGE), await source.refresh(RANGE)
        if first.drawn is not None and second.drawn is not None:
            json.dumps(panel_delta(first.drawn, second.drawn).as_json(), allow_nan=False)
        found[f"{placed.panel.panel_id} {placed.panel.type} {placed.panel.title}"] = first
    await sources.close()
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_panel_of_a_real_dashboard_is_drawn(path: Path) -> None:
    dashboard = brought(path)
    found = asyncio.run(outcomes(dashboard))
    bad = {name: (one.state, one.message) for name, one in found.items() if one.state not in ("ready", "empty")}
    assert bad == {}
