"""How panels lay out what they show, as the page works it out."""

from __future__ import annotations

import json

import pytest
from fixtures.scripts import SCRIPTS, ran

from heliograph.components.units import TABLE

ROOM = {"narrow_px": 76, "row_px": 54}


@pytest.mark.parametrize(
    ("count", "width_px", "height_px", "columns"),
    [
        (1, 340, 110, 1),
        (4, 340, 600, 2),  # as many as are wide enough
        (4, 700, 600, 4),
        (5, 340, 110, 3),  # narrower, so that no row is cut
        (2, 170, 70, 2),
        (9, 170, 70, 2),  # narrower than narrow is no use: the rest is scrolled to
        (5, 340, None, 2),  # what grows with its rows cuts none
        (3, 0, 0, 1),
    ],
)
def test_values_stand_in_columns_so_that_no_row_is_cut(
    count: int, width_px: int, height_px: int | None, columns: int
) -> None:
    script = f"""
const {{ columnsFor }} = await import({json.dumps(str(SCRIPTS / "panels" / "even.js"))});
console.log(columnsFor(given[0], [given[1], given[2] ?? Infinity], 148, given[3]));
"""
    assert ran(script, count, width_px, height_px, ROOM) == columns


@pytest.mark.parametrize(
    ("rows", "height_px", "row_px"),
    [(1, 70, 54), (2, 70, 30), (2, 110, 54), (3, 70, 54), (1, 20, 54)],  # what is scrolled to may as well be large
)
def test_rows_are_low_where_all_are_seen_by_that(rows: int, height_px: int, row_px: int) -> None:
    script = f"""
const {{ rowFor }} = await import({json.dumps(str(SCRIPTS / "panels" / "even.js"))});
console.log(rowFor(given[0], given[1], {{ row_px: 54, tight_px: 30 }}));
"""
    assert ran(script, rows, height_px) == row_px


@pytest.mark.parametrize(
    ("count", "width_px", "height_px", "columns"),
    [(2, 144, 118, 2), (3, 200, 110, 3), (2, 300, 200, 2), (4, 300, 240, 2)],
)
def test_gauges_of_a_small_panel_stand_beside_each_other(
    count: int, width_px: int, height_px: int, columns: int
) -> None:
    script = f"""
globalThis.document = {{ getElementById: () => null, documentElement: {{ dataset: {{}} }}, addEventListener() {{}} }};
const {{ ARCS }} = await import({json.dumps(str(SCRIPTS / "panels" / "gauge.js"))});
const {{ columnsFor }} = await import({json.dumps(str(SCRIPTS / "panels" / "even.js"))});
console.log(columnsFor(given[0], [given[1], given[2]], ARCS.least_px, ARCS));
"""
    assert ran(script, count, width_px, height_px) == columns


@pytest.mark.parametrize(
    ("ticks", "unit", "texts", "of_all"),
    [
        ([20, 40, 60, 80], "s", ["20 s", "40 s", "1 min", "1.33 mins"], ""),
        ([0, 60, 120], "s", ["0", "1", "2"], "mins"),
        ([0, 1.5, 3, 4.5], "reqps", ["0", "1.5", "3", "4.5"], "req/s"),
    ],
)
def test_labels_share_a_unit_that_they_are_round_in(
    ticks: list[float], unit: str, texts: list[str], of_all: str
) -> None:
    script = f"""
const table = {{ id: "units", textContent: JSON.stringify(given[2]) }};
globalThis.document = {{ getElementById: () => table }};
const {{ axisTexts }} = await import({json.dumps(str(SCRIPTS / "numbers.js"))});
console.log(JSON.stringify(axisTexts(given[0], given[1], null)));
"""
    assert ran(script, ticks, unit, TABLE) == {"texts": texts, "unit": of_all}


def test_labels_of_the_largest_numbers_are_powers_of_ten() -> None:
    script = f"""
globalThis.document = {{ getElementById: () => null }};
const {{ axisTexts }} = await import({json.dumps(str(SCRIPTS / "numbers.js"))});
console.log(JSON.stringify(axisTexts(given[0], "none", null)));
"""
    assert ran(script, [0, 3.0000000000000002e301, -4e301]) == {"texts": ["0", "3e+301", "-4e+301"], "unit": ""}
