"""A live view: panels, a sequence number, and the sockets that follow; refreshed once for all who watch."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Set
from time import perf_counter
from typing import Any

from ...components.asking.outcome import Outcome
from ...components.asking.source import PanelSource
from ...components.spec import Dashboard
from ...datasources.variables.resolve import Resolved
from ...errors import NotFoundError
from ...tasks import ended
from ..process.telemetry import Telemetry
from .audience import Audience, Follower
from .draft_board import OfDraft
from .drawn import Drawn
from .frames import as_frame
from .key import ViewKey
from .laying import LaidOut, first_screen
from .marks import ViewMarks
from .paced import Paced
from .questions import Questions
from .rows import RowPages
from .snapshot import KeptSnapshots, PanelHeads, encode_snapshot
from .ticks import Ticks

# A tick waits so long for its slowest panels before it goes out with those that are there; the others follow. Where
# many watch it waits longer, up to the second, since each message is work for all of them.
GRACE_S, MOST_GRACE_S = 0.2, 0.5
# Panels that come later than that go out together, so often at most: a page works on each message, and a slow server
# has slow panels.
LATE_S, MOST_LATE_S = 0.2, 1.0


class View:
    """Data once per view, whoever watches. All of it lives on the event loop.

    A refresh asks panels concurrently; each outcome waits in `_questions` until `_flush` applies it to what is drawn,
    numbers and encodes it and writes it to every socket, in one step that never awaits: so a snapshot holds exactly
    the messages up to its `seq`.
    """

    def __init__(
        self,
        key: ViewKey,
        laid: LaidOut,
        variables: tuple[Resolved, ...],
        *,
        clock: Callable[[], float],
        telemetry: Telemetry,
        marks: ViewMarks | None = None,
        draft: OfDraft | None = None,
    ) -> None:
        self.key = key
        self.draft = draft
        self.id = key.id
        self.variables = variables
        self.audience = Audience(clock)
        self.used_s = clock()
        self.pinned = False
        self.seq = 0
        self._beside: Mapping[str, Any] = {}
        self._clock = clock
        self._telemetry = telemetry
        self._late = Paced(self._flush, self._pause_s)
        self._drawn = Drawn(laid.broken)
        self._questions = Questions(
            key, laid.panels, marks or ViewMarks(), self._drawn, arrived=self._late, clock=clock
        )
        self._snapshots = KeptSnapshots(self._encode)
        self.written = PanelHeads()
        self.row_pages = RowPages()
        self._lay(laid)
        self._ticker: asyncio.Task[None] | None = None

    def _lay(self, laid: LaidOut) -> None:
        self._laid = laid
        self.types: Mapping[int, str] = laid.types()
        self._first = [panel_id for panel_id in first_screen(laid.dashboard) if panel_id in laid.panels]

    def become(self, laid: LaidOut, variables: tuple[Resolved, ...], marks: ViewMarks | None) -> None:
        """Show another revision of the draft: what was `kept` goes on, else what is looked at is asked at once.

        `marks`: other annotation queries than before. Never awaits.
        """
        self.audience.finish()
        self.written = PanelHeads()
        changed = (self._drawn.panel_ids | self.panels.keys() | laid.panels.keys()) - laid.kept
        self._questions.renew(laid.panels, changed)
        self._drawn.renew(changed, laid.broken)
        self.variables = variables
        self._lay(laid)
        if marks is not None:
            self.marks.stop()
            self._questions.use_marks(marks)
        self._snapshots.clear()
        self._questions.ahead(self.audience.wants())

    def start(self) -> None:
        """Begin to tick, where the view is live."""
        if self.key.live:
            self._ticker = asyncio.get_running_loop().create_task(self._tick_for_ever())

    def stop(self) -> list[asyncio.Task[None]]:
        """End all that runs for this view; the tasks that are on their way out."""
        self.audience.finish()
        self._late.stop()
        tasks = self._questions.stop()
        if self._ticker is not None:
            self._ticker.cancel()
            tasks.append(self._ticker)
        return tasks

    async def close(self) -> None:
        """Stop, and wait until nothing runs any more."""
        await ended(*self.stop())

    async def warm(self, patience_s: float) -> None:
        """Ask all panels that have no fresh data, and wait for them so long: layouts are compiled on the way."""
        await self.settle(self.panels, patience_s)

    async def settle(self, panel_ids: Iterable[int], patience_s: float) -> None:
        """Ask those of these panels that have no fresh data, and wait for them so long."""
        await self._questions.settle(panel_ids, patience_s)
        self._flush()

    def use(self) -> None:
        """Somebody looks at it now: it is held for a while."""
        self.used_s = self._clock()

    @property
    def state_id(self) -> str:
        """What is another where panels ask or draw something else: of a draft, each revision."""
        return self.id if self.draft is None else f"{self.id}-{self.draft.revision}"

    @property
    def panels(self) -> Mapping[int, PanelSource]:
        """What asks and draws each panel that can be drawn."""
        return self._laid.panels

    @property
    def marks(self) -> ViewMarks:
        """Its annotations."""
        return self._questions.marks

    @property
    def ticks(self) -> Ticks:
        """When it ticks, and the range of the last tick."""
        return self._questions.ticks

    @property
    def dashboard(self) -> Dashboard:
        """What it shows, with its panels repeated."""
        return self._laid.dashboard

    @property
    def followers(self) -> Set[Follower]:
        """Who watches now."""
        return self.audience.members

    @property
    def nbytes(self) -> int:
        """What columns and encoded snapshots take, in bytes."""
        return self._drawn.nbytes + len(self.marks.encoded) + self._snapshots.nbytes + self.written.nbytes

    # -- snapshots ---------------------------------------------------------------------------------------------------

    async def snapshot(self, panel_ids: Iterable[int], *, compressed: bool) -> bytes:
        """The panels asked for as one snapshot; those without data yet are waited for a moment, then say so."""
        self.use()
        wanted = self._known(panel_ids)
        if await self._questions.first(wanted):
            self._flush()
        return self._snapshots.get(wanted, compressed=compressed)

    def at_hand(self, panel_ids: Iterable[int], *, compressed: bool) -> bytes | None:
        """What `snapshot` gives where nothing has to be asked or encoded for it."""
        wanted = self._known(panel_ids)
        found = self._snapshots.known(wanted, compressed=compressed)
        if found is None or not self._questions.fresh(wanted):
            return None
        self.use()
        self._questions.want(wanted)
        return found

    def _known(self, panel_ids: Iterable[int]) -> tuple[int, ...]:
        return tuple(sorted({panel_id for panel_id in panel_ids if panel_id in self.types}))

    def expect(self) -> None:
        """A page is on its way: what its first screen shows is asked while it loads, where nobody watches yet."""
        if not self.followers:
            self._questions.expect(self._first)

    def _encode(self, wanted: tuple[int, ...]) -> bytes:
        return encode_snapshot(
            {panel_id: self.outcome(panel_id) for panel_id in wanted},
            self.types,
            self.written,
            seq=self.seq,
            at_ms=self.ticks.at_ms,
            window=self.window,
            annotations=self.marks.encoded,
        )

    @property
    def window(self) -> tuple[int, int]:
        """The range of the last tick, in ms."""
        return self.ticks.window

    def heads(self) -> list[dict[str, Any]]:
        """What a page must know of each panel to lay it out."""
        return self._laid.heads()

    def outcome(self, panel_id: int) -> Outcome:
        """What the panel came to last."""
        return self._drawn.of(panel_id)

    def fresh(self, panel_id: int) -> Outcome | None:
        """The same, unless it is old or was never asked."""
        return None if self._questions.is_old(panel_id) else self.outcome(panel_id)

    def title(self, panel_id: int) -> str:
        """Its title, with the values of variables in it."""
        source = self.panels.get(panel_id)
        return source.title if source is not None else ""

    def source(self, panel_id: int) -> PanelSource:
        """What asks and draws the panel; NotFoundError where there is none that can be drawn."""
        if panel_id not in self.panels:
            raise NotFoundError("there is no such panel")
        self.use()
        self._questions.want([panel_id])
        return self.panels[panel_id]

    def has_panel(self, panel_id: int) -> bool:
        """Whether there is such a panel, and it can be drawn."""
        return panel_id in self.panels

    # -- ticks -------------------------------------------------------------------------------------------------------

    async def _tick_for_ever(self) -> None:
        while True:
            await asyncio.sleep(self.ticks.due_in_s)
            grace_s = max(GRACE_S, min(self.audience.worth_waiting_s, MOST_GRACE_S))
            await self.tick(min(grace_s, self.key.refresh_s / 2))

    async def tick(self, patience_s: float) -> None:
        """One refresh: what is wanted is asked anew and waited for so long; what arrived by then is told to all."""
        started = perf_counter()
        await self._questions.refresh(self.panels.keys() if self.pinned else self.audience.wants(), patience_s)
        self._flush(always=True)
        self._late.done()
        self._telemetry.tick.observe(perf_counter() - started)

    def _pause_s(self) -> float:
        """How long late panels gather; where none is under way any more, no longer than a page needs."""
        if not self._questions.are_open:
            return LATE_S
        return max(LATE_S, min(self.audience.worth_waiting_s, MOST_LATE_S))

    def _flush(self, *, always: bool = False) -> None:
        """Apply what arrived, number it, encode it, write it to all sockets. Never awaits."""
        started = perf_counter()
        self.audience.finish()  # what is drawn changes only after all were told of what was drawn before
        panels: dict[str, Any] = {}
        found, marks = self._questions.take()
        for panel_id, outcome in found.items():
            change = self._drawn.draw(panel_id, outcome, self.panels[panel_id].changes)
            if change:
                panels[str(panel_id)] = change
        if not panels and not marks and not always:
            return
        self.seq += 1
        self._snapshots.clear()
        if not self.followers:
            return
        message = {"seq": self.seq, "at": self.ticks.at_ms, "window": list(self.window), "panels": panels}
        if marks:
            message["annotations"] = marks
        beside, self._beside = self._beside, {}
        to_guests = as_frame(message) if beside and self.audience.has_guests else b""
        done = lambda: self._telemetry.push.observe(perf_counter() - started)  # noqa: E731 - of this flush
        self.broadcast({**message, **beside} if beside else message, done, to_guests)

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
        """Tell the follower of what changes from now on."""
        self.use()
        self.audience.add(follower)

    def unfollow(self, follower: Follower) -> None:
        """Tell it nothing any more."""
        self.use()
        self.audience.discard(follower)
