"""Judges whether a query may be asked in pieces: what its source says of it. Long texts are parsed in a thread."""

from __future__ import annotations

from dataclasses import dataclass

from ..parsing import Parsing
from ..sources.base import LongText
from .judge import Judge
from .model import Query
from .range_cache import Chunking
from .stages import source_query


@dataclass(frozen=True, slots=True)
class Chunkability:
    """The judge of the range cache; `judge` parses what no thread of ours may, `parsing` the rest."""

    judge: Judge
    parsing: Parsing

    async def __call__(self, query: Query) -> Chunking | None:
        """None where the query must be asked whole."""
        if query.instant or query.names_bounds or query.step_s <= 0 or query.options.get("format") == "table":
            return None
        source = query.to.source
        asked = source_query(query)
        if isinstance(query.query, str) and source.parses(query.query):
            may = await self.parsing.run(query.scope.payer, source.chunkable, asked)
        else:
            may = source.chunkable(asked)
        if isinstance(may, LongText):
            may = await self.judge.horizon(may.text) <= may.from_ms
        # Rows are what a text asks for; a structured query has points, which have a limit of their own.
        limit = source.max_rows if isinstance(query.query, str) else 0
        return Chunking(source.settles_s(asked), limit) if may else None
