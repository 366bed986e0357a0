"""The path of a query as the roles get it: the sources, the proxy over them, and what both keep."""

from __future__ import annotations

from dataclasses import dataclass

from ...storage.cache.shared import Shared
from ..sources.registry import Sources
from ..variables.asked import VariableOptions
from .caches import Caches
from .proxy import QueryProxy


@dataclass(frozen=True, slots=True)
class QueryPath:
    """`options` asks for those of variables; `shared` is what nodes have in common."""

    sources: Sources
    proxy: QueryProxy
    caches: Caches
    options: VariableOptions
    shared: Shared

    async def start(self) -> None:
        """Listen to what other nodes say of their caches."""
        await self.caches.start()

    async def close(self) -> None:
        """End what runs, then the connections of the sources."""
        await self.caches.close()
        await self.sources.close()
