"""Asks the work role of this node for counts of points by pixel."""

from __future__ import annotations

import asyncio
import contextlib

import httpx
import numpy as np
from numpy.typing import NDArray

from ...components.rasters import Points
from ...errors import HeliographError, OverloadedError, WorkUnavailableError
from ..http.framed import buffer_of, pack, unpack
from ..process.work_address import WorkAddress
from ..process.work_client import WorkClient
from ..work.canvas import Canvas

# The first drawing after a start waits until datashader is loaded and compiled.
ANSWER_WITHIN_S = 45.0
RETRY_AFTER_S = 3.0
NOT_INSTALLED = "density is drawn by datashader, which is not installed: pip install 'heliograph[work]'"


class Painter:
    """`address` is None where no work role was started."""

    def __init__(self, address: WorkAddress | None) -> None:
        self._client = WorkClient(address, ANSWER_WITHIN_S) if address is not None else None
        self._awake = False
        self.waking: asyncio.Task[None] | None = None

    def wake(self) -> None:
        """Have datashader loaded, which takes seconds after a start, while the points are still asked for."""
        if self._client is None or self._awake or self.waking is not None:
            return
        self.waking = asyncio.get_running_loop().create_task(self._wake(self._client))

    async def _wake(self, client: WorkClient) -> None:
        try:
            self._awake = (await client.post("/wake", b"")).status_code == httpx.codes.OK
        except httpx.HTTPError:
            pass  # who asks for the picture is told
        finally:
            self.waking = None

    async def paint(self, canvas: Canvas, points: Points) -> NDArray[np.uint32]:
        """Counts `[height, width]`, the lowest row first; WorkUnavailableError where nobody draws now."""
        if self._client is None:
            raise HeliographError(NOT_INSTALLED)
        body = await asyncio.to_thread(_message, canvas, points)
        try:
            answer = await self._client.post("/density", body)
        except httpx.TimeoutException:
            raise WorkUnavailableError("drawing takes longer than it should", retry_after_s=RETRY_AFTER_S) from None
        except httpx.HTTPError:
            self._awake = False
            raise WorkUnavailableError("the process that draws is starting", retry_after_s=RETRY_AFTER_S) from None
        if answer.status_code == OverloadedError.status:
            raise OverloadedError("too many pictures wait to be drawn", retry_after_s=RETRY_AFTER_S)
        if answer.status_code != httpx.codes.OK:
            raise HeliographError("the picture could not be drawn; the server's log says why")
        head, (counts,) = unpack(answer.content)
        return np.frombuffer(counts, np.uint32).reshape(head["shape"])

    async def close(self) -> None:
        if self.waking is not None:
            self.waking.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self.waking
        if self._client is not None:
            await self._client.close()


def _message(canvas: Canvas, points: Points) -> bytes:
    columns = [np.ascontiguousarray(column) for column in (points.x, points.y, points.lengths, points.lone)]
    return pack(canvas.as_json(), [buffer_of(column) for column in columns])
