"""The dashboard model: what it takes, and the path of each fault."""

from __future__ import annotations

from typing import Any

import pytest

from heliograph.components.spec import parse_dashboard
from heliograph.errors import InvalidError

MISSION: dict[str, Any] = {
    "dashboard_id": "dash-uuid",
    "title": "Production Overview",
    "variables": [{"name": "service", "type": "query", "query": "label_values(service_name)"}],
    "panels": [
        {
            "panel_id": 1,
            "title": "Request Rate",
            "type": "timeseries",
            "datasource": "prometheus",
            "query": 'rate(http_requests_total{service="$service"}[5m])',
            "interval": "1m",
            "position": {"x": 0, "y": 0, "w": 12, "h": 8},
        }
    ],
}


def test_the_plainest_dashboard_is_taken_as_it_is() -> None:
    dashboard = parse_dashboard(MISSION)
    (target,) = dashboard.panels[0].all_targets()
    assert (target.datasource, target.interval, target.ref) == ("prometheus", "1m", "A")


@pytest.mark.parametrize(
    ("panels", "source"),
    [
        ([{}], "prometheus"),
        ([{}, {"type": "row", "datasource": None, "query": None}, {"type": "text", "query": None}], "prometheus"),
        ([{"targets": [{"ref": "B", "datasource": "__expr__", "query": "$A"}]}], "prometheus"),
        ([{"datasource": "$ds"}], "$ds"),
        ([{}, {"datasource": None}], None),
        ([{}, {"datasource": "other"}], None),
        ([{"type": "text", "query": None}], None),
        ([], None),
    ],
)  # fmt: skip
def test_a_variable_without_a_source_asks_what_all_panels_ask(panels: list[dict[str, Any]], source: str | None) -> None:
    [panel] = MISSION["panels"]
    bare = {name: value for name, value in panel.items() if name in ("datasource", "query")}
    whole = [{"type": "stat", **bare, **one, "panel_id": number} for number, one in enumerate(panels, 1)]
    made = [{name: value for name, value in one.items() if value is not None} for one in whole]
    named = {"name": "named", "type": "query", "query": "x", "datasource": "store"}
    given = [*MISSION["variables"], named, {"name": "size", "type": "custom", "query": "a"}]
    dashboard = parse_dashboard({**MISSION, "variables": given, "panels": made})
    assert [one.datasource for one in dashboard.asked_variables] == [source, "store", None]
    assert [one.datasource for one in dashboard.variables] == [None, "store", None], "what is kept stays as it is"


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"title": ""}, "$.title"),
        ({"title": "\u00a0"}, "$.title"),
        ({"tags": ["shop", " "]}, "$.tags"),
        ({"panels": [{"panel_id": 1, "type": "stat", "position": {"x": 20, "w": 5}}]}, "$.panels[0].position"),
        ({"panels": [{"panel_id": 1, "type": "stat", "position": {"h": 0}}]}, "$.panels[0].position.h"),
        ({"panels": [{"panel_id": 1, "type": "stat"}] * 2}, "$.panels"),
        ({"panels": [{"type": "stat"}]}, "$.panels[0].panel_id"),
        ({"panels": [{"panel_id": 1, "type": "stat", "interval": "soon"}]}, "$.panels[0].interval"),
        ({"variables": [{"name": "1x", "type": "custom"}]}, "$.variables[0].name"),
        ({"variables": [{"name": "x", "type": "magic"}]}, "$.variables[0].type"),
        ({"dashboard_id": "no/slash"}, "$.dashboard_id"),
        ({"surprise": 1}, "$.surprise"),
        ({"refresh": "often"}, "$.refresh"),
    ],
)
def test_a_fault_is_named_by_its_path(change: dict[str, Any], path: str) -> None:
    with pytest.raises(InvalidError) as caught:
        parse_dashboard({**MISSION, **change})
    assert caught.value.path == path


def test_what_was_saved_with_blank_texts_opens_all_the_same() -> None:
    assert parse_dashboard({**MISSION, "title": " ", "tags": [" "]}, stored=True).tags == [" "]
