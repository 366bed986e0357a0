"""Answers as the bytes that are sent: made once for all who ask the same within the time for which they are good."""

from __future__ import annotations

import asyncio
import zlib
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass, field
from functools import partial

from ...joined import hand_on

GZIP_WBITS = 31  # zlib's way to say: gzip
GZIP_LEVEL = 4
GZIP_FROM_BYTES = 1024
LOOP_BYTES = 256 * 1024  # what is packed on the loop itself: some ms


@dataclass(slots=True)
class Encoded:
    """The bytes of an answer, also packed once somebody wants them so, and for how many seconds they are good."""

    body: bytes
    good_for_s: float = 0.0
    packed: bytes = b""

    async def gzip(self) -> bytes:
        if not self.packed:
            on_loop = len(self.body) <= LOOP_BYTES
            self.packed = _pack(self.body) if on_loop else await asyncio.to_thread(_pack, self.body)
        return self.packed

    @property
    def bytes_held(self) -> int:
        return len(self.body) + len(self.packed)


def _pack(body: bytes) -> bytes:
    return zlib.compress(body, GZIP_LEVEL, GZIP_WBITS)


Make = Callable[[], Awaitable[Encoded]]


@dataclass(slots=True)
class Making:
    """An answer that is being made, and how many wait for it."""

    task: asyncio.Task[Encoded]
    waiters: set[asyncio.Future[Encoded]] = field(default_factory=set)


@dataclass(slots=True)
class EncodedAnswers:
    """Bytes by what was asked, whoever asks; at most `max_bytes`, the least used leaving first.

    A caller that is cancelled cancels nobody else; with the last one the making is cancelled, down to the source.
    """

    clock: Callable[[], float]
    hit: Callable[[], None]
    joined: Callable[[], None]
    max_bytes: int = 64 * 2**20
    _kept: OrderedDict[Hashable, tuple[float, int, Encoded]] = field(default_factory=OrderedDict)
    _making: dict[Hashable, Making] = field(default_factory=dict)
    _bytes: int = 0

    def at_hand(self, key: Hashable) -> Encoded | None:
        """An answer that is still good."""
        kept = self._kept.get(key)
        if kept is None or self.clock() >= kept[0]:
            return None
        self._kept.move_to_end(key)
        self.hit()
        return kept[2]

    async def get(self, key: tuple[Hashable, ...], make: Make) -> Encoded:
        """The answer of a key, whose first part is the org, made by `make` or as part of a making under way."""
        making = self._making.get(key)
        if making is None:
            making = self._making[key] = Making(asyncio.ensure_future(make()))
            making.task.add_done_callback(partial(self._made, key, making))
        else:
            self.joined()
        return await self._wait(key, making)

    def flush(self, org: int | None) -> None:
        """Forget what was made for an org (None: for all), and keep nothing of what is being made."""
        for key in [key for key in self._kept if org is None or (isinstance(key, tuple) and key[0] == org)]:
            self._drop(key)
        for key in [key for key in self._making if org is None or (isinstance(key, tuple) and key[0] == org)]:
            del self._making[key]

    async def _wait(self, key: Hashable, making: Making) -> Encoded:
        waiter: asyncio.Future[Encoded] = asyncio.get_running_loop().create_future()
        making.waiters.add(waiter)
        try:
            return await waiter
        finally:
            making.waiters.discard(waiter)
            if not making.waiters and not making.task.done():
                if self._making.get(key) is making:
                    del self._making[key]
                making.task.cancel()

    def _made(self, key: Hashable, making: Making, task: asyncio.Task[Encoded]) -> None:
        current = self._making.get(key) is making
        if current:
            del self._making[key]
        hand_on(task, making.waiters)
        if task.cancelled() or task.exception() is not None or not current:
            return
        encoded = task.result()
        if encoded.good_for_s > 0:
            self._keep(key, encoded)

    def _keep(self, key: Hashable, encoded: Encoded) -> None:
        self._drop(key)
        # Packed bytes are counted as if they were there: a packed answer is a fraction of a plain one.
        size = encoded.bytes_held * 5 // 4
        self._kept[key] = (self.clock() + encoded.good_for_s, size, encoded)
        self._bytes += size
        while self._bytes > self.max_bytes:
            self._drop(next(iter(self._kept)))

    def _drop(self, key: Hashable) -> None:
        kept = self._kept.pop(key, None)
        if kept is not None:
            self._bytes -= kept[1]
