"""What people ask of real sources through the product: variables, macros, ranges, names, infinite values."""

from __future__ import annotations

import asyncio
from itertools import pairwise
from typing import Any

import asyncpg
import pytest
from fixtures.four_sources import FourSources
from fixtures.naming import fresh
from fixtures.waiting import wait

HOURS = {"from": "2024-08-01T06:00:00Z", "to": "2024-08-01T10:00:00Z"}
RECENT = {"from": "now-5m", "to": "now"}
DS = {"name": "ds", "type": "datasource", "query": "prometheus"}


def one(four: FourSources, datasource: str, query: str, **more: Any) -> Any:
    """The only cell of an answer."""
    answer = four.ask(datasource, query, **{**HOURS, **more})
    assert "rows" in answer, answer
    return answer["rows"][0][0]


# -- filters -----------------------------------------------------------------------------------------------------------


def test_filters_that_people_add_narrow_what_is_asked_of_their_source_alone(four: FourSources) -> None:
    filters = {"name": "f", "type": "adhoc", "datasource": "$ds", "current": ["job|=|prometheus"]}
    panels = [
        {"type": "stat", "datasource": "Prometheus", "query": "sum(up) or vector(0)"},
        {"type": "stat", "datasource": "pg", "query": "SELECT 7 AS v"},
    ]
    name = four.save(*panels, variables=[DS, filters], time=RECENT)

    def drawn(board: str, *given: str) -> tuple[list[str], list[str]]:
        address = {"var-f": list(given)} if given else {}
        found = four.panels(board, **address).heads
        stats = [found[one]["texts"]["stats"][0]["text"] for one in ("1", "2") if found[one]["texts"].get("stats")]
        return stats, four.open(board, **address)["notices"]

    assert drawn(name) == (["1", "7"], [])
    assert drawn(name, "job|!=|prometheus") == (["0", "7"], [])
    assert drawn(name, "job|=~|prom.*", "instance|=__gfp__|a|b") == (["0", "7"], [])
    assert drawn(name, "$__none") == (["1", "7"], [])
    assert drawn(name, "job", "job|=|x") == (["0", "7"], ["f has no value job."])
    asked = {"dashboard_id": name, "panel_id": 1, "variables": {"f": ["job|=|gone"]}}
    answer = four.client.post("/api/v1/query", json={**asked, **RECENT}).json()
    assert answer["results"]["A"]["series"][0]["data"][-1]["value"] == 0
    refused = four.client.post("/api/v1/query", json={**asked, "variables": {"f": ["job"]}})
    assert (refused.status_code, refused.json()["path"]) == (422, "$.variables.f")


def test_a_source_that_takes_no_filters_says_so_by_name(four: FourSources) -> None:
    filters = {"name": "f", "type": "adhoc", "datasource": "pg"}
    name = four.save({"type": "stat", "datasource": "Postgres", "query": "SELECT 7 AS v"}, variables=[filters])
    assert four.panels(name).heads["1"]["state"] == "ready"
    head = four.panels(name, **{"var-f": "shop|=|Oslo"}).heads["1"]
    assert head["state"] == "error"
    assert "takes no ad hoc filters: shop = Oslo" in str(head)


# -- variables ---------------------------------------------------------------------------------------------------------


def test_a_data_source_is_a_variable_in_panels_variables_and_annotations(four: FourSources) -> None:
    mark = {"name": "m", "datasource": "${ds}", "query": "up"}
    jobs = {"name": "job", "type": "query", "datasource": "${ds}", "query": "label_values(up, job)"}
    panel = {"type": "stat", "datasource": "$ds", "query": 'up{job="$job"}'}
    board = four.save(panel, variables=[DS, jobs], annotations=[mark], time=RECENT)
    boot = four.open(board)
    found = {item["name"]: item for item in boot["variables"]}
    assert found["ds"]["options"] == [{"value": "prom", "text": "Prometheus"}]
    assert found["job"]["current"] == ["prometheus"]
    assert four.panels(board).heads["1"]["state"] == "ready"
    by_panel = {"dashboard_id": board, "panel_id": 1, **RECENT}
    assert four.client.post("/api/v1/query", json=by_panel).json()["results"]["A"]["series"]


