"""Two nodes over one PostgreSQL, one Redis and one store: a tab that was opened on one goes on on the other."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from fixtures.browser import await_tick
from fixtures.naming import fresh
from fixtures.product import Product, ProductMaker, free_port
from fixtures.redis import RedisServer
from fixtures.waiting import WAIT_MS
from playwright.sync_api import Browser, Page, expect

pytestmark = pytest.mark.browser
PANELS = 6
# The values of each panel's own series, which no other panel has.
OWN_DATA = """() => [...window.heliograph.panels.values()].map((panel) => {
  const data = panel.body?.source?.data;
  const columns = data instanceof Map ? Object.fromEntries(data) : data ?? {};
  return [panel.id, panel.section.dataset.panelState, Array.from(columns.s0 ?? []).at(-1)];
})"""


class Balancer:
    """A TCP balancer in a thread: sends each connection to the node that it is told to, and cuts those there are."""

    def __init__(self, port: int) -> None:
        self.port = free_port()
        self.target = port
        self._loop = asyncio.new_event_loop()
        self._open: set[asyncio.StreamWriter] = set()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Balancer:
        self._thread.start()
        self._ready.wait(10)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._stopped.set)
        self._thread.join(10)

    def move_to(self, port: int) -> None:
        """From now on the other node, for connections that are open too."""
        self.target = port
        self._loop.call_soon_threadsafe(self._cut)

    def _cut(self) -> None:
        for writer in tuple(self._open):
            writer.transport.abort()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._serve())
        self._loop.close()

    async def _serve(self) -> None:
        self._stopped = asyncio.Event()
        server = await asyncio.start_server(self._connected, "127.0.0.1", self.port)
        self._ready.set()
        await self._stopped.wait()
        server.close()
        self._cut()
        await asyncio.sleep(0.1)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            there, back = await asyncio.open_connection("127.0.0.1", self.target)
        except OSError:
            writer.transport.abort()
            return
        self._open |= {writer, back}
        await asyncio.gather(self._pump(reader, back), self._pump(there, writer))
        self._open -= {writer, back}

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(65_536):
                writer.write(data)
                await writer.drain()
        writer.transport.abort()


@pytest.fixture
def nodes(
    make_product: ProductMaker, postgres_database: Callable[[], str], redis_server: RedisServer, tmp_path: Path
) -> Iterator[tuple[Product, Product]]:
    """The first node has the store, the second asks the first one's; both have one database and one secret key."""
    shared: dict[str, Any] = {
        "HELIOGRAPH_DATABASE_URL": postgres_database(),
        "HELIOGRAPH_REDIS_URL": redis_server.url,
        "HELIOGRAPH_SECRET_KEY": "the same on both nodes, long enough",
        "HELIOGRAPH_ANONYMOUS_ROLE": "viewer",
    }
    upgraded = Product(tmp_path / "upgrade", environment=shared).command("db", "upgrade")
    assert upgraded.returncode == 0, upgraded.stderr
    one = make_product(**shared, HELIOGRAPH_COLLECT_HOST="true")
    two = make_product(**shared, HELIOGRAPH_METRICS_URL=(one.data_dir / "store.url").read_text().strip())
    yield one, two
    for node in (two, one):
        if node.process is not None and node.process.poll() is None:
            node.stop()


