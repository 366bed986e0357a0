"""The work role of this node, as sockets of private sessions reach it."""

from __future__ import annotations

import asyncio
from typing import Any

from bokeh.util.token import generate_jwt_token, generate_session_id
from tornado.httpclient import AsyncHTTPClient, HTTPError, HTTPRequest
from tornado.websocket import WebSocketClientConnection, websocket_connect

from ...errors import HeliographError, NotInstalledError, WorkUnavailableError
from ..process.work_address import APPLICATIONS, SECRET_HEADER, WorkAddress

# The first session after a start waits until Panel is loaded.
READY_WITHIN_S = 60.0
CONNECT_WITHIN_S = 5.0
TOKEN_LIFE_S = 60
MAX_MESSAGE_BYTES = 32 * 2**20
RETRY_AFTER_S = 3.0
NOT_INSTALLED = "explore is a Panel application, and Panel is not installed: pip install 'heliograph[work]'"
CANNOT_CONNECT = (OSError, HTTPError, asyncio.TimeoutError)


class Workbench:
    """`address` is None where no such role was started."""

    def __init__(self, address: WorkAddress | None) -> None:
        self._address = address
        self._waking: asyncio.Task[None] | None = None

    def require(self) -> WorkAddress:
        """Where the role answers; NotInstalledError where there is none."""
        if self._address is None:
            raise NotInstalledError(NOT_INSTALLED)
        return self._address

    def wake(self) -> None:
        """Have Panel loaded, while the page of the first session is still on its way."""
        if self._waking is None:
            self._waking = asyncio.get_running_loop().create_task(self._wake())

    async def _wake(self) -> None:
        try:
            await self._ready()
        except HeliographError:
            pass  # the socket that comes is told
        finally:
            self._waking = None

    async def _ready(self) -> None:
        """Until Panel is loaded; NotInstalledError, WorkUnavailableError."""
        address = self.require()
        request = HTTPRequest(
            f"{address.url}{APPLICATIONS}",
            method="POST",
            body=b"",
            headers={SECRET_HEADER: address.secret},
            connect_timeout=CONNECT_WITHIN_S,
            request_timeout=READY_WITHIN_S,
        )
        try:
            await AsyncHTTPClient().fetch(request)
        except CANNOT_CONNECT as error:
            if isinstance(error, HTTPError) and error.code == NotInstalledError.status:
                raise NotInstalledError(NOT_INSTALLED) from None
            raise WorkUnavailableError("the process of explore is starting", retry_after_s=RETRY_AFTER_S) from None

    async def connect(self, path: str, payload: dict[str, Any]) -> WebSocketClientConnection:
        """A socket of a new session of an application; NotInstalledError, WorkUnavailableError.

        The session is given `payload`. It speaks Bokeh's protocol; a message is read once the one before was taken.
        """
        await self._ready()
        address = self.require()
        secret = address.secret.encode()
        session = generate_session_id(secret, signed=True)
        token = generate_jwt_token(session, secret, signed=True, extra_payload=payload, expiration=TOKEN_LIFE_S)
        request = HTTPRequest(f"ws://127.0.0.1:{address.port}{path}/ws", connect_timeout=CONNECT_WITHIN_S)
        try:
            return await websocket_connect(
                request, subprotocols=["bokeh", token], max_message_size=MAX_MESSAGE_BYTES, ping_interval=None
            )
        except CANNOT_CONNECT:
            raise WorkUnavailableError("the process of explore is starting", retry_after_s=RETRY_AFTER_S) from None

    async def close(self) -> None:
        if self._waking is not None:
            self._waking.cancel()
            await asyncio.gather(self._waking, return_exceptions=True)
