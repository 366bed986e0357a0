"""A tab that slept: its token is past its life, its socket gone. It is right again by itself."""

from __future__ import annotations

import time

import pytest
from fixtures.product import Product
from playwright.sync_api import Page

from heliograph.app.auth.secret import Keys
from heliograph.app.auth.viewer_token import LIFE_S, ViewerTokens

pytestmark = pytest.mark.browser
WAIT_MS = 30_000


def test_after_the_life_of_its_token_a_tab_goes_on_with_a_fresh_one(product: Product, page: Page) -> None:
    page.goto(f"{product.url}/d/host")
    page.wait_for_selector('section[data-panel-id="8"][data-panel-state="ready"]', timeout=WAIT_MS)
    page.evaluate("window.mark = 1")
    view = page.evaluate("window.heliograph.live.boot.view")
    keys = Keys.derive((product.data_dir / "secret.key").read_text().strip())
    old = ViewerTokens(keys.viewer).issue(view, "anonymous", "", time.time() - LIFE_S - 1)
    at = page.evaluate(
        "(token) => { const live = window.heliograph.live; live.boot.token = token; live.socket.close();"
        " return live.ticks.at(-1)?.at ?? 0; }",
        old,
    )
    refused = page.evaluate(
        "([view, token]) => fetch(`/live/${view}/panels?ids=8`, {headers: {'X-Heliograph-Token': token}})"
        ".then((answer) => answer.status)",
        [view, old],
    )
    assert refused == 401
    page.evaluate("window.heliograph.fetch([8])")
    page.wait_for_function(
        "([at, token]) => window.heliograph.live.boot.token !== token"
        " && (window.heliograph.live.ticks.at(-1)?.at ?? 0) > at + 1000",
        arg=[at, old],
        timeout=WAIT_MS,
    )
    page.wait_for_function("document.documentElement.dataset.view === 'live'", timeout=WAIT_MS)
    assert page.evaluate("window.mark") == 1, "the page was not loaded again"
