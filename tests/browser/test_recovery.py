"""A tab that slept, and one whose server hangs: right again by itself."""

from __future__ import annotations

import contextlib
import signal
import time

import psutil
import pytest
from fixtures.product import Product
from fixtures.waiting import WAIT_MS
from playwright.sync_api import Page

from heliograph.app.auth.secret import Keys
from heliograph.app.auth.viewer_token import LIFE_S, ViewerTokens

pytestmark = pytest.mark.browser


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
    page.evaluate("window.heliograph.sight.fetch([8])")
    page.wait_for_function(
        "([at, token]) => window.heliograph.live.boot.token !== token"
        " && (window.heliograph.live.ticks.at(-1)?.at ?? 0) > at + 1000",
        arg=[at, old],
        timeout=WAIT_MS,
    )
    page.wait_for_function("() => document.documentElement.dataset.view === 'live'", timeout=WAIT_MS)
    assert page.evaluate("window.mark") == 1, "the page was not loaded again"


def test_a_tab_says_so_when_its_server_hangs_and_goes_on_once_it_answers(product: Product, page: Page) -> None:
    product.wait_until_ready()
    page.goto(f"{product.url}/d/host")
    page.wait_for_selector('section[data-panel-id="8"][data-panel-state="ready"]', timeout=WAIT_MS)
    page.wait_for_function("() => window.heliograph.live.ticks.length > 1", timeout=WAIT_MS)
    page.evaluate("window.mark = 1")
    assert product.process is not None
    (view,) = (one for one in psutil.Process(product.process.pid).children() if "view" in one.cmdline())
    view.send_signal(signal.SIGSTOP)
    try:
        page.wait_for_function("() => document.documentElement.dataset.view === 'reconnecting'", timeout=WAIT_MS)
    finally:
        with contextlib.suppress(psutil.NoSuchProcess):  # it was ended for its silence, and is started anew
            view.send_signal(signal.SIGCONT)
    at = page.evaluate("window.heliograph.live.ticks.at(-1)?.at ?? 0")
    page.wait_for_function(
        "(at) => document.documentElement.dataset.view === 'live' && window.heliograph.live.ticks.at(-1)?.at > at",
        arg=at,
        timeout=WAIT_MS,
    )
    assert page.evaluate("window.mark") == 1, "the page was not loaded again"
