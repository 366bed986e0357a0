"""Pages of a long table over HTTP: for those who hold the view's token, with what is wrong named."""

from __future__ import annotations

import time
from typing import Any

import httpx
import pytest
from fixtures.product import Product

from heliograph.app.live.snapshot import decode_snapshot

ROWS = "select number as id, toString(number % 10) as digit from numbers(5000)"


@pytest.fixture(scope="module")
def opened(product: Product) -> dict[str, Any]:
    """A view of a long table and a text, its table drawn."""
    target = {"query": ROWS, "options": {"format": "table"}}
    panels = [
        {"panel_id": 1, "title": "Long", "type": "table", "targets": [target]},
        {"panel_id": 2, "title": "Text", "type": "text"},
    ]
    product.save({"dashboard_id": "long-rows", "title": "Long", "panels": panels})
    boot: dict[str, Any] = httpx.get(f"{product.url}/live/open?dashboard=long-rows", timeout=30).json()
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        head: dict[str, Any] = decode_snapshot(ask(product, boot, "panels", ids="1").content)[0]
        if head["panels"]["1"]["state"] == "ready":
            break
    return boot


def ask(
    product: Product, boot: dict[str, Any], what: str, token: str | None = None, **arguments: str
) -> httpx.Response:
    headers = {"X-Heliograph-Token": boot["token"] if token is None else token}
    return httpx.get(f"{product.url}/live/{boot['view']}/{what}", params=arguments, headers=headers, timeout=30)


def test_a_page_is_sorted_and_filtered_over_all_rows(product: Product, opened: dict[str, Any]) -> None:
    page = ask(product, opened, "rows", panel="1", page="1", sort="-id", filter='{"digit": "7"}').json()
    assert (page["page"], page["pages"], page["total"]) == (1, 5, 500)
    assert page["rows"]["c0"][:2] == [3997, 3987]
    assert page["rows"]["w1"][0] == "7"


@pytest.mark.parametrize(
    ("arguments", "status", "path"),
    [
        ({"panel": "x"}, 422, "$.panel"),
        ({"panel": "1", "page": "-1"}, 422, "$.page"),
        ({"panel": "1", "page": "9" * 40}, 422, "$.page"),
        ({"panel": "1", "filter": "[1]"}, 422, "$.filter"),
        ({"panel": "1", "filter": '{"id": 1}'}, 422, "$.filter"),
        ({"panel": "2"}, 404, None),
        ({"panel": "77"}, 404, None),
    ],
)
def test_what_is_wrong_with_a_page_is_named(
    product: Product, opened: dict[str, Any], arguments: dict[str, str], status: int, path: str | None
) -> None:
    answer = ask(product, opened, "rows", **arguments)
    assert (answer.status_code, answer.json().get("path")) == (status, path)


def test_rows_need_the_token_of_the_view(product: Product, opened: dict[str, Any]) -> None:
    assert ask(product, opened, "rows", token="", panel="1").status_code == 401
    assert ask(product, opened, "rows", token=opened["token"][:-2] + "xx", panel="1").status_code == 401
