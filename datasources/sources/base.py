"""The interface that every kind of data source implements, and the values that cross it.

A kind is one file: a class of `Source` that says of itself how it is asked, made with a stored configuration and a
`SourceContext`, and registered in a `SourceKinds`. No table elsewhere knows it by name.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

import structlog
from pydantic import Field

from ...declared import Spec, hint
from ...errors import SourceError
from ...scope import Scope
from ..buckets import Buckets
from ..frame import Frame
from ..parsing import Parsing
from ..timerange import TimeRange
from ..variables.adhoc import Filter
from ..variables.interpolation import Variables, interpolate_query, interpolate_structure
from .configured import Configured
from .connector import Connector
from .reading import Reading

log = structlog.get_logger(__name__)
SETTLES_S = 5.0  # how late samples commonly come


@dataclass(frozen=True, slots=True)
class SourceQuery:
    """One question as a source gets it: interpolated, its range on the step's grid.

    `query` is text in the source's own language, or a mapping for structured queries. `step_s` is the seconds between
    two points, `scrape_s` how often samples come where the query says so (0: it does not); `deadline_s` how long the
    source may take. Bounds of `range` are inclusive.
    """

    query: str | Mapping[str, Any]
    range: TimeRange
    step_s: float
    max_points: int
    scope: Scope
    query_id: str
    deadline_s: float = 30.0
    instant: bool = False
    legend: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)
    scrape_s: float = 0.0


@dataclass(frozen=True, slots=True)
class SourceAnswer:
    """What a source answered. `partial`: some of it is missing and the answer must not be kept as final.

    Where the values are of `buckets`, those that are not over are marked.
    Not `joinable`: it turned out to depend on the whole of its range, so that it is no piece of a larger one.
    """

    frames: tuple[Frame, ...]
    warnings: tuple[str, ...] = ()
    partial: bool = False
    executed: str = ""  # the final query text, for inspect
    joinable: bool = True
    buckets: Buckets | None = None  # of time, that its values are of


@dataclass(frozen=True, slots=True)
class VariableOption:
    """One value a query variable offers: what is put into queries, and what is shown."""

    value: str
    text: str


@dataclass(frozen=True, slots=True)
class LongText:
    """PromQL that is parsed in a process of its own; `from_ms` is where its range begins."""

    text: str
    from_ms: float


class Unformatted(Spec):
    """A target of a source that takes no options."""


class Formatted(Spec):
    """Options of a target whose answer may be series or rows."""

    format: Literal["time_series", "table"] | None = Field(
        None,
        description="What the answer is taken as; empty: series where there are times and numbers.",
        json_schema_extra=hint(names={"time_series": "Series", "table": "Table"}),
    )


@dataclass(frozen=True, slots=True)
class Health:
    """The result of testing a source; `latency_ms` of the probe."""

    ok: bool
    message: str
    latency_ms: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceContext:
    """What a source is made with, beside its configuration. None of it has a default that lets anything through."""

    connector: Connector  # the one way out, for this source's trust: whatever it connects to is judged there
    clock: Callable[[], float]  # seconds since the epoch
    sql_drivers: frozenset[str]  # of SQLAlchemy, that the operator allows
    parsing: Parsing  # where texts of people are read
    reading: Reading  # where answers are read whose size others decide


class Source(Configured, ABC):
    """A configured connection. Errors leave it as SourceError, SourceUnavailableError or SourceTimeoutError only.

    A class whose `__init__` takes `(stored, context)` is its own factory.
    """

    aliases: ClassVar[tuple[str, ...]] = ()  # other names that configurations may use
    icon: ClassVar[str]  # one character that stands for it beside its title
    built_in: ClassVar[bool] = False  # it is there already, and nobody makes another

    # How it is asked.
    language: ClassVar[str]  # how interpolated values are escaped: promql, sql, lucene, json, url
    Target: ClassVar[type[Spec]] = Unformatted  # the options of its targets
    Query: ClassVar[type[Spec] | None] = None  # of structured queries; None: queries are texts
    example: ClassVar[str]  # a first query that it answers, as a person types it
    macros: ClassVar[frozenset[str]] = frozenset()  # variables such as `__from` that it fills in itself
    rows: ClassVar[bool] = False  # rows of its answers stand for themselves: annotations take them as a table
    has_tables: ClassVar[bool] = False  # it answers variables that ask for `tables()` and `columns(orders)`

    # From whom it keeps something.
    personal: ClassVar[bool] = False  # whether its answers depend on who asks, so that no two people share one

    @property
    def least_step_s(self) -> float:
        """The seconds between two points below which asking for more makes no sense; 0 where nothing is known."""
        return 0.0

    @property
    def generation(self) -> int:
        """Rises where what was answered about the past may be wrong by now; part of every key beside the revision."""
        return 0

    @abstractmethod
    async def query(self, query: SourceQuery) -> SourceAnswer:
        """Answer one question; cancelling the task cancels it at the source too."""

    @abstractmethod
    async def options(self, query: str, range_: TimeRange, scope: Scope) -> Sequence[VariableOption]:
        """The options of a query variable (`label_values(metric, label)` and the like), in the source's order."""

    def filled(self, query: str | Mapping[str, Any], variables: Variables) -> str | Mapping[str, Any]:
        """A query with the values of variables in it, each written so that it cannot leave its place."""
        if isinstance(query, str):
            return interpolate_query(query, variables, self.language)
        structure: Mapping[str, Any] = interpolate_structure(query, variables)
        return structure

    def filtered(self, query: str | Mapping[str, Any], filters: Sequence[Filter]) -> str | Mapping[str, Any]:
        """The same query under further conditions; SourceError where this kind of source takes none."""
        raise SourceError(f"{self.title} takes no ad hoc filters: {'; '.join(map(str, filters))[:200]}")

    def filled_options(self, query: str, variables: Variables) -> str:
        """The same of the query of a variable."""
        return interpolate_query(query, variables, self.options_language(query))

    def options_language(self, query: str) -> str:
        """How values are escaped in such a query."""
        return self.language

    def options_use_range(self, query: str) -> bool:
        """Whether the options of such a query depend on the range: SQL without macros of time does not."""
        return not self.macros or "$__" in query or "{__" in query or "[[__" in query

    @abstractmethod
    async def test(self) -> Health:
        """Ask the source something small, with its real credentials."""

    def parses(self, text: str) -> bool:
        """Whether `chunkable` has to parse this text, which is not done on the loop."""
        return False

    @abstractmethod
    def chunkable(self, query: SourceQuery) -> bool | LongText:
        """Whether the value at t depends on t and earlier data alone, so that ranges may be asked in pieces.

        A text that would take long to parse is for the judge to say it of.
        """

    def opens(self, query: SourceQuery) -> bool:
        """Whether a range of one instant within a step answers what is known of that step by then."""
        return False

    def settles_s(self, query: SourceQuery) -> float:
        """The seconds after t from which the value at t changes no more: what is older may be kept for good."""
        return SETTLES_S

    @property
    def max_rows(self) -> int:
        """The rows that a whole answer may have; 0: any number."""
        return 0

    @abstractmethod
    async def close(self) -> None:
        """Give back connections. Idempotent."""


def unreadable(uid: str, error: Exception) -> SourceError:
    """Whatever reading an answer raised, as the error of the one question that was asked; the log has the trace."""
    log.error("unreadable answer", source=uid, exc_info=error)
    reason = str(error).splitlines()[0][:300] if str(error) else type(error).__name__
    return SourceError(f"the answer cannot be read: {reason}")
