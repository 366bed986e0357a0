"""Compiles layouts off the loop: in a process of its own, since a thread at work would slow every write of the loop."""

from __future__ import annotations

import asyncio
from collections.abc import Hashable
from typing import Any

import structlog

from ...joined import Joined
from ..compile import Layout, LayoutCache
from ..panels.base import PanelOptions, PanelType
from ..wire import LayoutError
from .pickled import NoAnswerError, Questions

log = structlog.get_logger(__name__)
ANSWER_S = 20.0


class Compiler:
    """One process, asked one at a time; equal questions are one. Where it is gone a thread does the work meanwhile."""

    def __init__(self, layouts: LayoutCache) -> None:
        self._layouts = layouts
        self._process = Questions("heliograph.components.asking.compile_process", ANSWER_S)
        self._compiling: Joined[Layout] = Joined()

    async def start(self) -> None:
        """Start the process; it needs a second until it answers, which the first question waits for."""
        await self._process.start()

    async def close(self) -> None:
        """End the process, and what waits for it."""
        await self._compiling.close()
        await self._process.close()

    async def get(self, panel_type: PanelType[Any], options: PanelOptions, shape: Hashable) -> Layout:
        """The layout, compiled where it is new; LayoutError where it cannot be."""
        layout = self._layouts.known(panel_type, options, shape)
        if layout is not None:
            return layout
        key = (panel_type.name, options.model_dump_json(), shape)
        return await self._compiling.ask(key, lambda: self._compile(panel_type, options, shape))

    async def _compile(self, panel_type: PanelType[Any], options: PanelOptions, shape: Hashable) -> Layout:
        try:
            found: Layout | str = await self._process.ask((panel_type.name, options, shape))
        except NoAnswerError as error:
            log.warning("layouts are compiled in a thread", error=str(error))
            return await asyncio.to_thread(self._layouts.get, panel_type, options, shape)
        if isinstance(found, str):
            raise LayoutError(found)
        self._layouts.put(panel_type, options, shape, found)
        return found
