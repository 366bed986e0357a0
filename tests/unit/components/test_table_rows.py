"""Which rows of a table a filter leaves, and their order: one table of cases for the server and for the page."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fixtures.scripts import SCRIPTS, ran

from heliograph.components.rows import SortColumn, matching, ordered
from heliograph.datasources.frame import objects

TABLE = json.loads((Path(__file__).parents[2] / "data/table_rows.json").read_text("utf-8"))
FILTERS, ORDERS = TABLE["filters"], TABLE["orders"]
IN_PAGE = f"""
import {{ fits, sorted }} from {json.dumps(str(SCRIPTS / "panels" / "table_rows.js"))};
const [{{ filters, orders }}] = given;
const words = {{ NaN, Infinity, "-Infinity": -Infinity }};
const values = (one) => (one.kind === "string" ? one.values : one.values.map((value) => words[value] ?? value));
const rows = (one) => [...one.values.keys()];
const left = (one, wanted) => rows(one).filter((row) => fits(values(one)[row], wanted, one.exact?.[row]));
console.log(JSON.stringify([
  filters.map((one) => Object.fromEntries(Object.keys(one.filters).map((wanted) => [wanted, left(one, wanted)]))),
  orders.map((one) => [1, -1].map((sign) => sorted(rows(one), values(one), one.exact, sign))),
]));
"""


def column(case: dict[str, Any]) -> SortColumn:
    exact = objects(case["exact"]) if "exact" in case else None
    values = case["values"]
    if case["kind"] in ("number", "time"):
        return SortColumn(case["kind"], np.array([float(value) for value in values]), exact)
    return SortColumn(case["kind"], objects(values), exact)


@pytest.mark.parametrize("case", FILTERS, ids=lambda case: case["about"])
def test_a_filter_leaves_the_same_rows_on_the_server(case: dict[str, Any]) -> None:
    found = {wanted: np.flatnonzero(matching(column(case), wanted)).tolist() for wanted in case["filters"]}
    assert found == case["filters"]


@pytest.mark.parametrize("case", ORDERS, ids=lambda case: case["about"])
def test_rows_have_the_same_order_on_the_server(case: dict[str, Any]) -> None:
    every = np.arange(len(case["values"]))
    found = [ordered(column(case), every, descending=down).tolist() for down in (False, True)]
    assert found == [case["up"], case["down"]]


def test_the_page_filters_and_orders_as_the_server_does() -> None:
    filters, orders = ran(IN_PAGE, TABLE)
    assert filters == [case["filters"] for case in FILTERS]
    assert orders == [[case["up"], case["down"]] for case in ORDERS]
