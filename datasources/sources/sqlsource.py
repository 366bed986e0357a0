"""What sources that are asked in SQL have in common."""

from __future__ import annotations

from abc import abstractmethod
from typing import Final

from pydantic import BaseModel, ConfigDict, Field

from .base import Source, SourceQuery
from .http import MAX_ANSWER_BYTES
from .sqltext import has_macros, in_pieces

TIME_MACROS: Final = frozenset({"__from", "__to", "__interval", "__interval_ms"})  # written in the dialect's own words


class SqlConfig(BaseModel):
    """The options of all of them."""

    model_config = ConfigDict(extra="forbid")

    lag_s: float = Field(
        2.0, ge=0, le=86_400, description="Seconds after which rows of a time are all there; older buckets are kept."
    )
    max_rows: int = Field(100_000, ge=1, le=1_000_000, description="A query that answers more rows is refused.")
    max_bytes: int = Field(MAX_ANSWER_BYTES, ge=1000, le=2**30, description="A longer answer is refused.")


class SqlSource(Source):
    """A source whose rows come in some time after the moment that they are of."""

    example = "SELECT 1 AS one"
    macros = TIME_MACROS
    rows = True
    has_tables = True
    _config: SqlConfig

    @property
    @abstractmethod
    def dialect(self) -> str:
        """Its dialect, as sqlglot calls it."""

    def parses(self, text: str) -> bool:
        return has_macros(text)

    def chunkable(self, query: SourceQuery) -> bool:
        return isinstance(query.query, str) and in_pieces(query.query, self.dialect, query.step_s)

    def settles_s(self, query: SourceQuery) -> float:
        """A bucket is named by its start: it ends a step later, and its last rows come in a while after that."""
        return query.step_s + self._config.lag_s

    @property
    def max_rows(self) -> int:
        return self._config.max_rows
