"""Panel's applications in the work role: loaded off the loop when the first private session is wanted."""

from __future__ import annotations

import asyncio
import contextlib
import mimetypes
from collections.abc import Callable
from importlib.util import find_spec
from time import perf_counter
from typing import TYPE_CHECKING, Any

import structlog
from tornado import httputil
from tornado.ioloop import IOLoop

from ...errors import NotInstalledError
from ..process.work_address import APPLICATIONS, EXPLORE, WorkAddress
from .handler import WorkHandler

if TYPE_CHECKING:
    from bokeh.server.tornado import BokehTornado

    from .api import Api

log = structlog.get_logger(__name__)
# A session has one socket: when that is gone, nobody comes back to it.
UNUSED_LIFE_MS = 1000
LOOK_EVERY_MS = 1000


class Applications:
    """The applications of one process; `url` is where the view role answers, which they ask."""

    def __init__(self, address: WorkAddress, url: str) -> None:
        self._secret = address.secret
        self._url = url
        self._api: Api | None = None
        self._loading: asyncio.Task[BokehTornado] | None = None
        self._bokeh: BokehTornado | None = None

    async def load(self) -> None:
        """Load Panel, once however many ask; NotInstalledError."""
        if find_spec("panel") is None:
            raise NotInstalledError("Panel is not installed")
        if self._loading is None:
            self._loading = asyncio.get_running_loop().create_task(self._load())
        self._bokeh = await asyncio.shield(self._loading)

    async def _load(self) -> BokehTornado:
        started = perf_counter()
        make_api, make_server = await asyncio.to_thread(_imported)
        self._api = make_api(self._url, self._secret)
        bokeh = make_server(self._api, self._secret)
        bokeh.initialize(IOLoop.current())
        bokeh.start()
        log.info("applications ready", after_s=round(perf_counter() - started, 1))
        return bokeh

    def find_handler(self, request: httputil.HTTPServerRequest) -> Any:
        """What answers the socket of a session; None for anything else: Bokeh's own pages are nobody's."""
        if self._bokeh is None or request.path != f"{EXPLORE}/ws":
            return None
        return self._bokeh.find_handler(request)

    @property
    def sessions(self) -> int:
        """How many documents there are."""
        return len(list(self._bokeh.get_sessions(EXPLORE))) if self._bokeh is not None else 0

    async def close(self) -> None:
        """End all sessions, and Panel's server."""
        if self._loading is not None:
            self._loading.cancel()
            with contextlib.suppress(asyncio.CancelledError, Exception):
                await self._loading
        if self._bokeh is not None:
            self._bokeh.stop()
        if self._api is not None:
            await self._api.close()


def _imported() -> tuple[type[Api], Callable[[Api, str], BokehTornado]]:
    mimetypes.knownfiles.clear()  # the role may not read the system's lists, which Panel would; Python's own suffices
    from .api import Api  # noqa: PLC0415 - the role starts without it
    from .panel_server import make_server  # noqa: PLC0415 - takes a second or two

    return Api, make_server


class LoadHandler(WorkHandler):
    """`POST /applications`: there will be a session soon. Answers when all is loaded."""

    def initialize(self, secret: str, applications: Applications | None = None) -> None:
        super().initialize(secret)
        assert applications is not None
        self._applications = applications

    async def answer(self) -> bytes:
        await self._applications.load()
        return b""


def routes(applications: Applications, secret: str) -> list[Any]:
    """Where Panel is asked to be loaded."""
    return [(APPLICATIONS, LoadHandler, {"secret": secret, "applications": applications})]


def own_url(host: str, port: int) -> str:
    """Where the view role of this node answers this machine."""
    if host in ("", "0.0.0.0", "::"):  # noqa: S104 - all addresses, this machine's own too
        host = "127.0.0.1" if host != "::" else "::1"
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
