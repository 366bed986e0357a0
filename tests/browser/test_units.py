"""The page writes numbers as the server does: units.js over the same table and the same rows."""

from __future__ import annotations

import json
from pathlib import Path

from playwright.sync_api import Page, Route

from heliograph.components.units import TABLE, format_value

ROOT = Path(__file__).parents[2]
ROWS = json.loads((ROOT / "tests/data/units.json").read_text("utf-8"))["rows"]
ORIGIN = "http://heliograph.test"
CHECK = """async ([table, rows]) => {
  const { formatValue } = await import('/js/units.js');
  const { setZone } = await import('/js/zone.js');
  setZone('utc');
  const numbers = { '@NaN': NaN, '@Infinity': Infinity, '@-Infinity': -Infinity, '@-0': -0 };
  const wrong = [];
  for (const [unit, value, decimals, ...expected] of rows) {
    const { prefix, text, suffix } = formatValue(numbers[value] ?? value, unit, decimals, table, 1e12);
    const shown = prefix + text + suffix;
    if (shown !== expected.join('')) wrong.push([unit, value, decimals, shown, expected]);
  }
  return wrong;
}"""


def serve(route: Route) -> None:
    """The page's own scripts, and an empty page beside them."""
    path = route.request.url.removeprefix(ORIGIN)
    if path.startswith("/js/"):
        route.fulfill(path=ROOT / "app/pages/static" / path.removeprefix("/"), content_type="text/javascript")
    else:
        route.fulfill(body="<!doctype html><title>units</title>", content_type="text/html")


def test_the_page_writes_every_row_as_the_server_does(page: Page) -> None:
    page.route(f"{ORIGIN}/**", serve)
    page.goto(f"{ORIGIN}/")
    numbers = [row for row in ROWS if row[1] is not None]
    assert page.evaluate(CHECK, [dict(TABLE), numbers]) == []
    assert len(numbers) > 5000


# 1e100 in units of a quadrillionth differs in its last digit: powers of ten are no doubles.
HUGE = [1e21, 1.5e25, -3e30, 123_456_789_012_345_680, 1e15 + 0.5]


def test_the_page_writes_numbers_of_any_size_as_the_server_does(page: Page) -> None:
    page.route(f"{ORIGIN}/**", serve)
    page.goto(f"{ORIGIN}/")
    rows = []
    for unit in TABLE:
        for value in HUGE:
            for decimals in (None, 0, 3):
                found = format_value(value, unit, decimals, now_ms=1e12)
                rows.append([unit, value, decimals, found.prefix, found.text, found.suffix])
    assert page.evaluate(CHECK, [dict(TABLE), rows]) == []
