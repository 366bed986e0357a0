"""Pictures and reports: the file of a dashboard, drawn by a headless Chromium where one is installed."""

from __future__ import annotations

import asyncio
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final, Literal

from ...errors import NotInstalledError, TooLargeError
from ...tasks import to_its_end
from ...turns import FairTurns, Room
from .chromium import Tab, chromium, found_chromium

Form = Literal["png", "pdf"]
WITHIN_S: Final = 60.0
PAGE_BYTES: Final = 8 * 2**20  # more of them take the room of more than one that waits
ROOM: Final = Room(at_once=2, waiting=32, waiting_of_one=8, within_s=WITHIN_S)
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
    """Takes pictures one after another for each who asks, so that a page that takes long is nobody else's loss."""

    def __init__(self, path: str | None, within_s: float = WITHIN_S) -> None:
        self._path = path
        self._within_s = within_s
        self._turns = FairTurns(ROOM, "many pictures are drawn at this moment", "many pictures of yours wait already")
        self._threads = ThreadPoolExecutor(ROOM.at_once, "pictures")

    @classmethod
    def of(cls, configured: str) -> Pictures:
        """With the program of a setting, or what is installed."""
        return cls(found_chromium(configured))

    def check(self) -> None:
        """NotInstalledError where nothing here draws."""
        if self._path is None:
            raise NotInstalledError(NOT_INSTALLED)

    async def take(self, page: str, form: Form, *, width: int, alone: bool, who: str) -> bytes:
        """The page of a file as PNG, as wide as that, or as PDF; `alone`: it has one panel, and nothing else is drawn.

        `who`: in whose turn. NotInstalledError, RateLimitedError where many of theirs wait, OverloadedError where many
        do, TooLargeError for what no picture holds.
        """
        self.check()
        async with self._turns.turn(who, 1 + len(page) // PAGE_BYTES):
            # Who hangs up leaves a browser that draws on: its turn ends with it.
            drawing = asyncio.get_running_loop().run_in_executor(self._threads, self._take, page, form, width, alone)
            return await to_its_end(drawing)

    def close(self) -> None:
        """Take no more; what is under way ends by its own bounds."""
        self._threads.shutdown(wait=False, cancel_futures=True)

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
    beside = width - round(box["width"]) if alone else 0  # of the page, which is not in the picture of a panel
    tab.resize(width + beside, max(FIRST_HEIGHT_PX, round(box["height"])))
    return tab.picture(tab.value(f"heliograph.whole({'true' if alone else 'false'})"))


def _pdf(tab: Tab) -> bytes:
    tab.value("heliograph.whole(false, true)")
    return tab.printed(printBackground=True, preferCSSPageSize=True)