def test_a_data_source_of_another_kind_is_a_notice_and_asks_nothing_else(four: FourSources) -> None:
    board = four.save({"type": "stat", "datasource": "$ds", "query": "vector(1)"}, variables=[DS], time=RECENT)
    boot = four.open(board, **{"var-ds": "pg"})
    assert boot["notices"] == ["ds has no value pg."]
    assert next(item for item in boot["variables"] if item["name"] == "ds")["current"] == ["prom"]
    body = {"dashboard_id": board, "panel_id": 1, "variables": {"ds": "pg"}}
    assert four.client.post("/api/v1/query", json=body).status_code == 422
    none = four.save({"type": "stat", "datasource": "$ds", "query": "x"}, variables=[{**DS, "query": "mysql"}])
    head = four.panels(none).heads["1"]
    assert (head["state"], head["title"], head["lacks_source"]) == ("error", "No data source to ask", True)
    assert head["message"] == "there is no MySQL data source: an admin adds one under Settings → Data sources"


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("query_result(count_over_time(up[$__range]) > bool 1)", "1"),
        ("query_result(count_over_time(up[$__interval]) > bool 1)", "1"),
        ("query_result(count_over_time(up[$__rate_interval]) > bool 1)", "1"),
        ("query_result(vector($__range_s))", "300"),
        ("query_result(vector($__org))", "1"),
        ("query_result(vector($__to - $__from >= bool 300000))", "1"),
    ],
)
def test_global_variables_are_filled_into_variables_of_prometheus(four: FourSources, query: str, expected: str) -> None:
    found = four.variables({"name": "a", "type": "query", "datasource": "prom", "query": query}, **RECENT)["a"]
    assert found["error"] == ""
    assert found["options"][0]["value"].split()[-2] == expected


@pytest.mark.parametrize("datasource", ["pg", "ck", "lite"])
def test_global_variables_are_filled_into_variables_and_panels_of_sql(four: FourSources, datasource: str) -> None:
    texts = {
        "${__from:date:YYYY-MM-DD}": "2024-08-01",
        "${__to:date:iso}": "2024-08-01T10:00:00.000Z",
        "$__range": "14400s",
        "$__rate_interval": "10m15s",
        "${__org.name}": "Main Org.",
        "$__timezone": "UTC",
    }
    for text, expected in texts.items():
        assert one(four, datasource, f"SELECT '{text}' AS a", max_points=24) == expected, text
    assert int(one(four, datasource, "SELECT ${__interval_ms} AS a", max_points=24)) == 600_000
    asked = {"name": "a", "type": "query", "datasource": datasource, "query": "SELECT '$__dashboard/${__user.login}'"}
    found = four.variables(asked, **HOURS)["a"]
    assert found["options"][0]["value"].startswith("board-")
    assert "/admin-" in found["options"][0]["value"]


def test_a_panel_is_asked_over_the_range_and_on_the_calendar_of_its_dashboard(four: FourSources) -> None:
    bounds = {"type": "table", "datasource": "lite", "query": "SELECT $__from AS a, $__to AS b"}
    name = four.save(bounds, timezone="Asia/Kolkata", time=HOURS)

    def asked(**range_: str | int) -> list[int]:
        body = {"dashboard_id": name, "panel_id": 1, **range_}
        answer = four.client.post("/api/v1/query", json=body).json()
        found: list[int] = answer["results"]["A"]["rows"][0]
        return found

    assert asked() == [1_722_492_000_000, 1_722_506_400_000]
    begins, ends = asked(**{"from": "now-1d/d", "to": "now-1d/d"})
    midnight = (begins + 19_800_000) % 86_400_000
    assert (midnight, round((ends - begins) / 86_400_000)) == (0, 1)
    for seconds in ("1722492000", 1_722_492_000):
        assert asked(**{"from": seconds, "to": "1722506400"}) == [1_722_492_000_000, 1_722_506_400_000]


def test_a_text_says_the_range_and_the_zone_that_are_shown(four: FourSources) -> None:
    words = "**${__from:date:YYYY-MM-DD HH:mm}** $__range_s $__timezone $__other"
    text = {"type": "text", "title": "In $__timezone", "options": {"content": words}}
    boards = [four.save(text, timezone=zone) for zone in ("America/New_York", "")]
    for name, address, zone in (
        (boards[0], {}, "America/New_York"),
        (boards[1], {"tz": "Asia/Kolkata"}, "Asia/Kolkata"),
        (boards[1], {}, "UTC"),
    ):
        found = four.panels(name, **HOURS, **address).texts()
        assert found["html"] == f"<p><strong>2024-08-01 06:00</strong> 14400 {zone} $__other</p>\n"
        assert four.open(name, **HOURS, **address)["panels"][0]["title"] == f"In {zone}"


