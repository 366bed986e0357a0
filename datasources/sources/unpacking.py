"""Answers that come packed: unpacked in bounded pieces and never past a limit, since few bytes may hold gigabytes."""

from __future__ import annotations

import asyncio
import zlib
from typing import Final

ENCODING: Final = "gzip"  # what a server is told that it may send
PACKED: Final = frozenset({"gzip", "x-gzip"})
LOOP_BYTES: Final = 64 * 1024  # what is unpacked on the loop itself: under a millisecond


class Gathered:
    """The content of an answer as it comes in, unpacked where `encoding` says that it is packed.

    `take` is False once there are more than `max_bytes`. ValueError for another encoding, and for what is not packed
    as it says.
    """

    def __init__(self, encoding: str, max_bytes: int) -> None:
        packed = encoding.strip().lower()
        if packed not in PACKED | {"", "identity"}:
            raise ValueError(f"packed as {packed[:50]!r}")
        self._stream = zlib.decompressobj(zlib.MAX_WBITS | 16) if packed in PACKED else None
        self._max_bytes = max_bytes
        self._parts: list[bytes] = []
        self._size = 0
        self._began = False

    async def take(self, part: bytes) -> bool:
        """Add what came; what it holds beyond LOOP_BYTES is unpacked in a thread."""
        self._began = True
        if self._stream is None:
            return self._add(part)
        first = self._unpacked(part, LOOP_BYTES)
        within = self._add(first)
        if within and len(first) == LOOP_BYTES:
            return self._add(await asyncio.to_thread(self._unpacked, self._stream.unconsumed_tail, self._max_bytes))
        return within

    async def content(self) -> bytes:
        """All of it; ValueError where its end is missing."""
        if self._stream is not None and self._began and not self._stream.eof:
            raise ValueError("the end is missing")
        if self._size <= LOOP_BYTES:
            return b"".join(self._parts)
        return await asyncio.to_thread(b"".join, self._parts)

    def _unpacked(self, packed: bytes, most: int) -> bytes:
        """At most `most` bytes of what is in there, and one more than the limit leaves room for."""
        assert self._stream is not None
        if self._stream.eof:
            return b""  # what follows the end is no part of it
        try:
            return self._stream.decompress(packed, min(most, self._max_bytes - self._size + 1))
        except zlib.error as error:
            raise ValueError(str(error)) from None

    def _add(self, part: bytes) -> bool:
        self._parts.append(part)
        self._size += len(part)
        return self._size <= self._max_bytes
