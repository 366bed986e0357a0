"""Answers as the bytes that are sent: made once for all who ask the same, packed once, and named by what they say."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass

from ...kept import Kept
from .packing import gzipped

GZIP_FROM_BYTES = 1024
LOOP_BYTES = 512 * 1024  # what is packed on the loop itself: about a millisecond
MAX_BYTES = 64 * 2**20


@dataclass(slots=True)
class Encoded:
    """The bytes of an answer, also packed once somebody wants them so, and for how many seconds they are good."""

    body: bytes
    good_for_s: float = 0.0
    packed: bytes = b""
    _etag: str = ""

    async def gzip(self) -> bytes:
        """The body as one gzip member; a large one is packed beside the loop."""
        if not self.packed:
            on_loop = len(self.body) <= LOOP_BYTES
            self.packed = gzipped(self.body) if on_loop else await asyncio.to_thread(gzipped, self.body)
        return self.packed

    @property
    def etag(self) -> str:
        """The name of what they say: equal bytes have equal names."""
        if not self._etag:
            self._etag = etag_of(self.body)
        return self._etag

    @property
    def bytes_held(self) -> int:
        """What it takes in memory, in bytes."""
        # Packed bytes are counted as if they were there: a packed answer is a fraction of a plain one.
        return len(self.body) * 5 // 4


def etag_of(body: bytes) -> str:
    """A strong ETag of some bytes."""
    return f'"{hashlib.blake2b(body, digest_size=12).hexdigest()}"'


Make = Callable[[], Awaitable[Encoded]]


class EncodedAnswers:
    """Bytes by what was asked, at most `max_bytes`, the least used leaving first.

    A caller that is cancelled cancels nobody else; with the last one the making is cancelled, down to the source.
    `hit` and `joined` count what was at hand and who joined a making under way.
    """

    def __init__(
        self,
        clock: Callable[[], float],
        hit: Callable[[], None] = lambda: None,
        joined: Callable[[], None] = lambda: None,
        max_bytes: int = MAX_BYTES,
    ) -> None:
        self._hit, self._joined = hit, joined
        self._kept: Kept[Encoded] = Kept(
            clock,
            lambda encoded: encoded.good_for_s,
            limit=max_bytes,
            size=lambda encoded: encoded.bytes_held,
            abandon=True,
        )

    @property
    def bytes(self) -> int:
        """What all that is kept takes, in bytes."""
        return self._kept.bytes

    def at_hand(self, key: Hashable) -> Encoded | None:
        """An answer that is still good."""
        found = self._kept.at_hand(key)
        if found is not None:
            self._hit()
        return found

    async def get(self, key: tuple[Hashable, ...], make: Make) -> Encoded:
        """The answer of a key, at hand, or made by `make` or as part of a making under way."""
        if self._kept.under_way(key):
            self._joined()
        return await self._kept.get(key, make)

    def flush(self, org: int | None) -> None:
        """Forget what was made for an org (None: for all), the first part of keys, and what is being made for it."""
        self._kept.forget_where(lambda key: org is None or (isinstance(key, tuple) and key[0] == org))
