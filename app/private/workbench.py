"""The work role of this node, as sockets of private sessions reach it."""

from __future__ import annotations

from typing import Any

import httpx
from bokeh.util.token import generate_jwt_token, generate_session_id
from tornado.httpclient import HTTPError, HTTPRequest
from tornado.websocket import WebSocketClientConnection, websocket_connect

from ..process.work_address import APPLICATIONS, WorkAddress
from ..process.work_client import WorkClient

# The first session after a start waits until Panel is loaded.
READY_WITHIN_S = 60.0
CONNECT_WITHIN_S = 5.0
TOKEN_LIFE_S = 60
MAX_MESSAGE_BYTES = 32 * 2**20
NOT_INSTALLED = "explore is a Panel application, and Panel is not installed: pip install 'heliograph[work]'"


class Workbench:
    """`address` is None where no such role was started."""

    def __init__(self, address: WorkAddress | None) -> None:
        self._client = WorkClient(address, answer_within_s=READY_WITHIN_S, does="runs explore", missing=NOT_INSTALLED)

    def require(self) -> WorkAddress:
        """Where the role answers; NotInstalledError where there is none."""
        return self._client.require()

    def wake(self) -> None:
        """Have Panel loaded, while the page of the first session is still on its way."""
        self._client.wake(APPLICATIONS)

    async def _ready(self) -> None:
        """Until Panel is loaded; NotInstalledError, WorkUnavailableError."""
        try:
            answer = await self._client.post(APPLICATIONS)
        except TimeoutError:
            raise self._client.away() from None
        if answer.status_code != httpx.codes.OK:
            raise self._client.away()

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
        except (OSError, HTTPError, TimeoutError):
            raise self._client.away() from None

    async def close(self) -> None:
        """Give the connections back. Idempotent."""
        await self._client.close()
