"""Pictures and reports: the file of a dashboard, drawn by a headless Chromium where one is installed."""

from __future__ import annotations

import asyncio
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final, Literal

from ...errors import NotInstalledError, OverloadedError, TooLargeError
from .chromium import Tab, chromium, found_chromium

Form = Literal["png", "pdf"]
AT_ONCE: Final = 1
WAITING: Final = 8
WITHIN_S: Final = 60.0
TALLEST_PX: Final = 16_000  # that Chromium draws in one piece
FIRST_HEIGHT_PX: Final = 900
PAPER_WIDTH_PX: Final = 1440
NOT_INSTALLED: Final = (
    "pictures need Chromium on the server: `apt install chromium`, or its path as the setting `chromium`"
)
# The page unpacks its own scripts first.
BEGUN: Final = (
    "new Promise((done) => { const look = () => (window.heliograph ? done(true) : setTimeout(look, 20)); look(); })"
)


class Pictures:
    """Takes pictures one after another, so that drawing leaves most of the machine to the living views."""

    def __init__(self, path: str | None, within_s: float = WITHIN_S) -> None:
        self._path = path
        self._within_s = within_s
        self._waiting = 0
        self._thread = ThreadPoolExecutor(AT_ONCE, "pictures")

    @classmethod
    def of(cls, configured: str) -> Pictures:
        """With the program of a setting, or what is installed."""
        return cls(found_chromium(configured))

    def check(self) -> None:
        """NotInstalledError where nothing here draws."""
        if self._path is None:
            raise NotInstalledError(NOT_INSTALLED)

    async def take(self, page: str, form: Form, *, width: int, alone: bool) -> bytes:
        """The page of a file as PNG, as wide as that, or as PDF; `alone`: it has one panel, and nothing else is drawn.

        NotInstalledError, OverloadedError where many wait, TooLargeError for what no picture holds.
        """
        self.check()
        if self._waiting >= WAITING:
            raise OverloadedError("many pictures are drawn at this moment", retry_after_s=10)
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._thread, self._take, page, form, width, alone)
        finally:
            self._waiting -= 1

    def close(self) -> None:
        """Take no more; what is under way ends by its own bounds."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    def _take(self, page: str, form: Form, width: int, alone: bool) -> bytes:
        assert self._path is not None
        with tempfile.TemporaryDirectory(prefix="heliograph-picture-", ignore_cleanup_errors=True) as name:
            folder = Path(name)
            path = folder / "page.html"
            path.write_text(page, "utf-8")
            with chromium(self._path, folder, self._within_s) as tab:
                tab.call("Network.enable")
                tab.call("Network.emulateNetworkConditions", offline=True, latency=0, downloadThroughput=0,
                         uploadThroughput=0)  # fmt: skip
                tab.resize(width if form == "png" else PAPER_WIDTH_PX, FIRST_HEIGHT_PX)
                tab.call("Page.navigate", url=path.as_uri())
                tab.value(BEGUN)
                return _png(tab, width, alone) if form == "png" else _pdf(tab)


def _png(tab: Tab, width: int, alone: bool) -> bytes:
    box = tab.value(f"heliograph.whole({'true' if alone else 'false'})")
    if box["height"] > TALLEST_PX:
        raise TooLargeError(f"a picture is at most {TALLEST_PX} px high: take a PDF, or one panel")
    tab.resize(width, max(FIRST_HEIGHT_PX, round(box["height"])))
    return tab.picture(tab.value(f"heliograph.whole({'true' if alone else 'false'})"))


def _pdf(tab: Tab) -> bytes:
    tab.value("heliograph.whole(false)")
    return tab.printed(printBackground=True, preferCSSPageSize=True)
