"""Judges whether a query may be asked in pieces: what its source says of it. Long texts are parsed in a thread."""

from __future__ import annotations

import asyncio

from .model import Query
from .range_cache import Chunking
from .stages import source_query


async def chunkability(query: Query) -> Chunking | None:
    """The judge of the range cache: None where the query must be asked whole."""
    if query.instant or query.names_bounds or query.step_s <= 0 or query.options.get("format") == "table":
        return None
    source = query.to.source
    asked = source_query(query)
    if source.parses and isinstance(query.query, str):
        may = await asyncio.to_thread(source.chunkable, asked)
    else:
        may = source.chunkable(asked)
    # Rows are what a text asks for; a structured query has points, which have a limit of their own.
    limit = source.max_rows if isinstance(query.query, str) else 0
    return Chunking(source.settles_s(asked), limit) if may else None