def test_options_that_were_none_for_a_moment_are_asked_again(four: FourSources) -> None:
    table = f"late_{fresh('').strip('-').replace('-', '_')}"
    asyncio.run(run(four.postgres_url, f"CREATE TABLE {table} (n text)"))
    name = four.save(
        {"type": "text"},
        variables=[{"name": "v", "type": "query", "datasource": "pg", "query": f"SELECT n FROM {table}"}],
    )
    assert four.open(name)["variables"][0]["options"] == []
    asyncio.run(run(four.postgres_url, f"INSERT INTO {table} VALUES ('a')"))
    wait(lambda: four.open(name)["variables"][0]["options"], "the option", seconds=8)


async def run(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url)
    await connection.execute(statement)
    await connection.close()


def test_label_names_may_hold_any_characters(four: FourSources) -> None:
    for query in (
        "label_values(up, k8s.container.name)",
        'label_values("k8s.container.name")',
        'label_values({__name__="up"}, "k8s.pod.name")',
    ):
        found = four.variables({"name": "a", "type": "query", "datasource": "prom", "query": query}, **RECENT)["a"]
        assert (found["options"], found["error"]) == ([], ""), query


def test_a_custom_variable_offers_what_others_have(four: FourSources) -> None:
    first = {"name": "a", "type": "custom", "query": "x,y", "multi": True, "current": ["x", "y"]}
    found = four.variables(first, {"name": "b", "type": "custom", "query": "$a,all of $a"})["b"]
    assert [option["value"] for option in found["options"]] == ["x", "y", "all of x", "y"]


def test_rates_and_steps_heed_the_least_step_of_a_target_which_may_be_a_variable(four: FourSources) -> None:
    asked = {"datasource": "prom", "query": "rate(up[$__rate_interval])", "max_points": 100, "inspect": True, **RECENT}
    texts = [
        four.client.post("/api/v1/query", json={**asked, **more}).json()["inspect"]["query"]
        for more in ({}, {"interval": "1m"})
    ]
    assert texts == ["rate(up[1m0s])", "rate(up[4m0s])"]
    resolution = {"name": "resolution", "type": "interval", "query": "1m,2m"}
    panel = {"type": "timeseries", "datasource": "prom", "query": "up", "interval": "$resolution"}
    board = four.save(panel, variables=[resolution], time=RECENT)
    for chosen, step_s in (("1m", 60), ("2m", 120)):
        body = {"dashboard_id": board, "panel_id": 1, "variables": {"resolution": chosen}, "inspect": True}
        body |= {"from": "now-1h", "to": "now"}
        answer = four.client.post("/api/v1/query", json=body).json()["results"]["A"]
        piece = answer["inspect"]["pieces"][0]
        assert (piece["to"] - piece["from"]) % (1000 * step_s) == 0
        assert piece["from"] % (1000 * step_s) == 0


# -- macros ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("filling", "expected"),
    [("NULL", [0, None, 1, None, 2]), ("0", [0, 0, 1, 0, 2]), ("previous", [0, 0, 1, 1, 2]), ("'7'", [0, 7, 1, 7, 2])],
)
def test_buckets_without_rows_are_filled_in(four: FourSources, filling: str, expected: list[float | None]) -> None:
    sql = (
        f"SELECT $__timeGroupAlias(ts, '5m', {filling}), avg(v) AS v FROM ev WHERE $__timeFilter(ts) "
        "GROUP BY 1 ORDER BY 1"
    )
    answer = four.ask("pg", sql, **{**HOURS, "to": "2024-08-01T06:20:00Z"})
    assert [point["value"] for point in answer["data"]] == expected


def test_a_filling_that_is_none_and_one_without_end_are_refused_by_name(four: FourSources) -> None:
    for filling, word in (("soon", "'soon' is no filling"), ("0", "more than 200000 values")):
        sql = f"SELECT $__timeGroup(ts, 1s, {filling}) AS time, 1.0 AS v FROM ev"
        answer = four.ask("pg", sql, **{"from": "2024-07-01T00:00:00Z", "to": "2024-08-02T00:00:00Z"})
        assert word in answer["detail"], answer


