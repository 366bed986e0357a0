"""What a viewer writes into a text box, in every format that quotes, through the running product: a value, no query."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from fixtures.postgres import Postgres
from fixtures.product import Product
from fixtures.prometheus import Prometheus

VALUES = (
    "it's",
    "\\",
    "\\' union all select arrayMap(file, [$$/etc/hostname$$])[1] -- ",
    "' or 1=1 -- ",
    "\\' or 1=1 -- ",
    '"',
    '\\"',
    '"} or up{x="',
    "''",
    "*/ or 1=1 /*",
    "--",
    "#",
    "{#",
    "\n",
    "$$",
    "$q$",
    "\u2019",
    "\u2018 or 1=1 -- ",
    "${x}",
    "[[x]]",
    "E'",
    "%s",
    "a,b",
    "`",
    "é",
    "]",
    ") or (1=1",
)
SQL = {
    "${x:sqlstring}": "{}",
    "${x:singlequote}": "{}",
    "$x": "{}",
    "'$x'": "{}",
    "'${x:csv}'": "{}",
    "[[x]]": "{}",
    "/* it's */ $x": "{}",
    "-- it's the name\n $x": "{}",
}
OF_CLICKHOUSE = {"# it's the name\n $x": "{}"}
PROMQL = ('"$x"', "'$x'", "${x:doublequote}", '"${x:csv}"')
FORMS = {"store": SQL | OF_CLICKHOUSE, "clickhouse": SQL | OF_CLICKHOUSE, "postgres": SQL}


@pytest.fixture(scope="module", autouse=True)
def _sources(product: Product, postgres_server: Postgres, prometheus: Prometheus) -> None:
    """A data source of each language, made as an admin makes them."""
    trust = {"allow_superuser": True}
    store = (product.data_dir / "store.url").read_text().strip()
    sources = {
        "postgres": ("postgresql", postgres_server.create("values_of_viewers"), trust),
        "clickhouse": ("clickhouse", store, trust),
        "prom": ("prometheus", prometheus.url, {}),
    }
    with product.client("admin") as admin:
        for name, (kind, url, options) in sources.items():
            body = {"uid": f"values-{name}", "name": f"values-{name}", "type": kind, "url": url, "options": options}
            answer = admin.post("/api/v1/datasources", json=body)
            assert answer.status_code == 201, answer.text


@pytest.fixture(scope="module")
def ask(product: Product) -> Iterator[Callable[..., dict[str, Any]]]:
    """Asks the panels of a dashboard as somebody who did not log in."""
    with httpx.Client(base_url=product.url, timeout=60) as viewer:

        def asked(dashboard_id: str, panel_id: int, value: str) -> dict[str, Any]:
            body = {"dashboard_id": dashboard_id, "panel_id": panel_id, "variables": {"x": value}}
            answer = viewer.post("/api/v1/query", json=body)
            assert answer.status_code == 200, (value, answer.text)
            results: dict[str, Any] = answer.json()["results"]["A"]
            return results

        yield asked


def board(dashboard_id: str, source: str, queries: list[str]) -> dict[str, Any]:
    panels = [
        {"panel_id": number, "type": "table", "datasource": source, "query": query}
        for number, query in enumerate(queries, 1)
    ]
    return {
        "dashboard_id": dashboard_id,
        "title": "V",
        "variables": [{"name": "x", "type": "textbox"}],
        "panels": panels,
    }


@pytest.mark.parametrize("source", FORMS)
def test_sql_answers_the_value_itself(product: Product, ask: Callable[..., dict[str, Any]], source: str) -> None:
    forms = FORMS[source]
    datasource = source if source == "store" else f"values-{source}"
    product.save(board(f"values-{source}", datasource, [f"SELECT {form} AS v" for form in forms]))
    for number, form in enumerate(forms, 1):
        for value in VALUES:
            assert ask(f"values-{source}", number, value).get("rows") == [[value]], (form, value)


def test_promql_answers_the_value_itself(product: Product, ask: Callable[..., dict[str, Any]]) -> None:
    queries = [f'label_replace(vector(1), "v", {form}, "", "")' for form in PROMQL]
    product.save(board("values-prom", "values-prom", queries))
    for number, form in enumerate(PROMQL, 1):
        for value in VALUES:
            if "$" in value:
                continue  # names a group of the pattern, to label_replace itself
            found = ask("values-prom", number, value)
            assert [one["labels"] for one in found["series"]] == [{"v": value}], (form, value, found)


def test_a_value_that_is_no_option_is_not_taken_where_the_options_cannot_be_had(
    product: Product, ask: Callable[..., dict[str, Any]]
) -> None:
    variables = [
        {"name": "t", "type": "textbox"},
        {"name": "w", "type": "query", "datasource": "store", "query": "select toString(intDiv(1, length('$t')))"},
    ]
    panel = {"panel_id": 1, "type": "table", "datasource": "store", "query": "select ${w:raw} as v"}
    document = {"dashboard_id": "values-raw", "title": "R", "variables": variables, "panels": [panel]}
    product.save(document)
    asked = {"t": "", "w": "arrayMap(x -> x, ['pwned'])"}
    body = {"dashboard_id": "values-raw", "panel_id": 1, "variables": asked}
    answer = httpx.post(f"{product.url}/api/v1/query", json=body, timeout=60)
    assert "pwned" not in answer.text.replace("arrayMap(x -> x, ['pwned'])", "")


def test_a_dashboard_made_again_under_the_same_id_answers_for_itself_alone(product: Product) -> None:
    with product.client("editor") as editor, httpx.Client(base_url=product.url, timeout=60) as viewer:
        views: list[str] = []
        for word in ("first", "second", "third"):
            document = board("again", "store", [f"select '{word}' as v"])
            document["title"] = f"Title {word}"
            editor.delete("/api/v1/dashboards/again")
            assert editor.post("/api/v1/dashboards", json=document).status_code == 201
            for _ in range(2):
                answer = viewer.post("/api/v1/query", json={"dashboard_id": "again", "panel_id": 1})
                assert answer.json()["results"]["A"]["rows"] == [[word]]
                opened = viewer.get("/live/open?dashboard=again").json()
                assert opened["version"] == 1
                token = {"X-Heliograph-Token": opened["token"]}
                panels = viewer.get(f"/live/{opened['view']}/panels?ids=1", headers=token)
                assert panels.status_code == 200
                views.append(opened["view"])
                assert f"Title {word}" in viewer.get("/d/again").text
    assert len(set(views)) == 3  # each has views of its own, though all are version 1
