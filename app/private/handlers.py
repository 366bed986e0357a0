"""`/explore`: its page, its socket, and what Panel draws with."""

from __future__ import annotations

import asyncio
from typing import Any

from tornado.web import url
from tornado.websocket import WebSocketClientConnection, WebSocketClosedError

from ...components.units import TABLE
from ...errors import HeliographError, MalformedError, NotFoundError, UnauthenticatedError
from ..auth import browsers
from ..auth.authenticator import Identity
from ..auth.bucket import Bucket
from ..auth.sessions import COOKIE
from ..http.host import origin_is_ours
from ..http.script_json import script_json
from ..http.site import Site
from ..http.web import Socket
from ..live.socket import GONE, LATER, POLICY
from ..pages.page import PageHandler, who
from ..pages.static_files import TYPES, FileHandler
from ..pages.templates import make_environment
from ..process.work_address import EXPLORE
from .panel_files import PANEL_FILES, files, installed_version, scripts
from .said import PageSaid
from .sessions import PrivateSessions

# What a page may say: so many messages a second, a long one counts as several.
TURNS_PER_S, BYTES_OF_TURN = 60.0, 4096
# What the address of explore may ask for, and how many characters of it.
WANTED = {"source": 200, "query": 12_000, "range": 20, "source2": 200, "query2": 12_000}
OTHER_TYPES = {".woff2": "font/woff2", ".ttf": "font/ttf"}


def assets(root: str) -> str:
    """Where files of Panel and Bokeh are."""
    return f"{root}{EXPLORE}/static/{installed_version()}"


class ExploreHandler(PageHandler):
    """`/explore`: ask any data source, for those who may write queries."""

    private: PrivateSessions

    async def get(self) -> None:
        identity = await self.identity()
        token = self.private.admit(identity, self.request.remote_ip or "")
        boot = {
            "token": token,
            "path": f"{self.root}{EXPLORE}",
            "scripts": [f"{assets(self.root)}/{name}" for name in scripts()],
        }
        self.page("explore.html", **who(identity), units=script_json(TABLE), boot=script_json(boot))


class ExploreSocket(Socket):
    """One session: what the page says goes to the work role, what that answers goes to the page, as it is."""

    private: PrivateSessions

    def begin(self) -> None:
        self._token = ""
        self._other: WebSocketClientConnection | None = None
        self._carrying: asyncio.Task[None] | None = None
        self._gone = False
        self._said = PageSaid()
        self._turns = Bucket(TURNS_PER_S, self.site.clock)

    def check_origin(self, origin: str) -> bool:
        return origin_is_ours(self.request, origin, self.site.settings.public_url)

    def select_subprotocol(self, subprotocols: list[str]) -> str | None:
        self._token = subprotocols[1] if len(subprotocols) == 2 else ""
        return "bokeh" if "bokeh" in subprotocols else None

    async def open(self, *args: str, **kwargs: str) -> None:
        """A page's token opens it; the work role is connected before the first message is read."""
        self.set_nodelay(True)
        private = self.private
        try:
            identity = await self._identity()
            if self._gone:
                return
            private.enter(self, self._token, identity, self.request.remote_ip or "")
            said = {"assets": assets(self.site.settings.root), "wanted": self._wanted()}
            other = await private.connect(EXPLORE, identity, said)
        except HeliographError as error:
            self.close(LATER if error.retryable else GONE, error.code)
            return
        if self._gone:
            other.close()
            return
        self._other = other
        self._carrying = asyncio.get_running_loop().create_task(self._carry(other))

    def _wanted(self) -> dict[str, str]:
        """What the page's address asks for, which BokehJS hands on: the source and query of each pane, the range."""
        return {name: self.get_query_argument(name, "", strip=False)[:most] for name, most in WANTED.items()}

    async def _identity(self) -> Identity:
        header = self.request.headers.get("Authorization", "")
        browser = self.get_cookie(browsers.COOKIE)
        found = await self.site.access.auth.authenticate(header, self.get_cookie(COOKIE), browser)
        if found is None:
            raise UnauthenticatedError("log in")
        return found

    async def on_message(self, message: str | bytes) -> None:
        """The next one is read once this one is on its way."""
        if self._other is None:
            self.close(POLICY, "nothing is said before the other side spoke")
            return
        try:
            self._said.check(message)
        except MalformedError as error:
            self.close(POLICY, error.detail)
            return
        wait_s = self._turns.owe(1 + len(message) // BYTES_OF_TURN)
        if wait_s > 0:  # nothing more is read meanwhile: whoever says much is slowed
            await asyncio.sleep(wait_s)
        try:
            await self._other.write_message(message, binary=isinstance(message, bytes))
        except WebSocketClosedError:
            self.close(LATER, "ended")

    async def _carry(self, other: WebSocketClientConnection) -> None:
        """Bring what the work role says, one message after the other as the page takes them, until either is gone."""
        try:
            while (message := await other.read_message()) is not None:
                await self.write_message(message, binary=isinstance(message, bytes))
        except WebSocketClosedError:
            pass
        finally:
            other.close()
            self.close(LATER, "ended")

    def on_close(self) -> None:
        self._gone = True
        self.private.leave(self)
        if self._other is not None:
            self._other.close()


class PanelFileHandler(FileHandler):
    """`/explore/static/<version>/<path>`: immutable where the version is the installed one."""

    async def get(self, version: str, name: str) -> None:
        path = files().get(name)
        if path is None:
            raise NotFoundError("there is no such file")
        content_type = TYPES.get(path.suffix) or OTHER_TYPES[path.suffix]
        await self.send_file(PANEL_FILES, name, content_type, current=version == installed_version())


def routes(site: Site, private: PrivateSessions) -> list[Any]:
    """Explore: its page, its socket, and the files of Panel."""
    own: dict[str, Any] = {"site": site}
    return [
        url(EXPLORE, ExploreHandler, {**own, "private": private, "templates": make_environment()}),
        url(EXPLORE + r"/ws", ExploreSocket, {**own, "private": private}),
        url(EXPLORE + r"/static/([\w.+-]+)/([\w./@-]+)", PanelFileHandler, own),
    ]
