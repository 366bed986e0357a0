"""Expressions over the answers of a running server: in panels, over the API, out of the range cache."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest
from fixtures.product import Product

API = "/api/v1"
LOAD = {"metric": "node_load1"}
TWICE = {"ref": "X", "datasource": "__expr__", "query": {"type": "math", "expression": "$A * 2"}}
LAST = {"ref": "Y", "datasource": "__expr__", "query": {"type": "reduce", "of": "X", "reducer": "last"}}


def ask(client: httpx.Client, *queries: dict[str, Any], **more: Any) -> httpx.Response:
    return client.post(f"{API}/query", json={"queries": list(queries), "from": "now-5m", "to": "now", **more})


def test_queries_may_be_over_each_other(editor: httpx.Client) -> None:
    found = ask(editor, TWICE, LAST, {"ref": "A", "query": LOAD}).json()["results"]
    given = [point["value"] for point in found["A"]["series"][0]["data"]]
    twice = [point["value"] for point in found["X"]["series"][0]["data"]]
    assert given
    assert twice == pytest.approx([None if value is None else 2 * value for value in given])
    [reduced] = found["Y"]["series"]
    assert [point["value"] for point in reduced["data"]] == [pytest.approx(twice[-1])]


def test_each_number_of_an_expression_is_told_with_its_labels(editor: httpx.Client) -> None:
    apart = {"metric": "node_cpu_seconds_total", "by": ["mode"], "agg": "max"}
    least = {"ref": "R", "datasource": "__expr__", "query": {"type": "reduce", "of": "A", "reducer": "min"}}
    above = {"ref": "T", "datasource": "__expr__", "query": {"type": "threshold", "of": "R", "above": -1}}
    found = ask(editor, {"ref": "A", "query": apart}, least, above).json()["results"]
    given = {one["labels"]["mode"]: one["data"] for one in found["A"]["series"]}
    assert len(given) > 1
    told = {
        ref: {one["labels"]["mode"]: [point["value"] for point in one["data"]] for one in found[ref]["series"]}
        for ref in ("R", "T")
    }
    assert told["T"] == {mode: [1] for mode in given}
    assert told["R"] == {
        mode: [pytest.approx(min(point["value"] for point in points if point["value"] is not None))]
        for mode, points in given.items()
    }


def test_what_expressions_are_over_comes_from_the_range_cache(editor: httpx.Client) -> None:
    asked = ({"ref": "A", "query": LOAD}, TWICE)
    more = {"inspect": True, "from": "now-6h", "to": "now-1h"}
    ask(editor, *asked, **more)
    seen = ask(editor, *asked, **more).json()["results"]["X"]["inspect"]
    assert (seen["cache"], seen["points_fetched"]) == ("hit", 0)
    assert "expression" in seen["stages_ms"]


@pytest.mark.parametrize(
    ("queries", "path", "words"),
    [
        ([TWICE], "$.queries[0].query", "X: no target is A"),
        ([{**TWICE, "query": "$Y"}, {**TWICE, "ref": "Y"}], "$.queries[1].query", "Y: no target is A"),
        ([{**TWICE, "query": "$Y"}, {**TWICE, "ref": "Y", "query": "$X"}], "$.queries[0].query", "refers to itself"),
        ([{**TWICE, "query": {"type": "nope"}}], "$.queries[0].query", "type: one of"),
    ],
)
def test_expressions_that_cannot_be_are_refused(
    editor: httpx.Client, queries: list[dict[str, Any]], path: str, words: str
) -> None:
    answer = ask(editor, *queries)
    assert (answer.status_code, answer.json()["path"]) == (422, path)
    assert words in answer.json()["detail"]


def test_one_query_alone_is_no_expression(editor: httpx.Client) -> None:
    answer = editor.post(f"{API}/query", json={"datasource": "__expr__", "query": "$A"})
    assert (answer.status_code, answer.json()["path"]) == (422, "$.queries")


def test_a_viewer_gets_what_a_panel_shows_and_nothing_hidden(product: Product, editor: httpx.Client) -> None:
    hidden = {"ref": "A", "query": LOAD, "hidden": True}
    panel = {"panel_id": 1, "type": "timeseries", "targets": [hidden, TWICE]}
    product.save({"dashboard_id": "expressions", "title": "Expressions", "panels": [panel]})
    with product.client("viewer") as viewer:
        asked = {"dashboard_id": "expressions", "panel_id": 1, "from": "now-5m"}
        found = viewer.post(f"{API}/query", json=asked).json()["results"]
    assert list(found) == ["X"]
    assert found["X"]["series"][0]["data"]


def test_a_dashboard_whose_expressions_run_in_a_circle_is_not_saved(editor: httpx.Client) -> None:
    circle = [{**TWICE, "query": "$Y"}, {**TWICE, "ref": "Y", "query": "$X"}]
    document = {"title": "Circle", "panels": [{"panel_id": 1, "type": "timeseries", "targets": circle}]}
    answer = editor.post(f"{API}/dashboards", json=document)
    assert (answer.status_code, answer.json()["path"]) == (422, "$.panels[0].targets[0].query")


def test_sql_joins_the_answers_of_others_in_the_work_role(editor: httpx.Client) -> None:
    pytest.importorskip("duckdb", reason="DuckDB is not installed: pip install 'heliograph[work]'")
    joined = "SELECT count(*) AS points, max(abs(b.value - 2 * a.value)) AS off FROM A a JOIN X b USING (time)"
    sql = {"ref": "S", "datasource": "__expr__", "query": {"type": "sql", "query": joined}}
    found = ask(editor, {"ref": "A", "query": LOAD}, TWICE, sql).json()["results"]
    [[points, off]] = found["S"]["rows"]
    assert points == sum(point["value"] is not None for point in found["A"]["series"][0]["data"])
    assert off == 0


async def test_one_editors_long_sql_leaves_the_others_theirs(product: Product) -> None:
    pytest.importorskip("duckdb", reason="DuckDB is not installed: pip install 'heliograph[work]'")
    endless = "SELECT sum(sin(n.range)) FROM range(1000000000000) n, A"
    load = {"ref": "A", "query": LOAD}

    async def asked(editor: httpx.AsyncClient, sql: str) -> Any:
        one = {"ref": "S", "datasource": "__expr__", "query": {"type": "sql", "query": sql}}
        answer = await editor.post(f"{API}/query", json={"queries": [load, one], "from": "now-5m", "to": "now"})
        return answer.json()["results"]["S"]

    async with product.async_client("editor") as greedy, product.async_client("editor") as other:
        tasks = [asyncio.create_task(asked(greedy, f"{endless} -- {number}")) for number in range(60)]
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        refused = [task.result()["error"] for task in done]
        assert {error["code"] for error in refused} == {"rate_limited"}, "there is room for so many of one person"
        assert "of yours" in refused[0]["detail"]
        for number in range(3):
            assert (await asked(other, f"SELECT {number} AS n FROM A LIMIT 1"))["rows"] == [[number]]
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
        assert (await asked(greedy, "SELECT 7 AS n FROM A LIMIT 1"))["rows"] == [[7]], "what nobody awaits is given up"


def test_sql_reaches_nothing_but_the_answers(editor: httpx.Client) -> None:
    pytest.importorskip("duckdb", reason="DuckDB is not installed: pip install 'heliograph[work]'")
    query = {"type": "sql", "query": "SELECT * FROM A, read_text('/etc/passwd')"}
    found = ask(editor, {"ref": "A", "query": LOAD}, {"ref": "S", "datasource": "__expr__", "query": query}).json()
    assert found["results"]["S"]["error"]["code"] == "source_error"
    assert "disabled by configuration" in found["results"]["S"]["error"]["detail"]
