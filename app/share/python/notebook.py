"""Dashboards in notebooks: the standalone page in a frame, which a saved notebook still shows, renewed by the kernel.

What is live needs no extension of the notebook: a second output, a script that hands what is new to the frame by its
channel's name, is updated in its place.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import secrets
import threading
import time
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any, Final, Protocol

from ....components.refresh import refresh_seconds
from ....errors import HeliographError
from ..freezing import Frozen
from ..standalone import boot_of, height_px, packed, standalone
from .board import Dashboard
from .local import Local

MOST_PX: Final = 2000
MOST_LIVE: Final = 8  # of a process: where more are shown the oldest stands still
CHANNEL_BYTES: Final = 16
# What a notebook leaves of a frame that it does not trust.
UNTRUSTED: Final = "A dashboard of Heliograph: trust this notebook, or run its cell, to see it."
# What was sent last is kept by channel: a frame that is loaded later, or again, asks for it.
SCRIPT: Final = """(() => {
  const sent = %s;
  const last = (window.heliographLast ??= new Map());
  if (!last.size) addEventListener("message", ({ data, source }) => {
    const own = last.get(data?.asks);
    if (own) source.postMessage(own, "*");
  });
  last.set(sent.channel, sent);
  const frames = document.querySelectorAll(`iframe[data-heliograph="${sent.channel}"]`);
  for (const frame of frames) frame.contentWindow.postMessage(sent, "*");
})();"""
MIME: Final = "application/javascript"


class Feed(Protocol):
    """Where a shown dashboard comes from. Lives on one event loop, which is another than that of who made it."""

    async def page(self, channel: str) -> str:
        """Its standalone page, which listens to that channel."""
        ...

    async def next(self) -> Renewal:
        """What it shows now."""
        ...

    async def close(self) -> None:
        """Give back what it holds open."""


@dataclass(frozen=True, slots=True)
class Renewal:
    """What a page shows anew: what is another in its boot document, and its parts as bytes by name."""

    boot: Mapping[str, Any]
    parts: Mapping[str, bytes]


class LocalFeed:
    """A dashboard that this process asks."""

    def __init__(self, local: Local, theme: str) -> None:
        self._local = local
        self._theme = theme

    async def page(self, channel: str) -> str:
        first = await self._local.start()
        boot = {**first.boot, "channel": channel}
        return standalone(Frozen(boot, first.parts), made_ms=int(time.time() * 1000), theme=self._theme)

    async def next(self) -> Renewal:
        now = await self._local.next()
        return Renewal({name: now.boot[name] for name in ("window", "range", "held")}, now.parts)

    async def close(self) -> None:
        await self._local.close()


class Shown:
    """A dashboard in a notebook. As a cell's value it is drawn; live until `stop()`, where it has a refresh."""

    def __init__(self, feed: Feed, *, height: int | None, refresh_s: float) -> None:
        self._feed = feed
        self._height = height
        self._refresh_s = refresh_s
        self._channel = secrets.token_hex(CHANNEL_BYTES)
        self._stopped = threading.Event()
        self._page = ""
        self._ready = threading.Event()
        self._fault: BaseException | None = None
        self._display: Any = None
        self.renewed = 0  # how often something new was sent to what is shown
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()), name="heliograph", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Ask no more; what is shown stays."""
        self._stopped.set()
        self._thread.join()

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        self._ready.wait()
        if self._fault is not None:
            raise self._fault
        if self._refresh_s:
            self._display = self._display or _output()
            _keep_live(self)
        boot = boot_of(self._page)
        height, title = self._height or height_px(boot, MOST_PX), str(boot["title"])
        style = f"width:100%;height:{height}px;border:0;border-radius:6px"
        frame = (
            f'<iframe data-heliograph="{self._channel}" title="{escape(title)}" style="{style}" '
            f'srcdoc="{escape(self._page)}">{UNTRUSTED}</iframe>'
        )
        return {"text/html": frame, "text/plain": f"<{title}>"}

    async def _run(self) -> None:
        try:
            self._page = await self._feed.page(self._channel)
            self._ready.set()
            while self._refresh_s and not await asyncio.to_thread(self._stopped.wait, self._refresh_s):
                if self._display is not None:
                    with contextlib.suppress(HeliographError):  # a server that is away comes back
                        self._send(await self._feed.next())
        except BaseException as error:  # noqa: BLE001 - raised where somebody waits for it
            self._fault = error
        finally:
            self._ready.set()
            await self._feed.close()

    def _send(self, new: Renewal) -> None:
        parts = {name: str(packed(data)) for name, data in new.parts.items()}
        text = json.dumps({"channel": self._channel, "boot": dict(new.boot), "parts": parts})
        self._display.update({MIME: SCRIPT % text}, raw=True)
        self.renewed += 1


_live: deque[Shown] = deque()


def _keep_live(shown: Shown) -> None:
    """The newest few go on: a cell that is run again and again leaves nothing behind that asks for ever."""
    if shown not in _live:
        _live.append(shown)
    while len(_live) > MOST_LIVE:
        _live.popleft()._stopped.set()


def _output() -> Any:
    """An output that can be updated, empty at first; None outside of a notebook."""
    try:
        from IPython import get_ipython  # noqa: PLC0415 - where there is a notebook there is IPython
        from IPython.display import display  # noqa: PLC0415
    except ImportError:
        return None
    if get_ipython() is None:
        return None
    return display({MIME: ""}, raw=True, display_id=True)


def show(
    board: Dashboard,
    *,
    sources: Sequence[Mapping[str, Any]] = (),
    variables: Mapping[str, str | Sequence[str]] | None = None,
    refresh: str | None = None,
    height: int | None = None,
    theme: str = "",
) -> Shown:
    """Show a dashboard in a notebook, asked by this kernel, with no server: see `save` for `sources` and `variables`.

    It is live where the dashboard has a refresh, or `refresh` gives one: "5s". `height` in pixels.
    """
    refresh_s = refresh_seconds(board.spec.refresh if refresh is None else refresh)
    feed = LocalFeed(Local(board, sources, variables or {}), theme)
    return Shown(feed, height=height, refresh_s=refresh_s)
