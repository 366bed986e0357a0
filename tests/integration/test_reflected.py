"""Nothing of a request stands in a script: every page and script, asked with a mark in all parts of a request."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from fixtures.product import Product
from fixtures.routes import addresses

MARK = "mArK7"
BREAKOUT = f"""{MARK}"+(document.title="{MARK}")+"'</script><script>{MARK}</script>`${{{MARK}}}\\u0022"""
BOARD = {"dashboard_id": "reflected", "title": "R", "panels": [], "variables": [{"name": "v", "type": "textbox"}]}
NAMES = ("from", "to", "refresh", "tz", "theme", "kiosk", "viewPanel", "var-v", "next", "tag", "folder", "x")
BOKEH = ("bokeh-autoload-element", "bokeh-app-path", "bokeh-absolute-url", "bokeh-session-id", "bokeh-protocol-version")
PAGES = (*addresses("reflected"), "/nothing", "/d/nothing", "/d/nothing/bokeh")


class Scripts(HTMLParser):
    """What a browser would run of a page: scripts that are no data, and event handlers; addresses of scripts too."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        self._inside = tag == "script" and said.get("type", "") not in ("application/json",)
        self.found += [value for name, value in said.items() if name.startswith("on") or (tag == "script")]
        self.found += [value for value in said.values() if value.lower().lstrip().startswith("javascript:")]

    def handle_endtag(self, tag: str) -> None:
        self._inside = self._inside and tag != "script"

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.found.append(data)


def runs(answer: httpx.Response) -> list[str]:
    """What of an answer a browser would run."""
    kind = answer.headers.get("Content-Type", "")
    if "javascript" in kind:
        return [answer.text]
    if "html" not in kind:
        return []
    parser = Scripts()
    parser.feed(answer.text)
    return parser.found


@pytest.fixture(scope="module")
def client(product: Product) -> Iterator[httpx.Client]:
    product.save(BOARD)
    with product.client("editor") as made:
        yield made


@pytest.mark.parametrize("path", PAGES)
def test_nothing_that_was_asked_stands_in_what_a_browser_runs(client: httpx.Client, path: str) -> None:
    headers = {"Cookie": f"theme={MARK}; heliograph_session={MARK}", "Referer": f"http://{MARK}/", "User-Agent": MARK}
    asked = [f"{path}?{quote(name)}={quote(BREAKOUT)}" for name in (*NAMES, *BOKEH)]
    asked += [f"{path}?bokeh-autoload-element=document&{name}={quote(BREAKOUT)}" for name in (*NAMES, *BOKEH)]
    asked += [f"{path}?{quote(BREAKOUT)}={quote(BREAKOUT)}", f"{path}/{quote(BREAKOUT, safe='')}"]
    for address in asked:
        for more in ({}, {"X-Forwarded-Host": MARK}, {"Host": MARK}, {"X-Forwarded-Proto": MARK}):
            answer = client.get(address, headers={**headers, **more})
            assert answer.status_code != 500, (address, answer.text)
            assert "script-src 'self'" in answer.headers["Content-Security-Policy"]
            assert not [text for text in runs(answer) if MARK.lower() in text.lower()], address


@pytest.mark.parametrize(
    "query",
    [
        "bokeh-autoload-element=x%22%2B(document.title=%22mine%22)%2B%22",
        "bokeh-autoload-element=",
        "bokeh-autoload-element=1a",
        "bokeh-autoload-element=a%0A",
        "bokeh-autoload-element=%C3%A9",
        f"bokeh-autoload-element={'a' * 101}",
        "bokeh-autoload-element=a&bokeh-app-path=/d/other/bokeh",
        "bokeh-autoload-element=a&bokeh-app-path=//evil.example/d/reflected/bokeh",
        "bokeh-autoload-element=a&bokeh-app-path=%22%2Balert(1)%2B%22",
        "bokeh-autoload-element=a&bokeh-absolute-url=https://evil.example/d/reflected/bokeh",
        "bokeh-autoload-element=a&bokeh-absolute-url=//%5B",
        "bokeh-autoload-element=a&bokeh-absolute-url=javascript:alert(1)",
        "bokeh-autoload-element=good&bokeh-autoload-element=%22bad",
    ],
)
def test_the_arguments_of_an_embedded_view_are_ours_or_refused(client: httpx.Client, query: str) -> None:
    answer = client.get(f"/d/reflected/bokeh/autoload.js?{query}")
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")


def test_a_stock_page_embeds_a_view_by_its_own_address(client: httpx.Client, product: Product) -> None:
    own = "/d/reflected/bokeh"
    said: dict[str, Any] = {"bokeh-autoload-element": "p1001", "bokeh-app-path": own}
    answer = client.get(f"{own}/autoload.js", params={**said, "bokeh-absolute-url": f"{product.url}{own}"})
    assert answer.status_code == 200
    assert f'"absolute":"{product.url}{own}"' in answer.text
    assert re.search(r'"element":"p1001"', answer.text)
