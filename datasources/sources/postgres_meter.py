"""How many bytes PostgreSQL answers: counted as they come, since the driver keeps a whole row before it shows any."""

from __future__ import annotations

import asyncio
from typing import Any

import asyncpg


class Meter(asyncio.Protocol):
    """Stands between a connection's transport and the driver; aborts the connection past what `allow` allowed.

    A server that is cut off stops its query. `passed` says that this is why the connection broke.
    """

    def __init__(self, driver: asyncio.Protocol, transport: asyncio.Transport) -> None:
        self._driver = driver
        self._transport = transport
        self._left: int | None = None
        self.passed = False

    def allow(self, size: int) -> None:
        """So many bytes from now on."""
        self._left = size

    def data_received(self, data: bytes) -> None:
        if self._left is not None:
            self._left -= len(data)
            if self._left < 0:
                self.passed = True
                self._transport.abort()
                return
        self._driver.data_received(data)

    def eof_received(self) -> bool | None:
        return self._driver.eof_received()

    def connection_lost(self, error: Exception | None) -> None:
        self._driver.connection_lost(error)

    def pause_writing(self) -> None:
        self._driver.pause_writing()

    def resume_writing(self) -> None:
        self._driver.resume_writing()


class MeteredConnection(asyncpg.Connection):  # type: ignore[misc]  # the driver has no types
    """A connection with a `meter`."""

    __slots__ = ("meter",)

    def __init__(self, protocol: Any, transport: asyncio.Transport, *rest: Any) -> None:
        super().__init__(protocol, transport, *rest)
        self.meter = Meter(protocol, transport)
        transport.set_protocol(self.meter)
