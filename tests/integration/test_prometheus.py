"""The demo over a real Prometheus: its dashboard, and what becomes of it when the source dies, hangs and comes back."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from fixtures.product import EMBEDDED, Product
from fixtures.prometheus import Prometheus, started

from heliograph.app.live.snapshot import decode_snapshot

QUERY = "/api/v1/query"
SERIES_IN_MEMORY, SCRAPES = 3, 7
WITHIN_S = 60


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prometheus]:
    running = started(tmp_path_factory.mktemp("prometheus"))
    yield running
    running.stop()


@pytest.fixture(scope="module")
def demo(source: Prometheus, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    pytest.importorskip("chdb", reason=EMBEDDED)
    verb = ("demo", "--prometheus", source.url, "--no-browser-hint")
    running = Product(tmp_path_factory.mktemp("demo") / "data", verb=verb).start()
    yield running
    running.stop()


@pytest.fixture
def viewer(demo: Product) -> Iterator[httpx.Client]:
    """Somebody who did not log in."""
    with httpx.Client(base_url=demo.url, timeout=60) as client:
        yield client


def ask(viewer: httpx.Client, panel: int, dashboard: str = "prometheus", **changes: Any) -> dict[str, Any]:
    body = {"dashboard_id": dashboard, "panel_id": panel, "from": "now-1m", "to": "now", **changes}
    answer: dict[str, Any] = viewer.post(QUERY, json=body).json()["results"]["A"]
    return answer


def until(test: Callable[[], bool]) -> None:
    deadline = time.monotonic() + WITHIN_S
    while not test():
        assert time.monotonic() < deadline
        time.sleep(0.5)


def panel_head(viewer: httpx.Client, panel: int) -> dict[str, Any]:
    """What the page is told of a panel of the live view."""
    boot = viewer.get("/live/open", params={"dashboard": "prometheus", "from": "now-1m", "refresh": "5s"}).json()
    answer = viewer.get(
        f"/live/{boot['view']}/panels", params={"ids": panel}, headers={"X-Heliograph-Token": boot["token"]}
    )
    panels = decode_snapshot(answer.content)[0]["panels"]
    assert isinstance(panels, dict)
    head: dict[str, Any] = panels[str(panel)]
    return head


def test_the_demo_shows_the_prometheus_that_it_is_given(viewer: httpx.Client) -> None:
    until(lambda: bool(ask(viewer, SERIES_IN_MEMORY)["series"]))  # once Prometheus has scraped itself
    answer = ask(viewer, SERIES_IN_MEMORY)
    assert answer["series"][0]["data"][-1]["value"] > 0
    assert ask(viewer, SCRAPES)["series"]
    dashboard = viewer.get("/api/v1/dashboards/prometheus").json()
    assert {target["datasource"] for panel in dashboard["panels"] for target in panel["targets"]} == {"prometheus"}


def test_a_variable_asks_what_the_panels_ask_where_it_names_no_source(demo: Product, viewer: httpx.Client) -> None:
    document = {
        "dashboard_id": "of-one-source", "title": "Of one source",
        "variables": [{"name": "job", "type": "query", "query": "label_values(up, job)"}],
        "panels": [{"panel_id": 1, "type": "timeseries", "datasource": "prometheus", "query": 'up{job="$job"}'}],
    }  # fmt: skip
    demo.save(document)
    until(lambda: bool(ask(viewer, 1, "of-one-source").get("series")))  # once Prometheus has scraped itself
    answer = ask(viewer, 1, "of-one-source", variables={"job": ["prometheus"]})
    assert [one["labels"]["job"] for one in answer["series"]] == ["prometheus"]


def test_panels_keep_their_data_while_the_source_is_dead_and_are_fresh_once_it_is_back(
    viewer: httpx.Client, source: Prometheus
) -> None:
    until(lambda: bool(ask(viewer, SERIES_IN_MEMORY)["series"]))
    assert "stale" not in ask(viewer, SERIES_IN_MEMORY)
    until(lambda: panel_head(viewer, SERIES_IN_MEMORY)["state"] == "ready")
    source.kill()
    until(lambda: "stale" in ask(viewer, SERIES_IN_MEMORY))
    stale = ask(viewer, SERIES_IN_MEMORY)
    assert stale["series"][0]["data"]
    assert stale["stale"]["age_s"] > 0
    until(lambda: panel_head(viewer, SERIES_IN_MEMORY)["state"] == "stale")
    assert panel_head(viewer, SERIES_IN_MEMORY)["age_s"] > 0
    assert ask(viewer, 2, "host")["series"]  # the store's panels are as they were
    source.start()
    until(lambda: "stale" not in ask(viewer, SERIES_IN_MEMORY))
    until(lambda: panel_head(viewer, SERIES_IN_MEMORY)["state"] == "ready")


def test_a_source_that_hangs_holds_up_nobody_but_those_who_ask_it(viewer: httpx.Client, source: Prometheus) -> None:
    found: dict[str, Any] = {}

    def wait() -> None:
        found.update(
            ask(viewer, SCRAPES, max_points=77)
        )  # nobody has asked this before: there is nothing to fall back on

    until(lambda: bool(ask(viewer, SCRAPES)["series"]) and "stale" not in ask(viewer, SCRAPES))
    source.freeze()
    try:
        waiting = threading.Thread(target=wait)
        waiting.start()
        for _ in range(5):
            assert ask(viewer, 2, "host")["series"]
        assert waiting.is_alive()
        waiting.join(60)
        assert found["error"]["code"] == "source_timeout"
    finally:
        source.thaw()
    assert ask(viewer, SCRAPES, max_points=78)["series"]
