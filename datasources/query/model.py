"""The values that travel the query path: a query with its scope, and its answer."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Hashable, Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any, Literal, Self

from ...scope import Scope
from ..frame import Frame
from ..macros import unmarked
from ..sources.registry import Routed
from ..timerange import TimeRange
from ..variables.adhoc import Filter

Least = Literal["", "interval", "rate_interval"]


class Priority(IntEnum):
    """Under overload the lowest goes first."""

    EXPLORE = 1
    DASHBOARD = 2
    ALERT = 3


class Changeable:
    """A frozen value that has copies with some of its values changed, made in a tenth of what `replace` takes."""

    def but(self, **changes: Any) -> Self:
        """The same with these values."""
        copy = object.__new__(type(self))
        copy.__dict__.update(self.__dict__)
        copy.__dict__.update(changes)
        return copy


@dataclass(frozen=True)
class Query(Changeable):
    """One question as a panel, the API or a rule asks it.

    `datasource` is a uid, a name or a type. `query` is text in the source's language, or a mapping. `interval_s` is
    the least step that the panel allows (0: none), `scrape_s` how often samples come where the target says so (0:
    as its source says), which is how far back a rate looks. `least` is the variable that is the least step where
    one is, and the step is `factor` times as long as it would be: the n of a resolution of 1/n. `variables` maps a
    name to its chosen values. `tick` is the number of the view's refresh and keys the head of the cached range;
    None outside views. `zone` is an IANA name, for calendar rounding.
    """

    query: str | Mapping[str, Any]
    range: TimeRange
    scope: Scope
    datasource: str = ""
    ref: str = "A"
    interval_s: float = 0.0
    scrape_s: float = 0.0
    least: Least = ""
    factor: int = 1
    max_points: int = 1000
    variables: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    zone: str = "UTC"
    instant: bool = False
    legend: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)
    tick: int | None = None
    priority: Priority = Priority.DASHBOARD
    deadline_s: float = 30.0
    dashboard: str = ""
    whole: bool = False  # its series are not thinned: for those who draw every point
    # Set on the way: the source, its revision and the filters on it by routing, the seconds between two points and how
    # far back a rate looks by the step.
    filters: tuple[Filter, ...] = ()
    routed: Routed | None = field(default=None, compare=False, repr=False)
    revision: int = 0
    step_s: float = 0.0
    rate_s: float = 0.0
    # The end as it was asked, where it lies between two steps; whether this asks for that instant alone.
    until_ms: int = 0
    is_tail: bool = False
    # What makes it the same as another (`question.py`); whether its text holds the bounds of its range, or its length;
    # whether no shorter range has a shorter step.
    question: tuple[Hashable, ...] = ()
    names_bounds: bool = False
    names_range: bool = False
    is_finest: bool = False

    @property
    def to(self) -> Routed:
        """Where it was routed to: for the stages behind."""
        if self.routed is None:
            raise RuntimeError("the query was not routed")
        return self.routed

    @property
    def asked_range(self) -> TimeRange:
        """The range up to its end as it was asked, which lies between two steps."""
        return TimeRange(self.range.from_ms, self.until_ms) if self.until_ms else self.range

    @property
    def text(self) -> str:
        """What is asked as a person reads it: the text, or a structure as JSON."""
        return unmarked(self.query) if isinstance(self.query, str) else json.dumps(self.query, ensure_ascii=False)


@dataclass(frozen=True)
class Part(Changeable):
    """A part of an answer's range: whether it was there already, when the source answered it, points it was asked for.

    `made_s` is seconds since the epoch; 0 where it is not known.
    """

    range: TimeRange
    cache: str = "miss"  # hit | miss | stale
    made_s: float = 0.0
    points_fetched: int = 0


@dataclass(frozen=True)
class Inspect(Changeable):
    """How an answer came about: final text, cache result, ms per stage, points from the source and returned."""

    query: str = ""
    cache: str = "miss"  # hit | partial | miss | stale
    stages_ms: Mapping[str, float] = field(default_factory=dict)
    points_fetched: int = 0
    points_returned: int = 0
    parts: tuple[Part, ...] = ()

    @property
    def made_s(self) -> float:
        """When the source answered the newest part."""
        return max((part.made_s for part in self.parts), default=0.0)

    def kept(self, cache: str = "hit") -> Inspect:
        """The same of an answer that was not asked for now but kept."""
        parts = tuple(part.but(cache=cache, points_fetched=0) for part in self.parts)
        return self.but(cache=cache, points_fetched=0, parts=parts)


@dataclass(frozen=True)
class Answer(Changeable):
    """Frames and what there is to say about them. `stale_age_s` is set where the source is down and these are old.

    `has_parts`: each part of its range, asked for by itself, would be answered by these very points.
    """

    frames: tuple[Frame, ...]
    step_s: float = 0.0
    warnings: tuple[str, ...] = ()
    partial: bool = False
    stale_age_s: float | None = None
    joinable: bool = True  # with the answers for other parts of the range
    has_parts: bool = False
    inspect: Inspect = field(default_factory=Inspect)


Next = Callable[[Query], Awaitable[Answer]]
Stage = Callable[[Query, Next], Awaitable[Answer]]
