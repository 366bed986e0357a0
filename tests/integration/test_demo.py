"""The demo as somebody meets it who runs it for the first time, and for the second."""

from __future__ import annotations

import re
from collections.abc import Iterator

import httpx
import pytest
from fixtures.product import EMBEDDED, Product
from fixtures.waiting import wait

LINE = re.compile(r"^  \S")  # what is for people stands apart


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    pytest.importorskip("chdb", reason=EMBEDDED)
    running = Product(tmp_path_factory.mktemp("demo") / "data", verb=("demo",)).start()
    yield running
    running.stop()


def said(demo: Product) -> list[str]:
    lines: list[str] = []

    def told() -> bool:
        lines[:] = [line for line in demo.log.read_text("utf-8").splitlines() if line]
        return any("Try:" in line for line in lines)

    wait(told, "the greeting")
    return lines


def test_the_demo_opens_full_and_says_how_to_begin(demo: Product) -> None:
    boot = httpx.get(f"{demo.url}/live/open?dashboard=host").json()
    assert boot["range"]["from"] in ("now-15s", "now-30s", "now-1m"), "as long as there is data for"
    assert boot["widens_in_s"] > 0
    chosen = httpx.get(f"{demo.url}/live/open?dashboard=host&from=now-1h&to=now").json()
    assert (chosen["range"]["from"], chosen["widens_in_s"]) == ("now-1h", None)
    first = httpx.get(f"{demo.url}/api/v1/dashboards?order=changed").json()["items"][0]
    assert first["dashboard_id"] == "host"
    lines = said(demo)
    assert all(LINE.match(line) for line in lines), lines
    start, where, who, what = lines
    assert "starting" in start
    assert f"{demo.url}/d/host/this-machine" in where
    assert re.search(r"sign in as admin with \S{12,} \(shown this once\)", who)
    assert "Try:" in what


def test_heliographs_own_counters_are_there_before_anything_happened(demo: Product) -> None:
    query = {"metric": "heliograph_shed_total", "agg": "sum", "by": ["reason"], "over": "last"}
    asked = {"datasource": "store", "query": query, "from": "now-5m", "to": "now"}

    def reasons() -> set[str]:
        with demo.client("editor") as client:
            answer = client.post("/api/v1/query", json=asked).json()
        return {one["labels"].get("reason", "") for one in answer.get("series", [])}

    wait(lambda: {"viewers", "opens"} <= reasons(), "counters at zero")


def shop_answers(demo: Product) -> bool:
    """Whether the chart of "Orders" has what SQL, the API and the store know."""
    asked = {"dashboard_id": "orders", "panel_id": 5, "from": "now-1h", "to": "now"}
    results = httpx.post(f"{demo.url}/api/v1/query", json=asked, timeout=60).json()["results"]
    return set(results) == {"A", "B", "C"} and all(one.get("series") for one in results.values())


def test_a_second_start_says_how_one_signs_in_and_a_taken_port_how_to_take_another(demo: Product) -> None:
    demo.stop()
    demo.log.write_text("", "utf-8")
    demo.start()
    assert any("heliograph user passwd admin" in line for line in said(demo))
    wait(lambda: shop_answers(demo), "the demo's shop, which has another address now")
    taken = demo.command("demo", "--port", str(demo.port))
    assert taken.returncode == 1
    assert "PORT=" in taken.stderr