@pytest.mark.parametrize(("chosen", "count"), [(["$__all"], 10), (["1", "2"], 2), ([""], 10), ([], 10)])
def test_a_condition_on_a_variable_falls_away_where_all_is_chosen_or_nothing(
    four: FourSources, chosen: list[str], count: int
) -> None:
    sql = "SELECT count() AS n FROM numbers(10) WHERE $__conditionalAll(toString(number) IN (${v:singlequote}), $v)"
    assert one(four, "ck", sql, variables={"v": chosen}) == count


# -- ranges ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("span", ["7d", "90d", "1y", "10y"])
def test_a_range_longer_than_its_data_ends_with_the_newest_value(four: FourSources, span: str) -> None:
    panel = {"type": "stat", "datasource": "prom", "query": "prometheus_tsdb_head_series"}
    rows = {
        "type": "stat",
        "datasource": "pg",
        "query": "SELECT $__timeGroup(ts, $__interval) AS time, sum(v) AS v "
        "FROM (SELECT now() - interval '15 seconds' AS ts, 5.0 AS v) t WHERE $__timeFilter(ts) GROUP BY 1 ORDER BY 1",
    }
    plain = {"type": "stat", "datasource": "pg", "query": "SELECT now() - interval '70 seconds' AS time, 5.0 AS v"}
    board = four.save(panel, rows, plain)

    def drawn() -> bool:
        found = four.panels(board, **{"from": f"now-{span}", "to": "now"})
        return {head["state"] for head in found.heads.values()} == {"ready"}

    wait(drawn, "what was scraped since the server began", seconds=30)


def test_the_end_of_a_range_is_never_kept_as_final(four: FourSources) -> None:
    asked = {"from": "now-30d", "to": "now", "inspect": True, "max_points": 100}
    answer = four.ask("prom", "time()", **asked)
    times = [point["timestamp"] for point in answer["data"]]
    steps = {after - before for before, after in pairwise(times[:-1])}
    assert len(steps) == 1
    assert times[-1] - times[-2] < steps.pop(), "the last point is what is known of the step that goes on"
    assert answer["data"][-1]["value"] == pytest.approx(times[-1])


# -- values ------------------------------------------------------------------------------------------------------------


def test_infinity_is_a_value_in_every_panel_and_in_the_api(four: FourSources) -> None:
    kinds = ("timeseries", "stat", "table", "bar", "statetimeline", "statushistory", "gauge", "bargauge", "pie")
    panels = [{"type": kind, "datasource": "prom", "query": "vector(1)/0"} for kind in kinds]
    found = four.panels(four.save(*panels, time=RECENT))
    assert {head["state"] for head in found.heads.values()} == {"ready"}
    for number in (5, 6):
        assert [state["text"] for state in found.texts(number)["states"]] == ["∞"]
    assert {point["value"] for point in four.ask("prom", "vector(1)/0", **RECENT)["data"]} == {"Infinity"}


def test_a_panel_draws_what_came_where_another_target_fails(four: FourSources) -> None:
    targets = [
        {"ref": "A", "datasource": "pg", "query": "SELECT 1 AS a"},
        {"ref": "B", "datasource": "pg", "query": "SELECT nope"},
    ]
    head = four.panels(four.save({"type": "table", "targets": targets})).heads["1"]
    assert head["state"] == "ready"
    assert "target B" in head["notice"]


def test_a_range_that_ends_before_it_begins_is_refused_as_it_is_saved(four: FourSources) -> None:
    body = {"title": "t", "time": {"from": "now", "to": "now-1h"}}
    refused = four.client.post("/api/v1/dashboards", json=body)
    assert (refused.status_code, refused.json()["path"]) == (422, "$.time")


@pytest.mark.parametrize(
    ("legend", "name"),
    [("", "sum(up)"), ("__auto", "sum(up)"), ("{{server,api}} of {{ job }}", " of "), ("all", "all")],
)
def test_a_series_without_labels_is_called_by_its_legend_or_by_what_was_asked(
    four: FourSources, legend: str, name: str
) -> None:
    panel = {"type": "timeseries", "targets": [{"datasource": "prom", "query": "sum(up)", "legend": legend}]}
    found = four.panels(four.save(panel, time=RECENT))
    assert [one["name"] for one in found.texts()["series"]] == [name]


def test_logs_keep_their_rows_beside_numbers(four: FourSources) -> None:
    sql = "SELECT ts, 'hello' AS message, v AS code FROM ev WHERE $__timeFilter(ts) ORDER BY ts"
    found = four.panels(four.save({"type": "logs", "datasource": "pg", "query": sql}), **HOURS)
    assert found.heads["1"]["state"] == "ready"