def test_a_tab_goes_on_on_the_other_node_with_every_panels_own_data(
    nodes: tuple[Product, Product], chromium: Browser
) -> None:
    one, two = nodes
    panels = [
        {
            "panel_id": number,
            "title": f"Times {number}",
            "type": "timeseries",
            "query": {"expr": f"{number} + 0 * load", "series": {"load": {"metric": "node_load1"}}},
            "position": {"x": 4 * (number - 1), "y": 0, "w": 4, "h": 6},
        }
        for number in range(1, PANELS + 1)
    ]
    own = fresh("own")
    body = {"dashboard_id": own, "title": "Own", "panels": panels, "refresh": "1s", "time": {"from": "now-1m"}}
    with one.client("editor") as editor:
        assert editor.post("/api/v1/dashboards", json=body).status_code == 201
    context = chromium.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    expected = [[number, "ready", number] for number in range(1, PANELS + 1)]
    with Balancer(one.port) as balancer:
        page.goto(f"http://127.0.0.1:{balancer.port}/d/{own}")
        page.wait_for_selector('section[data-panel-id="6"][data-panel-state="ready"]', timeout=WAIT_MS)
        page.evaluate("window.mark = 1")
        assert page.evaluate(OWN_DATA) == expected
        for node in (two, one):
            before = page.evaluate("window.heliograph.live.ticks.at(-1)?.at ?? 0")
            balancer.move_to(node.port)
            page.wait_for_function(
                "(before) => document.documentElement.dataset.view === 'live' && "
                "(window.heliograph.live.ticks.at(-1)?.at ?? 0) > before + 1000",
                arg=before,
                timeout=WAIT_MS,
            )
            await_tick(page)
            assert page.evaluate(OWN_DATA) == expected
        assert page.evaluate("window.mark") == 1, "the page was not loaded again"
        context.close()
    assert errors == []


def test_a_draft_outlives_the_node_that_it_was_written_on(nodes: tuple[Product, Product], chromium: Browser) -> None:
    """What was typed before the node died, and while nobody answered, is there on the other; undo and saving too."""
    one, two = nodes
    own = fresh("kept")
    panel = {"panel_id": 1, "title": "Words", "type": "text", "options": {"content": "saved"}}
    with one.client("editor") as editor:
        made = editor.post("/api/v1/dashboards", json={"dashboard_id": own, "title": "Kept", "panels": [panel]})
        assert made.status_code == 201
    headers = {"Authorization": f"Bearer {one.token('editor')}"}
    context = chromium.new_context(viewport={"width": 1440, "height": 900}, extra_http_headers=headers)
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    with Balancer(one.port) as balancer:
        address = f"http://127.0.0.1:{balancer.port}/d/{own}/edit?editPanel=1"
        page.goto(address)
        area = page.locator(".beside [data-field='content'] textarea")
        area.click()
        page.keyboard.press("Control+End")
        page.keyboard.type(", typed on one")
        kept(page, "saved, typed on one")
        die(one)
        page.keyboard.type(", typed while it is dead")
        page.wait_for_function("() => editor.draft.state === 'away'", timeout=WAIT_MS)
        expect(page.locator("[data-draft-state]")).to_contain_text("not kept")
        balancer.move_to(two.port)
        all_of_it = "saved, typed on one, typed while it is dead"
        kept(page, all_of_it)
        page.goto(address)  # as after a crash of the browser
        expect(area).to_have_value(all_of_it, timeout=WAIT_MS)
        shown = page.locator("section[data-panel-id='1'] .body")
        expect(shown).to_contain_text("while it is dead", timeout=WAIT_MS)
        page.click("[data-undo]")
        expect(shown).not_to_contain_text("while it is dead", timeout=WAIT_MS)
        page.click("[data-redo]")
        expect(shown).to_contain_text("while it is dead", timeout=WAIT_MS)
        page.keyboard.press("Control+s")
        page.click("dialog .btn.primary")
        page.wait_for_url("**/d/*/kept*", timeout=WAIT_MS)
        context.close()
    with two.client("editor") as editor:
        saved = editor.get(f"/api/v1/dashboards/{own}").json()
        assert (saved["version"], saved["panels"][0]["options"]["content"]) == (2, all_of_it)
    assert errors == []


def kept(page: Page, content: str) -> None:
    """Wait until the server has that content of the first panel."""
    page.wait_for_function(
        "(content) => editor.draft.state === 'kept' && editor.draft.confirmed.panels[0].options.content === content",
        arg=content,
        timeout=WAIT_MS,
    )


def die(node: Product) -> None:
    """All processes of a node end at once, as where its machine loses its power."""
    assert node.process is not None
    whole = psutil.Process(node.process.pid)
    for process in [whole, *whole.children(recursive=True)]:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    node.process.wait(20)
