"""The annotations of a view: each query asked once for all who watch, and told where it changed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import structlog

from ...components.annotation_spec import AnnotationQuery
from ...components.asking.intervals import least_step
from ...components.colors import css
from ...components.marks import MAX_TAGS, Mark, marks_of
from ...components.spec import Dashboard
from ...datasources.query.model import Priority, Query
from ...datasources.query.proxy import QueryProxy
from ...datasources.sources.registry import Sources
from ...datasources.timerange import TimeRange
from ...datasources.variables.resolve import source_named
from ...errors import HeliographError
from ...scope import Scope
from ..http.strict_json import strict_json
from .alert_marks import AlertMarks
from .own_marks import OwnMarks

log = structlog.get_logger(__name__)
POINTS = 1440  # of a series: as many as a chart of full width has
MAX_ERROR = 500
# What a dashboard shows whose document says nothing of its own annotations.
OWN = AnnotationQuery(name="Annotations", builtin=True, hide=True, limit=1000)


@dataclass(frozen=True, slots=True)
class Found:
    """What one query came to: marks, and what is wrong where it failed (then the marks are those known last)."""

    items: Sequence[Mark] = ()
    error: str = ""

    def as_json(self) -> dict[str, Any]:
        """As a page draws it."""
        return {"items": [mark.as_json() for mark in self.items], "error": self.error}


@dataclass(frozen=True, slots=True)
class MarkTools:
    """What annotation queries need to be asked."""

    proxy: QueryProxy
    sources: Sources
    own: OwnMarks
    alerts: AlertMarks


@dataclass(slots=True)
class MarkSource:
    """One annotation query with the values of its view filled in."""

    query: AnnotationQuery
    scope: Scope
    dashboard_id: str
    zone: str
    tools: MarkTools = field(repr=False)
    variables: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    async def find(self, range_: TimeRange, tick: int | None) -> Found:
        """Never raises for what a source or a query does: a broken annotation query hurts no panel."""
        try:
            return Found(await (self._made(range_) if self.query.builtin else self._asked(range_, tick)))
        except HeliographError as error:
            return Found(error=(error.detail or error.title)[:MAX_ERROR])
        except asyncio.CancelledError:
            raise
        except Exception:  # a broken annotation query hurts no panel; the log has the trace
            log.exception("annotation query failed", query=self.query.name, dashboard=self.dashboard_id)
            return Found(error="This query failed. The server's log says why.")

    async def _made(self, range_: TimeRange) -> Sequence[Mark]:
        """Those of this dashboard, whose viewers may see them; and what became of alerts of its panels."""
        where = (self.scope.org, self.dashboard_id, range_)
        made, changes = await asyncio.gather(self.tools.own.find(*where), self.tools.alerts.find(*where))
        found = [
            Mark(one.time_ms, one.end_ms, one.text, "", one.tags[:MAX_TAGS], one.id, one.created_by) for one in made
        ]
        if changes:
            found = sorted([*found, *changes], key=lambda mark: mark.time)
        return found[-self.query.limit :]

    async def _asked(self, range_: TimeRange, tick: int | None) -> Sequence[Mark]:
        query = self.query
        name = source_named(query.datasource, self.variables)
        routed = await self.tools.sources.find(self.scope.org, name)
        # Rows are marks of their own: they stay a table.
        rows = {"format": "table"} if routed.source.rows else {}
        step_s = least_step(query.interval, self.variables)
        answer = await self.tools.proxy.query(
            Query(
                query=query.query,
                range=range_,
                scope=self.scope,
                datasource=name,
                ref="annotations",
                interval_s=step_s,
                scrape_s=step_s,
                max_points=POINTS,
                variables=self.variables,
                zone=self.zone,
                options={**rows, **query.options},
                tick=tick,
                priority=Priority.DASHBOARD,
                dashboard=self.dashboard_id,
            )
        )
        return marks_of(query, answer.frames, range_, answer.step_s)


class ViewMarks:
    """What the annotation queries of a view came to last. Lives on the event loop, like its view.

    `on` are the sources that are asked; `queries` all that the dashboard has, for its page to switch.
    """

    def __init__(
        self,
        queries: Sequence[AnnotationQuery] = (),
        on: Sequence[MarkSource] = (),
        arrived: Callable[[], None] | None = None,
    ) -> None:
        self.queries = queries
        self._on = on
        self._found: dict[str, Found] = {}
        self._changed: dict[str, Found] = {}
        self._asking: dict[str, asyncio.Task[None]] = {}
        self._encoded = b"{}"
        self.arrived = arrived or (lambda: None)

    @property
    def tasks(self) -> Collection[asyncio.Task[None]]:
        """Those that are on their way."""
        return self._asking.values()

    @property
    def has_made(self) -> bool:
        """Whether what people made is among what is asked."""
        return any(source.query.builtin for source in self._on)

    def ask(self, range_: TimeRange, tick: int | None, *, made_alone: bool = False) -> None:
        """Have all queries asked, or what people made alone, each once at a time.

        `arrived` is called for each that came to something new.
        """
        for source in self._on:
            if source.query.name not in self._asking and (source.query.builtin or not made_alone):
                task = asyncio.get_running_loop().create_task(self._ask(source, range_, tick))
                self._asking[source.query.name] = task

    async def _ask(self, source: MarkSource, range_: TimeRange, tick: int | None) -> None:
        name = source.query.name
        try:
            found = await source.find(range_, tick)
        finally:
            self._asking.pop(name, None)
        before = self._found.get(name)
        if found.error and before is not None:
            found = Found(before.items, found.error)
        if found != before:
            self._found[name] = self._changed[name] = found
            self.arrived()

    def take(self) -> dict[str, Any]:
        """What changed since it was taken last, by the query's name: for one message to all."""
        changed, self._changed = self._changed, {}
        if changed:
            self._encoded = strict_json(as_json(self._found)).encode()
        return as_json(changed)

    @property
    def encoded(self) -> bytes:
        """All that was taken, as JSON."""
        return self._encoded

    def chosen(self, names: Collection[str]) -> Sequence[MarkSource]:
        """Of the queries that are asked those of these names; all where none is named."""
        return [source for source in self._on if not names or source.query.name in names]

    async def over(self, range_: TimeRange, tick: int | None, names: Collection[str] = ()) -> dict[str, Any]:
        """What the queries find in another range: all of them, or those of these names."""
        sources = self.chosen(names)
        found = await asyncio.gather(*(source.find(range_, tick) for source in sources))
        return as_json({source.query.name: one for source, one in zip(sources, found, strict=True)})

    def heads(self) -> list[dict[str, Any]]:
        """What a page must know of each query."""
        asked = {source.query.name for source in self._on}
        return [
            {
                "name": query.name,
                "builtin": query.builtin,
                "enable": query.enable,
                "asked": query.name in asked,
                "hide": query.hide,
                "color": css(query.color),
                "filter": query.filter.model_dump() if query.filter.ids or query.filter.exclude else None,
            }
            for query in self.queries
        ]

    def stop(self) -> list[asyncio.Task[None]]:
        """End what is on its way; the tasks that are on their way out."""
        tasks = list(self._asking.values())
        for task in tasks:
            task.cancel()
        self._asking.clear()
        return tasks


def as_json(found: Mapping[str, Found]) -> dict[str, Any]:
    """What each query found, by its name."""
    return {name: one.as_json() for name, one in found.items()}


def queries_of(dashboard: Dashboard) -> Sequence[AnnotationQuery]:
    """The annotation queries of a dashboard; what people marked on it is always one of them."""
    if any(query.builtin for query in dashboard.annotations):
        return dashboard.annotations
    taken = {query.name for query in dashboard.annotations}
    own = OWN if OWN.name not in taken else OWN.model_copy(update={"name": "Annotations of this dashboard"})
    return [own, *dashboard.annotations]


def switched_on(dashboard: Dashboard, given: Collection[str]) -> tuple[str, ...]:
    """The names among those given of queries that are off as the dashboard opens: a part of the view's key."""
    return tuple(sorted(query.name for query in dashboard.annotations if not query.enable and query.name in given))
