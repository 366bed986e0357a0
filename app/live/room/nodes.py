"""What nodes tell each other of rooms: people, and what somebody who is followed from another node shows."""

from __future__ import annotations

import asyncio
import contextlib
import json
import secrets
from collections.abc import Callable, Mapping
from typing import Any

import structlog

from ....storage.cache.base import Messages
from ....tasks import ended
from ...http.strict_json import strict_json

log = structlog.get_logger(__name__)
CHANNEL = "rooms"
MOST_WAITING = 500
Heard = Callable[[bytes, bytes, Mapping[str, Any]], None]


class OtherNodes:
    """Sends in the order of `tell`, and loses what Redis does not take: people are told of again and again.

    `heard(node, room's key, message)` is called with what others say of rooms in which `known` has somebody.
    """

    def __init__(self, messages: Messages, known: Callable[[bytes], bool], heard: Heard) -> None:
        self._messages = messages
        self._known = known
        self._heard = heard
        self._node = secrets.token_hex(8).encode()
        self._waiting: asyncio.Queue[bytes] = asyncio.Queue(MOST_WAITING)
        self._sender: asyncio.Task[None] | None = None
        self._leave: Callable[[], None] = lambda: None

    async def start(self) -> None:
        """Hear what other nodes say, and begin to tell them."""
        self._leave = await self._messages.subscribe(CHANNEL, self._received)
        self._sender = asyncio.get_running_loop().create_task(self._send())

    async def close(self) -> None:
        """Hear and tell nothing more."""
        self._leave()
        await ended(self._sender)

    def tell(self, key: bytes, message: Mapping[str, Any]) -> None:
        """Send a message about a room to all other nodes; dropped where too many wait."""
        with contextlib.suppress(asyncio.QueueFull):
            self._waiting.put_nowait(b"%s %s\n%s" % (self._node, key, strict_json(message).encode()))

    async def _send(self) -> None:
        while True:
            await self._messages.publish(CHANNEL, await self._waiting.get(), fleeting=True)

    def _received(self, message: bytes) -> None:
        head, _, body = message.partition(b"\n")
        node, _, key = head.partition(b" ")
        if node == self._node or not self._known(key):
            return
        try:
            self._heard(node, key, json.loads(body))
        except (ValueError, KeyError, TypeError) as error:  # a node of another version
            log.warning("another node says of a room what cannot be read", error=str(error)[:200])
