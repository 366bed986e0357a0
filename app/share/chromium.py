"""A headless Chromium for one page: a child process driven over a pipe, without a network, bounded in time and memory.

Protocol: https://chromedevtools.github.io/devtools-protocol/, JSON messages with a NUL after each, over the child's
descriptors 3 and 4: no port is opened. All of this blocks: call it from a thread.
"""

from __future__ import annotations

import base64
import contextlib
import fcntl
import json
import os
import select
import shutil
import signal
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from time import monotonic
from typing import Any, Final

import psutil

from ...errors import HeliographError, OverloadedError, WorkUnavailableError
from ...pathless import pathless

NAMES: Final = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
MOST_RSS_BYTES: Final = 1_500_000_000  # of all its processes together
NICENESS: Final = 10  # living views go first
LOOK_EVERY_S: Final = 0.25
HIGH_FD: Final = 10  # above those that the child is given
READ_BYTES: Final = 2**20
MOST_ANSWER_BYTES: Final = 256 * 2**20
FLAGS: Final = (
    "--headless",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-extensions",
    "--disable-sync",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--no-first-run",
    "--no-default-browser-check",
    "--mute-audio",
    "--hide-scrollbars",
    "--force-color-profile=srgb",
    "--js-flags=--max-old-space-size=768",
    # What is drawn fetches nothing; nor could it.
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--proxy-server=http://127.0.0.1:9",
    "--proxy-bypass-list=<-loopback>",
    "--remote-debugging-pipe",
)


def found_chromium(configured: str) -> str | None:
    """The program of a setting, else the first on PATH; None where there is none."""
    return shutil.which(configured) if configured else next(filter(None, map(shutil.which, NAMES)), None)


@contextmanager
def chromium(path: str, folder: Path, within_s: float) -> Iterator[Tab]:
    """A tab of a browser of its own, which is ended with the block; `folder` is what it keeps its things in."""
    ours, theirs = _pipe()
    deadline = monotonic() + within_s
    process = _spawn(path, folder, theirs)
    for descriptor in theirs:
        os.close(descriptor)
    stopped = threading.Event()
    watch = threading.Thread(target=_watch, args=(process, stopped, deadline), name="chromium", daemon=True)
    watch.start()
    try:
        yield Tab(*ours, deadline)
    finally:
        stopped.set()
        _end(process)
        for descriptor in ours:
            os.close(descriptor)
        watch.join()


class Tab:
    """One page of a browser. Each call raises WorkUnavailableError where the browser has gone or takes too long."""

    def __init__(self, reads: int, writes: int, deadline: float) -> None:
        self._reads, self._writes, self._deadline = reads, writes, deadline
        self._buffer = bytearray()
        self._last = 0
        self._session: str | None = None
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        self.call("Page.enable")

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """What the browser answers to a command."""
        self._last += 1
        said: dict[str, Any] = {"id": self._last, "method": method, "params": parameters}
        if self._session is not None:
            said["sessionId"] = self._session
        try:
            os.write(self._writes, json.dumps(said).encode() + b"\0")
        except OSError:
            raise _gone() from None
        while True:
            answer = self._message()
            if answer.get("id") == self._last:
                if "error" in answer:
                    refusal = pathless(str(answer["error"].get("message", "")))
                    raise HeliographError(f"the browser refused {method}: {refusal}"[:300])
                result: dict[str, Any] = answer["result"]
                return result

    def value(self, expression: str) -> Any:
        """What an expression comes to on the page, awaited where it is a promise."""
        answer = self.call("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in answer:
            raise HeliographError("the page cannot be drawn")
        return answer["result"].get("value")

    def resize(self, width: int, height: int) -> None:
        """The size of its window, in pixels."""
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        self.call("Emulation.setDeviceMetricsOverride", **metrics)

    def picture(self, box: Mapping[str, float]) -> bytes:
        """A part of the page as PNG."""
        clip = {**box, "scale": 1}
        answer = self.call("Page.captureScreenshot", format="png", clip=clip, captureBeyondViewport=True)
        return base64.b64decode(answer["data"])

    def printed(self, **how: Any) -> bytes:
        """The page as PDF."""
        return base64.b64decode(self.call("Page.printToPDF", **how)["data"])

    def _message(self) -> dict[str, Any]:
        while b"\0" not in self._buffer:
            left_s = self._deadline - monotonic()
            if left_s <= 0 or not select.select([self._reads], [], [], left_s)[0]:
                raise WorkUnavailableError("this takes too long to draw: take fewer panels", retry_after_s=5)
            data = os.read(self._reads, READ_BYTES)
            if not data or len(self._buffer) > MOST_ANSWER_BYTES:
                raise _gone()
            self._buffer += data
        message, _, rest = self._buffer.partition(b"\0")
        self._buffer = rest
        found: dict[str, Any] = json.loads(message)
        return found


def _gone() -> OverloadedError:
    return OverloadedError("the browser that draws ended: it had too much to draw", retry_after_s=5)


def _pipe() -> tuple[tuple[int, int], tuple[int, int]]:
    """What we read and write, and what the child does."""
    child_reads, we_write = os.pipe()
    we_read, child_writes = os.pipe()
    moved = []
    for descriptor in (child_reads, child_writes):
        moved.append(fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, HIGH_FD))
        os.close(descriptor)
    return (we_read, we_write), (moved[0], moved[1])


def _spawn(path: str, folder: Path, theirs: tuple[int, int]) -> int:
    arguments = [path, *FLAGS, f"--user-data-dir={folder / 'profile'}", "about:blank"]
    if os.geteuid() == 0:  # its own sandbox refuses root: then the pages are what they are without it, files of ours
        arguments.insert(1, "--no-sandbox")
    environment = {"PATH": os.environ.get("PATH", os.defpath), "HOME": str(folder), "TMPDIR": str(folder)}
    actions = [
        (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
        (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0),
        (os.POSIX_SPAWN_OPEN, 2, os.devnull, os.O_WRONLY, 0),
        (os.POSIX_SPAWN_DUP2, theirs[0], 3),
        (os.POSIX_SPAWN_DUP2, theirs[1], 4),
    ]
    process = os.posix_spawn(path, arguments, environment, file_actions=actions, setpgroup=0)
    with contextlib.suppress(OSError):
        os.setpriority(os.PRIO_PGRP, process, NICENESS)
    return process


def _watch(process: int, stopped: threading.Event, deadline: float) -> None:
    """End a browser that grows too large, or outlives its time, whatever waits for it."""
    while not stopped.wait(LOOK_EVERY_S):
        if monotonic() > deadline or _rss(process) > MOST_RSS_BYTES:
            with contextlib.suppress(OSError):
                os.killpg(process, signal.SIGKILL)
            return


def _rss(process: int) -> int:
    found = 0
    with contextlib.suppress(psutil.Error):
        parent = psutil.Process(process)
        for one in (parent, *parent.children(recursive=True)):
            with contextlib.suppress(psutil.Error):
                found += one.memory_info().rss - one.memory_info().shared
    return found


def _end(process: int) -> None:
    children: list[psutil.Process] = []
    with contextlib.suppress(psutil.Error):
        children = psutil.Process(process).children(recursive=True)
    with contextlib.suppress(OSError):
        os.killpg(process, signal.SIGKILL)
    for one in children:
        with contextlib.suppress(psutil.Error):
            one.kill()
    with contextlib.suppress(OSError):
        os.waitpid(process, 0)
