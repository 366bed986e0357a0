"""A live view: panels, a sequence number, and the sockets that follow; refreshed once for all who watch."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from time import perf_counter
from typing import Any

import structlog

from ...components.asking.asking import Asking
from ...components.asking.source import Outcome, PanelSource
from ...components.delta import panel_delta
from ...components.panel_spec import ROW
from ...components.panels.table import Table, TableOptions
from ...components.rows import RowsWanted
from ...components.spec import Dashboard
from ...datasources.timerange import TimeRange
from ...datasources.variables.resolve import Resolved
from ...errors import NotFoundError
from ...scope import Scope
from ..http.strict_json import strict_json
from ..process.telemetry import Telemetry
from .audience import Audience, Follower
from .frames import as_frame
from .freshness import Freshness
from .key import ViewKey
from .laying import LaidOut, first_screen
from .marks import ViewMarks
from .paced import Paced
from .rows import RowPages
from .snapshot import KeptSnapshots, encode_snapshot

log = structlog.get_logger(__name__)
# A tick waits so long for its slowest panels before it goes out with those that are there; the others follow.
GRACE_S = 0.2
FIRST_DATA_S = 0.25
# Panels that come later than that go out together: a page works on each message, and a slow server has slow panels.
LATE_S = 0.2
# What people mark on a range in the past may change though its data do not: who comes after so long sees it.
STILL_MARKS_S = 0.5
LOADING = Outcome("loading")


@dataclass(frozen=True, slots=True)
class OfDraft:
    """The draft that a view shows: for whom, which revision, and what of it decides which view an address leads to."""

    scope: Scope
    revision: int
    names: Sequence[Any]


class View:
    """Data once per view, whoever watches. All of it lives on the event loop.

    A refresh asks panels concurrently; each outcome waits in `_asking` until `_flush` applies it to what is drawn,
    numbers and encodes it and writes it to every socket, in one step that never awaits: so a snapshot holds exactly
    the messages up to its `seq`.
    """

    def __init__(
        self,
        key: ViewKey,
        dashboard: Dashboard,
        variables: tuple[Resolved, ...],
        panels: Mapping[int, PanelSource],
        broken: Mapping[int, Outcome],
        *,
        clock: Callable[[], float],
        telemetry: Telemetry,
        marks: ViewMarks | None = None,
        draft: OfDraft | None = None,
    ) -> None:
        self.key = key
        self.draft = draft
        self.id = key.id
        self.dashboard = dashboard
        self.variables = variables
        self.audience = Audience(clock)
        self.used_s = clock()
        self.pinned = False
        self.seq = 0
        self._beside: Mapping[str, Any] = {}
        self._panels = panels
        self._take_panels(dashboard)
        self._outcomes: dict[int, Outcome] = dict(broken)
        self._clock = clock
        self._telemetry = telemetry
        self._late = Paced(self._flush, LATE_S)
        self._asking = Asking(self._refresh, self._late)
        self._fresh = Freshness(key, clock)
        self._nbytes: dict[int, int] = {}
        self._snapshots = KeptSnapshots(self._encode)
        self._pages = RowPages()
        self._take_marks(marks or ViewMarks())
        self._ticker: asyncio.Task[None] | None = None
        self._set_window()

    def _take_marks(self, marks: ViewMarks) -> None:
        self.marks = marks
        self.marks.arrived = self._asking.arrive
        self._marks_asked_s = 0.0

    def become(self, laid: LaidOut, variables: tuple[Resolved, ...], marks: ViewMarks | None) -> None:
        """Show another revision of the draft: what was `kept` goes on, all else is asked anew by whoever wants it.

        `marks`: other annotation queries than before. Never awaits.
        """
        self.audience.finish()
        changed = (self._outcomes.keys() | self._panels.keys() | laid.panels.keys()) - laid.kept
        self._asking.forget(changed)
        for panel_id in changed:
            self._outcomes.pop(panel_id, None)
            self._nbytes.pop(panel_id, None)
        self._fresh.forget(changed)
        self.dashboard, self.variables, self._panels = laid.dashboard, variables, laid.panels
        self._take_panels(laid.dashboard)
        self._outcomes.update(laid.broken)
        if marks is not None:
            self.marks.stop()
            self._take_marks(marks)
        self._snapshots.clear()

    def _take_panels(self, dashboard: Dashboard) -> None:
        self._types = {panel.panel_id: panel.type for panel in dashboard.panels if panel.type != ROW}
        self._types |= {one: source.type.drawn_as or source.type.name for one, source in self._panels.items()}
        self._first = [panel_id for panel_id in first_screen(dashboard) if panel_id in self._panels]

    def start(self) -> None:
        """Begin to tick, where the view is live."""
        if self.key.live:
            self._ticker = asyncio.get_running_loop().create_task(self._tick_for_ever())

    def stop(self) -> list[asyncio.Task[None]]:
        """End all that runs for this view; the tasks that are on their way out."""
        self.audience.finish()
        self._late.stop()
        tasks = [*self._asking.stop(), *self.marks.stop()]
        if self._ticker is not None:
            self._ticker.cancel()
            tasks.append(self._ticker)
        return tasks

    async def close(self) -> None:
        """Stop, and wait until nothing runs any more."""
        for task in self.stop():
            with contextlib.suppress(asyncio.CancelledError):
                await task

    async def warm(self, patience_s: float) -> None:
        """Ask all panels that have no fresh data, and wait for them so long: layouts are compiled on the way."""
        await self.settle(self._panels, patience_s)

    async def settle(self, panel_ids: Iterable[int], patience_s: float) -> None:
        """Ask those of these panels that have no fresh data, and wait for them so long."""
        await self._asking.wait([panel_id for panel_id in panel_ids if self._is_old(panel_id)], patience_s)
        self._flush()

    @property
    def state_id(self) -> str:
        """What is another where panels ask or draw something else: of a draft, each revision."""
        return self.id if self.draft is None else f"{self.id}-{self.draft.revision}"

    @property
    def panels(self) -> Mapping[int, PanelSource]:
        """What asks and draws each panel that can be drawn."""
        return self._panels

    @property
    def followers(self) -> Set[Follower]:
        """Who watches now."""
        return self.audience.members

    @property
    def nbytes(self) -> int:
        """What columns and encoded snapshots take, in bytes."""
        return sum(self._nbytes.values()) + len(self.marks.encoded) + self._snapshots.nbytes

    # -- snapshots ---------------------------------------------------------------------------------------------------

    async def snapshot(self, panel_ids: Iterable[int], *, compressed: bool) -> bytes:
        """The panels asked for as one snapshot; those without data yet are waited for a moment, then say so."""
        self.used_s = self._clock()
        wanted = tuple(sorted({panel_id for panel_id in panel_ids if panel_id in self._types}))
        self._fresh.ask(wanted)
        stale = [panel_id for panel_id in wanted if self._is_old(panel_id)]
        first, old = not self._marks_asked_s, self._marks_are_old()
        if old:
            self._ask_marks()
        marks = self.marks.tasks if first or (old and not self.key.live) else ()
        if stale or marks:
            await self._asking.wait(stale, FIRST_DATA_S, marks)
            self._flush()
        return self._snapshots.get(wanted, compressed=compressed)

    def at_hand(self, panel_ids: Iterable[int], *, compressed: bool) -> bytes | None:
        """What `snapshot` gives where nothing has to be asked or encoded for it."""
        wanted = tuple(sorted({panel_id for panel_id in panel_ids if panel_id in self._types}))
        found = self._snapshots.known(wanted, compressed=compressed)
        if found is None or self._marks_are_old() or any(map(self._is_old, wanted)):
            return None
        self.used_s = self._clock()
        self._fresh.ask(wanted)
        return found

    def expect(self) -> None:
        """A page is on its way: what its first screen shows is asked while it loads, where nobody watches yet."""
        if self.followers:
            return
        old = [panel_id for panel_id in self._first if self._is_old(panel_id)]
        self._fresh.ask(old)
        self._asking.start(old)
        if self._marks_are_old():
            self._ask_marks()

    def _is_old(self, panel_id: int) -> bool:
        return panel_id in self._panels and self._fresh.is_old(panel_id, self.outcome(panel_id).state)

    def _marks_are_old(self) -> bool:
        if self.key.live or not self._marks_asked_s:
            return self._fresh.is_past(self._marks_asked_s or None)
        return self.marks.has_made and self._clock() - self._marks_asked_s > STILL_MARKS_S

    def _encode(self, wanted: tuple[int, ...]) -> bytes:
        return encode_snapshot(
            {panel_id: self._outcomes.get(panel_id, LOADING) for panel_id in wanted},
            self._types,
            seq=self.seq,
            at_ms=self._at_ms,
            window=self._window,
            annotations=self.marks.encoded,
        )

    async def zoomed(self, panel_ids: Sequence[int], range_: TimeRange) -> bytes:
        """Panels over another range, as a snapshot of their own."""
        self.used_s = self._clock()
        outcomes = await asyncio.gather(*(self._panels[panel_id].refresh(range_) for panel_id in panel_ids))
        return encode_snapshot(
            dict(zip(panel_ids, outcomes, strict=True)),
            self._types,
            seq=self.seq,
            at_ms=self._at_ms,
            window=(range_.from_ms, range_.to_ms),
        )

    async def marks_over(self, range_: TimeRange, names: Collection[str] = ()) -> bytes:
        """Annotations of another range, or of this one as they are now, as JSON by the name of their query."""
        self.used_s = self._clock()
        return strict_json(await self.marks.over(range_, self._tick_number(), names)).encode()

    async def rows(self, panel_id: int, wanted: RowsWanted) -> dict[str, Any]:
        """A page of a panel's long table, of the frames that it was drawn of last; NotFoundError where it has none."""
        self.used_s = self._clock()
        self._fresh.ask([panel_id])
        source, outcome = self._panels[panel_id], self._outcomes.get(panel_id, LOADING)
        if not outcome.frames or not isinstance(source.type, Table) or not isinstance(source.options, TableOptions):
            raise NotFoundError("this panel has no pages")
        return await self._pages.page(panel_id, source.type, source.options, outcome.frames, wanted)

    def inspected(self, panel_id: int) -> dict[str, Any]:
        """How what a panel shows now came about, and with how many it is shared."""
        now_s = self._clock()
        targets = [one.as_json(now_s) for one in self.outcome(panel_id).seen]
        return {"window": list(self._window), "viewers": len(self.followers), "targets": targets}

    @property
    def window(self) -> tuple[int, int]:
        """The range of the last tick, in ms."""
        return self._window

    def heads(self) -> list[dict[str, Any]]:
        """What a page must know of each panel to lay it out."""
        titles = {panel_id: source.title for panel_id, source in self._panels.items()}
        return [
            {
                "id": panel.panel_id,
                "type": panel.type,
                "title": titles.get(panel.panel_id, panel.title),
                "description": panel.description,
                "links": source.links if (source := self._panels.get(panel.panel_id)) is not None else [],
                "transparent": panel.transparent,
                "position": panel.position.model_dump(),
                "collapsed": panel.collapsed,
            }
            for panel in self.dashboard.panels
        ]

    def outcome(self, panel_id: int) -> Outcome:
        """What the panel came to last."""
        return self._outcomes.get(panel_id, LOADING)

    def title(self, panel_id: int) -> str:
        """Its title, with the values of variables in it."""
        source = self._panels.get(panel_id)
        return source.title if source is not None else ""

    def source(self, panel_id: int) -> PanelSource:
        """What asks and draws the panel; NotFoundError where there is none that can be drawn."""
        if panel_id not in self._panels:
            raise NotFoundError("there is no such panel")
        self.used_s = self._clock()
        self._fresh.ask([panel_id])
        return self._panels[panel_id]

    def has_panel(self, panel_id: int) -> bool:
        return panel_id in self._panels

    # -- ticks -------------------------------------------------------------------------------------------------------

    async def _tick_for_ever(self) -> None:
        phase = int(self.id[:8], 16) / 0xFFFFFFFF * self.key.refresh_s
        while True:
            now = self._clock()
            await asyncio.sleep(self.key.refresh_s - (now - phase) % self.key.refresh_s)
            started = perf_counter()
            self._set_window()
            wanted = self._wanted()
            if wanted:
                self._ask_marks()
            await self._asking.wait(wanted, min(GRACE_S, self.key.refresh_s / 2))
            self._flush(always=True)
            self._telemetry.tick.observe(perf_counter() - started)

    def _set_window(self) -> None:
        now_ms = int(self._clock() * 1000)
        range_ = self.key.range_at(now_ms)
        self._range = range_
        self._at_ms = now_ms
        self._window = (range_.from_ms, range_.to_ms)

    def _wanted(self) -> Collection[int]:
        """The panels that some page is near, or was a moment ago; all of them where the view is pinned."""
        if self.pinned:
            return self._panels.keys()
        return (self.audience.wants() | self._fresh.wanted()) & self._panels.keys()

    def _ask_marks(self) -> None:
        still = not self.key.live and self._marks_asked_s > 0
        self._marks_asked_s = self._clock()
        self.marks.ask(self._range, self._tick_number(), made_alone=still)

    async def _refresh(self, panel_id: int) -> Outcome:
        outcome = await self._panels[panel_id].refresh(self._range, self._tick_number())
        self._fresh.came(panel_id)
        return outcome

    def _tick_number(self) -> int | None:
        return int(self._clock() // self.key.refresh_s) if self.key.live else None

    def _flush(self, *, always: bool = False) -> None:
        """Apply what arrived, number it, encode it, write it to all sockets. Never awaits."""
        started = perf_counter()
        self.audience.finish()  # what is drawn changes only after all were told of what was drawn before
        panels: dict[str, Any] = {}
        for panel_id, outcome in self._asking.take().items():
            change = self._apply(panel_id, outcome)
            if change:
                panels[str(panel_id)] = change
        marks = self.marks.take()
        if not panels and not marks and not always:
            return
        self.seq += 1
        self._snapshots.clear()
        if not self.followers:
            return
        message = {"seq": self.seq, "at": self._at_ms, "window": list(self._window), "panels": panels}
        if marks:
            message["annotations"] = marks
        beside, self._beside = self._beside, {}
        to_guests = as_frame(message) if beside and self.audience.has_guests else b""
        done = lambda: self._telemetry.push.observe(perf_counter() - started)  # noqa: E731 - of this flush
        self.broadcast({**message, **beside} if beside else message, done, to_guests)

    def _apply(self, panel_id: int, outcome: Outcome) -> dict[str, Any]:
        """Make the outcome what is drawn; the message that brings a page there from what was drawn before."""
        before = self._outcomes.get(panel_id, LOADING)
        self._outcomes[panel_id] = outcome
        self._nbytes[panel_id] = outcome.nbytes
        if outcome.layout is None or outcome.drawn is None:
            return outcome.head() if before.head() != outcome.head() else {}
        if before.layout is None or before.drawn is None or before.layout.id != outcome.layout.id:
            return {"reload": True}
        change = panel_delta(before.drawn, outcome.drawn).as_json()
        if before.head() != outcome.head():
            change |= outcome.head()
        return change

    def say_beside(self, said: Mapping[str, Any]) -> None:
        """Say something with the next tick that is none of its panels'."""
        self._beside = {**self._beside, **said}

    # -- followers ---------------------------------------------------------------------------------------------------

    def broadcast(
        self, message: Mapping[str, Any], done: Callable[[], None] | None = None, to_guests: bytes = b""
    ) -> None:
        """One message to all followers, encoded once; `done` is called when the last was written to."""
        frame = as_frame(message)
        self._telemetry.push_bytes.inc(len(frame) * len(self.followers))
        self.audience.tell(frame, done, to_guests)

    def follow(self, follower: Follower) -> None:
        self.used_s = self._clock()
        self.audience.add(follower)

    def unfollow(self, follower: Follower) -> None:
        self.used_s = self._clock()
        self.audience.discard(follower)
