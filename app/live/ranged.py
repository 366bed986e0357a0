"""Answers over a range of a viewer's own, such as a zoom: snapped so that viewers share them, encoded once, kept within
bounds. Columns, pictures of density and annotations are such answers."""

from __future__ import annotations

import asyncio
import hashlib
import zlib
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass
from typing import NamedTuple

from ...datasources.timerange import TimeRange

# The edges of a zoomed range lie on the first of these grids that is no finer than 1/20 of its span, so on 1/20 to 1/8
# of it: coarse enough that people who look at the same thing share it. All divide the steps of rollups or are divided.
GRIDS_MS = tuple(
    unit * number
    for unit, numbers in (
        (1, (1, 2, 5, 10, 20, 50, 100, 200, 500)),
        (1000, (1, 2, 5, 10, 15, 30)),
        (60_000, (1, 2, 5, 10, 15, 30)),
        (3_600_000, (1, 2, 3, 6, 12)),
        (86_400_000, (1, 2, 7, 14, 28, 56, 112, 224)),
    )
    for number in numbers
)
PARTS = 20
MAX_BYTES = 64 * 2**20


def snapped(range_: TimeRange) -> TimeRange:
    """The range with its edges moved outwards onto its grid."""
    least = range_.span_ms / PARTS
    grid = next((grid for grid in GRIDS_MS if grid >= least), GRIDS_MS[-1])
    return range_.outwards(grid)


class Sent(NamedTuple):
    """An answer's bytes, whether they are gzipped, and the name of what they say: equal answers have equal tags."""

    body: bytes
    gzipped: bool
    etag: str


@dataclass(slots=True)
class Encoded:
    """An answer as it is sent; deflated from the second time on that it is asked for."""

    plain: bytes
    until_s: float
    etag: str
    gzipped: bytes = b""

    @property
    def nbytes(self) -> int:
        return len(self.plain) + len(self.gzipped)


class RangeAnswers:
    """Answers by key, each made once however many ask, the least used leaving first."""

    def __init__(self, clock: Callable[[], float], limit: int = MAX_BYTES) -> None:
        self._clock = clock
        self._limit = limit
        self._kept: OrderedDict[Hashable, Encoded] = OrderedDict()
        self._making: dict[Hashable, asyncio.Task[bytes]] = {}
        self.nbytes = 0

    async def get(self, key: Hashable, life_s: float, make: Callable[[], Awaitable[bytes]], *, gzip: bool) -> Sent:
        """The answer; what is made now is good for `life_s` seconds."""
        kept = self._kept.get(key)
        if kept is not None and self._clock() < kept.until_s:
            self._kept.move_to_end(key)
            if gzip and not kept.gzipped:
                deflated = zlib.compressobj(1, wbits=31)
                kept.gzipped = deflated.compress(kept.plain) + deflated.flush()
                self.nbytes += len(kept.gzipped)
                self._shrink()
            return Sent(kept.gzipped, True, kept.etag) if gzip else Sent(kept.plain, False, kept.etag)
        task = self._making.get(key)
        if task is None:
            task = asyncio.ensure_future(_awaited(make))
            self._making[key] = task
            task.add_done_callback(lambda done: self._made(key, life_s, done))
        body = await asyncio.shield(task)
        kept = self._kept.get(key)
        return Sent(body, False, kept.etag if kept is not None and kept.plain is body else etag_of(body))

    def _made(self, key: Hashable, life_s: float, task: asyncio.Task[bytes]) -> None:
        del self._making[key]
        self._drop(key)
        if task.cancelled() or task.exception() is not None:
            return
        body = task.result()
        kept = self._kept[key] = Encoded(body, self._clock() + life_s, etag_of(body))
        self.nbytes += kept.nbytes
        self._shrink()

    def _shrink(self) -> None:
        while self.nbytes > self._limit:
            self._drop(next(iter(self._kept)))

    def _drop(self, key: Hashable) -> None:
        kept = self._kept.pop(key, None)
        if kept is not None:
            self.nbytes -= kept.nbytes


def etag_of(body: bytes) -> str:
    return f'"{hashlib.blake2b(body, digest_size=12).hexdigest()}"'


async def _awaited(make: Callable[[], Awaitable[bytes]]) -> bytes:
    return await make()
