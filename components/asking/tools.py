"""What panels need to be asked and drawn."""

from __future__ import annotations

import asyncio
from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Any

from ...datasources.expressions.asking import RunSql
from ...datasources.query.proxy import QueryProxy
from ..compile import Layout, LayoutCache
from ..figures.apart import FigureProcess
from ..panels.base import PanelOptions, PanelType
from ..panels.registry import PanelRegistry
from .compiler import Compiler
from .drawings import Drawings
from .shared import SharedPanels


@dataclass(frozen=True, slots=True)
class PanelTools:
    """What panels need to work."""

    registry: PanelRegistry
    layouts: LayoutCache
    proxy: QueryProxy
    compiler: Compiler | None = None
    figures: FigureProcess | None = None  # None: figures are drawn in a thread of this process
    run_sql: RunSql | None = None  # the way to where SQL over answers is run
    drawings: Drawings = field(default_factory=Drawings)
    shared: SharedPanels = field(default_factory=SharedPanels)

    async def layout(self, panel_type: PanelType[Any], options: PanelOptions, shape: Hashable) -> Layout:
        """The layout; one that is new is compiled beside the loop."""
        if panel_type.lone:  # a source alone takes less than asking somebody else for it
            return self.layouts.get(panel_type, options, shape)
        if self.compiler is not None and not panel_type.apart:
            return await self.compiler.get(panel_type, options, shape)
        known = self.layouts.known(panel_type, options, shape)
        return known if known is not None else await asyncio.to_thread(self.layouts.get, panel_type, options, shape)
