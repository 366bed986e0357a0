"""Compiles layouts off the loop: in a process of its own, since a thread at work would slow every write of the loop."""

from __future__ import annotations

import asyncio
import pickle
from collections.abc import Hashable
from typing import Any

import structlog

from ...child import Child
from ..compile import Layout, LayoutCache
from ..panels.base import PanelOptions, PanelType
from ..wire import LayoutError
from .compile_process import LENGTH, frame

log = structlog.get_logger(__name__)
ANSWER_S = 20.0
MAX_PIPE_BYTES = 64 * 2**20


class Compiler:
    """One process, asked one at a time; equal questions are one. Where it is gone a thread does the work meanwhile."""

    def __init__(self, layouts: LayoutCache) -> None:
        self._layouts = layouts
        self._child = Child("heliograph.components.asking.compile_process", MAX_PIPE_BYTES)
        self._asking: dict[Hashable, asyncio.Task[Layout]] = {}
        self._turn = asyncio.Lock()

    async def start(self) -> None:
        """Start the process; it needs a second until it answers, which the first question waits for."""
        await self._child.started()

    async def close(self) -> None:
        """End the process, and what waits for it."""
        for task in tuple(self._asking.values()):
            task.cancel()
        await self._child.close()

    async def get(self, panel_type: PanelType[Any], options: PanelOptions, shape: Hashable) -> Layout:
        """The layout, compiled where it is new; LayoutError where it cannot be."""
        layout = self._layouts.known(panel_type, options, shape)
        if layout is not None:
            return layout
        key = (panel_type.name, options.model_dump_json(), shape)
        task = self._asking.get(key)
        if task is None:
            task = asyncio.get_running_loop().create_task(self._compile(panel_type, options, shape))
            self._asking[key] = task
            task.add_done_callback(lambda _: self._asking.pop(key))
        return await asyncio.shield(task)

    async def _compile(self, panel_type: PanelType[Any], options: PanelOptions, shape: Hashable) -> Layout:
        async with self._turn:
            found = await self._ask((panel_type.name, options, shape))
        if isinstance(found, str):
            raise LayoutError(found)
        if found is None:
            return await asyncio.to_thread(self._layouts.get, panel_type, options, shape)
        self._layouts.put(panel_type, options, shape, found)
        return found

    async def _ask(self, question: Any) -> Layout | str | None:
        """The process's answer; None where there is none, and the process is started anew for the next."""
        try:
            async with asyncio.timeout(ANSWER_S):
                asked, answered = await self._child.started()
                asked.write(frame(question))
                await asked.drain()
                (length,) = LENGTH.unpack(await answered.readexactly(LENGTH.size))
                answer: Layout | str = pickle.loads(await answered.readexactly(length))  # noqa: S301 - our child
                return answer
        except (OSError, EOFError, TimeoutError, pickle.PickleError) as error:
            log.warning("layouts are compiled in a thread", error=repr(error))
            await self._child.kill()
            return None
