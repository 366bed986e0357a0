"""Scripts of a stranger in a browser: what a link says runs on no page, nor what gets into one by another way."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from fixtures.product import Product
from playwright.sync_api import BrowserContext, Page

BOARD = {
    "dashboard_id": "linked",
    "title": "Linked",
    "panels": [{"panel_id": 1, "type": "text", "title": "$v", "options": {"content": "$v"}}],
    "variables": [{"name": "v", "type": "textbox"}],
}
PAGES = (
    "/", "/login", "/password", "/new", "/dashboards", "/explore", "/nothing", "/account", "/settings",
    "/d/linked", "/d/linked/edit", "/d-solo/linked", "/d/linked/bokeh",
)  # fmt: skip
NAMES = (
    "bokeh-autoload-element", "bokeh-app-path", "bokeh-absolute-url", "bokeh-session-id", "from", "to", "refresh", "tz",
    "theme", "viewPanel", "var-v", "next", "query", "tag", "folder", "x",
)  # fmt: skip
BREAKOUTS = (
    'x"+(document.title="mine")+"',
    "x');document.title='mine';('",
    "</script><script>document.title='mine'</script>",
    '"><img src=x onerror="document.title=\'mine\'">',
    "javascript:document.title='mine'",
    "${document.title='mine'}",
)
INLINE = """() => {
  const script = document.createElement("script");
  script.textContent = "document.title = 'mine'";
  document.head.append(script);
  const image = document.createElement("img");
  image.setAttribute("onerror", "document.title = 'mine'");
  document.body.append(image);
  image.dispatchEvent(new Event("error"));
  return document.title;
}"""


@pytest.fixture(scope="module")
def linked(product: Product) -> Product:
    product.save(BOARD)
    return product


@pytest.fixture(scope="module")
def token(linked: Product) -> str:
    made: str = linked.token("editor")
    return made


@pytest.mark.browser
@pytest.mark.parametrize("path", PAGES)
def test_what_a_link_says_does_not_run(linked: Product, token: str, page: Page, path: str) -> None:
    page.set_extra_http_headers({"Authorization": f"Bearer {token}"})
    for breakout in BREAKOUTS:
        query = "&".join(f"{name}={quote(breakout)}" for name in NAMES)
        page.goto(f"{linked.url}{path}?{query}", wait_until="load")
        page.wait_for_function("() => document.readyState === 'complete'")
        assert page.title() != "mine", breakout
        assert page.evaluate("document.querySelectorAll('img[src=x]').length") == 0


@pytest.mark.browser
@pytest.mark.parametrize("path", PAGES)
def test_a_script_that_got_into_a_page_does_not_run(
    linked: Product, token: str, context: BrowserContext, path: str
) -> None:
    context.set_extra_http_headers({"Authorization": f"Bearer {token}"})
    page = context.new_page()
    answer = page.goto(f"{linked.url}{path}", wait_until="load")
    assert answer is not None
    policy = [part.strip() for part in answer.headers["content-security-policy"].split(";")]
    assert "script-src 'self'" in policy  # and nothing more: no inline script, no eval
    assert page.evaluate(INLINE) != "mine"
