"""A page over a real Prometheus that is killed and comes back: what is shown stays, and says how old it is."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from fixtures.product import Product, ProductMaker
from fixtures.prometheus import Prometheus
from fixtures.waiting import WAIT_MS
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser
NOTICE = re.compile(r"^Data source unavailable, data from (\d+) s ago$")
TICKS_AFTER = "(at) => window.heliograph.live.ticks.filter((tick) => tick.at > at).length"
NEWEST = """() => {
  const data = window.heliograph.panels.get(1).body.source.data;
  return Math.max(...Array.from(data instanceof Map ? data.get("t") : data.t));
}"""


def panel(number: int, query: str, **more: Any) -> dict[str, Any]:
    position = {"x": 0, "y": 10 * (number - 1), "w": 24, "h": 10}
    return {"panel_id": number, "title": f"Panel {number}", "type": "timeseries", "position": position, **more} | {
        "query": query if more.get("datasource") else {"metric": query}
    }


SMALL = {"x": 0, "y": 20, "w": 3, "h": 3}
# Whether all that a panel says of its state lies within it.
WITHIN = """(id) => {
  const section = document.querySelector(`section[data-panel-id="${id}"]`);
  const outer = section.getBoundingClientRect();
  const said = [...section.querySelectorAll(".badge, .message, .message *, h2")];
  return said.filter((one) => one.getClientRects().length).every((one) => {
    const { left, right, top, bottom } = one.getBoundingClientRect();
    return left >= outer.left - 1 && right <= outer.right + 1 && top >= outer.top - 1 && bottom <= outer.bottom + 1;
  });
}"""


DASHBOARD = {
    "dashboard_id": "outage",
    "title": "Outage",
    "time": {"from": "now-1m", "to": "now"},
    "refresh": "2s",
    "panels": [
        panel(1, "prometheus_tsdb_head_samples_appended_total", datasource="prom"),
        panel(2, "node_load1"),
        panel(3, "vector(42)", datasource="prom", type="stat", title="Samples", position=SMALL),
    ],
}


@pytest.fixture
def served(own_prometheus: Prometheus, make_product: ProductMaker, tmp_path: Path) -> Product:
    config = tmp_path / "heliograph.toml"
    config.write_text(
        f'anonymous_role = "viewer"\ncollect_host = true\n[[datasources]]\nuid = "prom"\ntype = "prometheus"\n'
        f'url = "{own_prometheus.url}"\noptions = {{ scrape_interval = "1s" }}\n'
    )
    product = make_product(HELIOGRAPH_CONFIG=str(config))
    product.save(DASHBOARD)
    return product


def test_while_its_source_is_down_a_panel_keeps_its_data_and_says_how_old_they_are(
    served: Product, own_prometheus: Prometheus, page: Page
) -> None:
    page.goto(f"{served.url}/d/outage")
    one, other = (page.locator(f'section[data-panel-id="{number}"]') for number in (1, 2))
    badge = one.locator(".badge")
    for section in (one, other):
        expect(section).to_have_attribute("data-panel-state", "ready", timeout=WAIT_MS)
    expect(one.locator("canvas").first).to_be_visible()
    own_prometheus.kill()
    expect(one).to_have_attribute("data-panel-state", "stale", timeout=WAIT_MS)
    expect(badge).to_have_text(NOTICE, timeout=WAIT_MS)
    expect(badge).to_be_visible()
    expect(one.locator("canvas").first).to_be_visible()
    first, drawn = age(badge.inner_text()), page.evaluate(NEWEST)
    page.wait_for_function(
        "(first) => Number(document.querySelector('section[data-panel-id=\"1\"] .badge').innerText"
        ".match(/from (\\d+) s/)[1]) >= first + 3",
        arg=first,
        timeout=WAIT_MS,
    )
    assert other.get_attribute("data-panel-state") == "ready", "another source's panel goes on"
    small = page.locator('section[data-panel-id="3"]')
    expect(small).to_have_attribute("data-panel-state", "stale", timeout=WAIT_MS)
    small.scroll_into_view_if_needed()
    assert page.evaluate(WITHIN, "3")
    assert small.locator("h2").evaluate("one => one.scrollWidth <= one.clientWidth"), "its title is whole"
    own_prometheus.start()
    back = page.evaluate("window.heliograph.live.ticks.at(-1).at")
    expect(one).to_have_attribute("data-panel-state", "ready", timeout=WAIT_MS)
    # The tick that was under way may have found it down, the next one has fresh data.
    assert page.evaluate(TICKS_AFTER, back) <= 2
    expect(badge).to_be_empty()
    assert page.evaluate(NEWEST) > drawn


def age(text: str) -> int:
    found = NOTICE.match(text.replace("\n", " "))
    assert found, text
    return int(found[1])
