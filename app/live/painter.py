"""Asks the work role of this node for counts of points by pixel."""

from __future__ import annotations

import asyncio

import httpx
import numpy as np
from numpy.typing import NDArray

from ...components.rasters import Points
from ...errors import HeliographError, OverloadedError, WorkUnavailableError
from ..http.framed import buffer_of, pack, unpack
from ..process.work_address import WorkAddress
from ..process.work_client import RETRY_AFTER_S, WorkClient
from ..work.canvas import Canvas

# The first drawing after a start waits until datashader is loaded and compiled.
ANSWER_WITHIN_S = 45.0
NOT_INSTALLED = "density is drawn by datashader, which is not installed: pip install 'heliograph[work]'"


class Painter:
    """`address` is None where no work role was started."""

    def __init__(self, address: WorkAddress | None) -> None:
        self._client = WorkClient(address, answer_within_s=ANSWER_WITHIN_S, does="draws", missing=NOT_INSTALLED)

    @property
    def waking(self) -> asyncio.Task[None] | None:
        """What has datashader loaded just now."""
        return self._client.waking

    def expect(self) -> None:
        """Something that is opened may be drawn as density: have datashader loaded once a core is idle."""
        self._client.wake("/expect")

    def wake(self) -> None:
        """Have datashader loaded, which takes seconds after a start, while the points are still asked for."""
        self._client.wake("/wake")

    async def paint(self, canvas: Canvas, points: Points) -> NDArray[np.uint32]:
        """Counts `[height, width]`, the lowest row first; NotInstalledError, OverloadedError, WorkUnavailableError."""
        self._client.require()
        body = await asyncio.to_thread(_message, canvas, points)
        try:
            answer = await self._client.post("/density", body)
        except TimeoutError:
            raise WorkUnavailableError("drawing takes longer than it should", retry_after_s=RETRY_AFTER_S) from None
        if answer.status_code == OverloadedError.status:
            raise OverloadedError("too many pictures wait to be drawn", retry_after_s=RETRY_AFTER_S)
        if answer.status_code != httpx.codes.OK:
            raise HeliographError("the picture could not be drawn; the server's log says why")
        head, (counts,) = unpack(answer.content)
        return np.frombuffer(counts, np.uint32).reshape(head["shape"])

    async def close(self) -> None:
        """Give the connections back. Idempotent."""
        await self._client.close()


def _message(canvas: Canvas, points: Points) -> bytes:
    columns = [np.ascontiguousarray(column) for column in (points.x, points.y, points.lengths, points.lone)]
    return pack(canvas.as_json(), [buffer_of(column) for column in columns])
