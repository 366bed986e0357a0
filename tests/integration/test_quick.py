"""Snapshots that are at hand are answered at once: with the same bytes, headers and refusals as by their handler."""

from __future__ import annotations

import re
import time
from typing import Any

import httpx
import pytest
from fixtures.product import Product

LOAD = {
    "dashboard_id": "quick",
    "title": "Quick",
    "panels": [{"panel_id": 1, "title": "Load", "type": "timeseries", "query": {"metric": "node_load1"}}],
    "time": {"from": "now-1m", "to": "now"},
    "refresh": "30s",
}


@pytest.fixture(scope="module")
def boot(product: Product) -> dict[str, Any]:
    product.save(LOAD)
    return dict(httpx.get(f"{product.url}/live/open?dashboard=quick").json())


def snapshot(product: Product, boot: dict[str, Any], **changed: Any) -> httpx.Response:
    headers = {"X-Heliograph-Token": boot["token"], "Accept-Encoding": "identity", **changed.pop("headers", {})}
    return httpx.get(f"{product.url}/live/{boot['view']}/panels", params={"ids": "1", **changed}, headers=headers)


def drawn(product: Product, boot: dict[str, Any]) -> httpx.Response:
    """A snapshot with the panel's data: from then on it is at hand until the next tick."""
    deadline = time.monotonic() + 30
    while b'"state":"ready"' not in (answer := snapshot(product, boot)).content.replace(b" ", b""):
        assert time.monotonic() < deadline, answer.content[:300]
        time.sleep(0.2)
    return answer


def counted(product: Product) -> float:
    text = httpx.get(f"{product.url}/metrics").text
    found = re.search(r'^heliograph_http_requests_total\{route="snapshot",status="200"\} ([\d.e+]+)$', text, re.M)
    return float(found[1]) if found else 0.0


def test_what_is_at_hand_has_the_same_bytes_and_headers(product: Product, boot: dict[str, Any]) -> None:
    first = drawn(product, boot)
    before = counted(product)
    with httpx.Client() as client:  # over one connection that is kept
        headers = {"X-Heliograph-Token": boot["token"], "Accept-Encoding": "identity"}
        again = [client.get(f"{product.url}/live/{boot['view']}/panels?ids=1", headers=headers) for _ in range(3)]
    assert counted(product) >= before + 3
    for answer in again:
        assert answer.content == first.content
        assert answer.headers.keys() == first.headers.keys()
        assert answer.headers["content-security-policy"] == first.headers["content-security-policy"]
        assert answer.headers["cache-control"] == "private, no-store"
    packed = snapshot(product, boot, headers={"Accept-Encoding": "gzip"})
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.content == first.content
    raw = snapshot(product, boot, headers={"Accept-Encoding": "gzip"})
    assert int(raw.headers["content-length"]) < len(first.content)


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({"headers": {"X-Heliograph-Token": ""}}, 401),
        ({"headers": {"X-Heliograph-Token": "forged.token"}}, 401),
        ({"ids": "1,x"}, 422),
        ({"ids": ""}, 422),
    ],
)
def test_what_is_refused_is_refused_though_it_is_at_hand(
    product: Product, boot: dict[str, Any], changed: dict[str, Any], status: int
) -> None:
    drawn(product, boot)
    assert snapshot(product, boot, **changed).status_code == status


def test_another_views_token_opens_nothing(product: Product, boot: dict[str, Any]) -> None:
    drawn(product, boot)
    other = httpx.get(f"{product.url}/live/open?dashboard=quick&from=now-2m").json()
    assert snapshot(product, {**boot, "token": other["token"]}).status_code == 401


def test_a_post_is_not_answered_as_a_get(product: Product, boot: dict[str, Any]) -> None:
    drawn(product, boot)
    headers = {"X-Heliograph-Token": boot["token"]}
    assert httpx.post(f"{product.url}/live/{boot['view']}/panels?ids=1", headers=headers).status_code == 405


def test_columns_that_somebody_looked_at_are_at_hand_for_all(product: Product, boot: dict[str, Any]) -> None:
    drawn(product, boot)
    end = int(time.time() * 1000) - 120_000  # settled: it is good for a minute
    where = {"panels": "1", "from": str(end - 300_000), "to": str(end)}

    def columns(packing: str, **changed: Any) -> httpx.Response:
        headers = {"X-Heliograph-Token": boot["token"], "Accept-Encoding": packing, **changed.pop("headers", {})}
        return httpx.get(f"{product.url}/live/{boot['view']}/columns", params=where | changed, headers=headers)

    first = columns("identity")
    assert first.status_code == 200
    for again in (columns("identity"), columns("gzip"), columns("gzip")):
        assert again.content == first.content
        assert again.headers.keys() - {"content-encoding"} == first.headers.keys()
        assert again.headers["cache-control"] == "private, no-store"
    assert columns("identity", **{"from": "now-5m", "to": "now"}).status_code == 200
    assert columns("identity", panels="1,999").status_code == 404
    assert columns("identity", to=where["from"]).status_code == 422
    assert columns("identity", headers={"X-Heliograph-Token": "forged.token"}).status_code == 401
