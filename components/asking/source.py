"""One panel of a view: asks its targets, and makes of the answers what is drawn, or why nothing is."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import structlog

from ...datasources.comparing import Back
from ...datasources.expressions.asking import asked
from ...datasources.frame import Frame, have_rows
from ...datasources.query.codec import size_of
from ...datasources.query.model import Answer, Priority, Query
from ...datasources.timerange import TimeRange
from ...datasources.transform.steps import Step
from ...datasources.variables.interpolation import interpolate
from ...datasources.variables.resolve import source_named
from ...errors import HeliographError, SourceTimeoutError
from ...scope import Scope
from ..compile import Layout
from ..panel_links import links_of_panel
from ..panel_spec import Panel, Target
from ..panels.base import Drawn, PanelOptions, PanelType
from ..places import Places
from ..targets import asked_targets
from .asked import Asked
from .intervals import least_of_query, least_step
from .outcome import Outcome, State, failed, notice_of, sorted_out, step_of_parts
from .shared import Changes, Refreshed
from .shortening import shortened
from .tools import PanelTools
from .transforming import transformed_in_turn

log = structlog.get_logger(__name__)
# Points for each of the 24 columns of the grid: a panel of full width asks as many as a wide screen has pixels.
POINTS_PER_COLUMN = 60
# More than that is made columns off the loop.
VALUES_AT_ONCE = 20_000
FRAMES_AT_ONCE = 100


@dataclass(slots=True, weakref_slot=True)
class PanelSource:
    """A panel with the values of its view filled in."""

    panel: Panel
    type: PanelType[Any]
    options: PanelOptions
    title: str
    variables: Mapping[str, tuple[str, ...]]
    scope: Scope
    dashboard_id: str
    zone: str
    tools: PanelTools = field(repr=False)
    targets: Sequence[Target] = ()
    steps: Sequence[Step] = ()
    # The layout of the shape that was drawn last, which hardly ever changes.
    _laid_out: tuple[Hashable, Layout] | None = field(default=None, repr=False)
    _places: Places = field(default_factory=Places, repr=False)
    _options_text: str = field(init=False, repr=False)
    # For all views that it is a panel of: what the last refresh came to, the steps (ms) it was asked at, what changed.
    changes: Changes = field(default_factory=Changes, init=False, repr=False)
    _latest: Refreshed | None = field(default=None, init=False, repr=False)
    _steps: frozenset[int] = field(default=frozenset(), init=False, repr=False)

    def __post_init__(self) -> None:
        self._options_text = self.options.model_dump_json()

    @classmethod
    def of(
        cls,
        panel: Panel,
        *,
        variables: Mapping[str, tuple[str, ...]],
        scope: Scope,
        dashboard_id: str,
        zone: str,
        tools: PanelTools,
    ) -> PanelSource:
        """InvalidError where the panel's options are not its type's."""
        kind = tools.registry.get(panel.type)
        filled = kind.filled(panel.options, variables) if variables else panel.options
        return cls(
            panel=panel,
            type=kind,
            options=tools.registry.options(panel.type, filled),
            title=interpolate(panel.title, variables, "text"),
            variables=variables,
            scope=scope,
            dashboard_id=dashboard_id,
            zone=zone,
            tools=tools,
            targets=asked_targets(tools.registry.targets(panel)),
            steps=[_filled(step, kind, variables) for step in panel.transformations if not step.disabled],
        )

    def draws_as(self, panel: Panel, variables: Mapping[str, tuple[str, ...]]) -> bool:
        """Whether that panel would ask and draw the same: it may be called otherwise, and stand elsewhere."""
        about = {"title": "", "description": "", "position": self.panel.position, "links": [], "transparent": False}
        same = self.panel.model_copy(update=about) == panel.model_copy(update=about)
        return same and self.panel.position.w == panel.position.w and self.variables == variables

    @property
    def links(self) -> list[dict[str, Any]]:
        """Where its head leads, as the page draws it."""
        return links_of_panel(self.panel.links, self.variables)

    def placed_as(self, panel: Panel) -> PanelSource:
        """The same under that panel's title and in its place."""
        if panel == self.panel:
            return self
        return replace(self, panel=panel, title=interpolate(panel.title, self.variables, "text"))

    def queries(self, range_: TimeRange, tick: int | None, points: int = 0, *, whole: bool = False) -> list[Query]:
        """Its targets' questions. `points` a series, by its width where none are given; `whole`: none are left out.

        SourceMissingError where a variable names no data source, InvalidError where one is no interval.
        """
        points = points or self.panel.max_points or self.panel.position.w * POINTS_PER_COLUMN
        steps = [least_step(target.interval, self.variables) for target in self.targets]
        return [
            Query(
                query=target.query,
                range=range_,
                scope=self.scope,
                datasource=source_named(target.datasource, self.variables),
                ref=target.ref,
                interval_s=step_s,
                scrape_s=step_s,
                least=least_of_query(target.interval, self.variables),
                factor=target.resolution,
                max_points=points,
                variables=self.variables,
                zone=self.zone,
                instant=target.instant,
                legend=target.legend,
                options=self._options(target),
                tick=tick,
                priority=Priority.DASHBOARD,
                dashboard=self.dashboard_id,
                whole=whole,
            )
            for target, step_s in zip(self.targets, steps, strict=True)
        ]

    def _options(self, target: Target) -> Mapping[str, Any]:
        """The target's, with which rows are to stay rows where it does not say; those of a hidden one are series."""
        if not self.type.rows or target.hidden or "format" in target.options:
            return target.options
        return {**target.options, "rows": self.type.rows}

    def at_hand(self, range_: TimeRange, tick: int | None) -> Outcome | None:
        """What asking comes to where another view had it asked in the same refresh."""
        return self._latest.over(range_, tick) if self._latest is not None else None

    async def refresh(self, range_: TimeRange, tick: int | None = None) -> Outcome:
        """Ask, compute and compile; never raises for what a source, a query or an option does."""
        outcome = await self._refreshed(range_, tick)
        if tick is not None and self._is_for_all and outcome.state == "ready" and outcome.notice is None:
            self._latest = Refreshed.of(range_, tick, self._steps, outcome)
        return outcome

    @property
    def _is_for_all(self) -> bool:
        """Whether what it comes to is the same for all ranges that lie alike on the grids of its steps."""
        return self.type.asks and self.type.of_frames and not any(target.compare for target in self.targets)

    async def _refreshed(self, range_: TimeRange, tick: int | None) -> Outcome:
        seen: Sequence[Asked] = ()
        try:
            queries = self.queries(range_, tick) if self.type.asks else []
            pairs = await self.shown(queries)
            seen = [Asked.of(self._written(query.ref), query, one) for query, one in pairs]
            answers, fault = sorted_out(pairs, several=max(len(pairs), len(queries)) > 1)
            frames = await self.transformed([frame for answer in answers for frame in answer.frames])
            if fault is not None and not have_rows(frames):
                raise fault
            outcome = await self._draw(frames, answers, range_, "" if fault is None else fault.detail)
        except SourceTimeoutError as error:
            outcome = failed("timeout", error)
        except HeliographError as error:
            outcome = failed("error", error)
        except asyncio.CancelledError:
            raise
        except Exception:  # a broken panel hurts no other; the log has the trace
            log.exception("panel failed", panel=self.panel.panel_id, dashboard=self.dashboard_id)
            outcome = Outcome("error", code="internal", title="This panel failed", message="The server's log says why.")
        return replace(outcome, seen=seen)

    def _written(self, ref: str) -> Target:
        """The target of a question; one that is compared is asked as `A-1w` too."""
        return next(target for target in self.targets if ref in (target.ref, f"{target.ref}-{target.compare}"))

    async def answers(self, queries: Sequence[Query]) -> list[Answer]:
        """What they come to; the first error of any is raised, and names its target where there are several."""
        pairs = await self.shown(queries)
        answers, fault = sorted_out(pairs, several=max(len(pairs), len(queries)) > 1)
        if fault is not None:
            raise fault
        return answers

    async def shown(self, queries: Sequence[Query]) -> list[tuple[Query, Answer | BaseException]]:
        """The targets that are not hidden, each with its answer or its error; hidden ones feed expressions.

        A target that is compared stands there a second time, as it was: ref `A-1w`.
        """
        shown = [target for target in self.targets if not target.hidden]
        spans: dict[str, set[str]] = {}
        for target in shown:
            if target.compare:
                spans.setdefault(target.compare, set()).add(target.ref)
        now = self._now(queries, {target.ref for target in shown})
        if not spans:
            return await now
        found = await asyncio.gather(now, *(self._before(queries, span, refs) for span, refs in spans.items()))
        return [pair for pairs in found for pair in pairs]

    async def _now(self, queries: Sequence[Query], refs: Collection[str]) -> list[tuple[Query, Answer | BaseException]]:
        found = await asked(self.tools.proxy, queries, self.tools.run_sql)
        steps = {round(one.step_s * 1000) for one in found if isinstance(one, Answer)}
        if not steps <= self._steps:
            self._steps |= steps
        return [(query, one) for query, one in zip(queries, found, strict=True) if query.ref in refs]

    async def _before(
        self, queries: Sequence[Query], span: str, refs: Collection[str]
    ) -> list[tuple[Query, Answer | BaseException]]:
        """Some targets as they were, at the times that they are compared with."""
        back = Back.of(span, self.zone)
        needed = {target.ref for target in asked_targets(self.targets, refs)}
        asked_then = [query.but(range=back.range(query.range)) for query in queries if query.ref in needed]
        found = await asked(self.tools.proxy, asked_then, self.tools.run_sql)
        named = [query.but(ref=f"{query.ref}-{span}") for query in asked_then]
        return [
            (
                name,
                one.but(frames=back.frames(one.frames, name.ref), has_parts=False) if isinstance(one, Answer) else one,
            )
            for query, name, one in zip(asked_then, named, found, strict=True)
            if query.ref in refs
        ]

    async def transformed(self, frames: Sequence[Frame]) -> Sequence[Frame]:
        """What the panel's transformations leave of the frames of its targets."""
        if not self.steps:
            return frames
        return await transformed_in_turn(frames, self.steps, self.tools.proxy.working, self.scope.payer)

    async def _layout(self, shape: Hashable) -> Layout:
        if self._laid_out is None or self._laid_out[0] != shape:
            self._laid_out = (shape, await self.tools.layout(self.type, self.options, shape))
        return self._laid_out[1]

    async def _draw(
        self, frames: Sequence[Frame], answers: Sequence[Answer], range_: TimeRange, fault: str = ""
    ) -> Outcome:
        """`fault`: why a target is not among the answers."""
        if not self.type.draws_empty and not have_rows(frames):
            return Outcome("empty", message="No data in this range")
        if lack := self.type.lacks(frames):
            return Outcome("error", code="unfit", title="This panel cannot draw the answer", message=lack)
        frames = self._places.placed(await self._shortened(frames))
        shape, drawn = await self._drawn(frames, range_)
        layout = await self._layout(shape)
        asked_for = drawn.texts.get("pages") or (drawn.texts.get("filter") and drawn.texts.get("footer"))
        paged = tuple(frames) if asked_for else ()  # what is asked for again by pages, or by filters
        ages = [answer.stale_age_s for answer in answers if answer.stale_age_s is not None]
        notice = fault or drawn.texts.get("notice") or notice_of(answers)
        state: State = "stale" if ages else "ready"
        return Outcome(
            state,
            layout,
            drawn,
            paged,
            notice=notice,
            age_s=round(max(ages), 1) if ages else None,
            range=range_,
            frames_bytes=size_of(paged) if paged else 0,
            part_ms=0 if self.steps or notice or ages else step_of_parts(answers),
        )

    async def _shortened(self, frames: Sequence[Frame]) -> Sequence[Frame]:
        """The frames with their long texts cut, looked through in turn where they are many."""
        if _are_many(frames):
            return await self.tools.proxy.working.run(self.scope.payer, shortened, frames)
        return shortened(frames)

    async def _drawn(self, frames: Sequence[Frame], range_: TimeRange) -> tuple[Hashable, Drawn]:
        """What the type draws of them: here, in turn where that takes long, or in the process for figures."""
        if self.type.apart and self.tools.figures is not None:
            return await self.tools.figures.draw(self.type.name, self.options, frames, range_, self.scope.payer)
        known = self.tools.drawings.get(self.type, self._options_text, frames)
        if known is not None:
            return known
        if _are_many(frames) or self.type.draws_slowly(self.options):
            working = self.tools.proxy.working
            drawn = await working.run(self.scope.payer, self.type.draw, self.options, frames, range_)
        else:
            drawn = self.type.draw(self.options, frames, range_)
        self.tools.drawings.put(self.type, self._options_text, frames, drawn)
        return drawn


def _are_many(frames: Sequence[Frame]) -> bool:
    """Whether working on them takes longer than the loop may wait."""
    values = sum(frame.rows * max(len(frame.fields) - 1, 1) for frame in frames)
    return len(frames) > FRAMES_AT_ONCE or values > VALUES_AT_ONCE


def _filled(step: Step, kind: PanelType[Any], variables: Mapping[str, tuple[str, ...]]) -> Step:
    return step.model_copy(update={"options": kind.filled(step.options, variables)}) if variables else step
