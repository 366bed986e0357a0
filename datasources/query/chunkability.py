"""Judges whether a query may be asked in pieces: what its source says of it. SQL is parsed in a thread."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from ..sources.registry import Sources
from .model import Query
from .range_cache import Chunking
from .stages import SQL_LANGUAGES, source_query


@dataclass(frozen=True, slots=True)
class Chunkability:
    """The judge of the range cache."""

    sources: Sources

    async def __call__(self, query: Query) -> Chunking | None:
        """None where the query must be asked whole."""
        if query.instant or query.names_bounds or query.step_s <= 0 or query.options.get("format") == "table":
            return None
        source = (await self.sources.find(query.scope.org, query.datasource)).source
        asked = source_query(query)
        if source.language in SQL_LANGUAGES and isinstance(query.query, str):
            may = await asyncio.to_thread(source.chunkable, asked)
        else:
            may = source.chunkable(asked)
        # Rows are what a text asks for; a structured query has points, which have a limit of their own.
        limit = source.max_rows if isinstance(query.query, str) else 0
        return Chunking(source.settles_s(asked), limit) if may else None
