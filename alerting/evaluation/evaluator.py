"""Evaluates the rules that are this node's, at their times, and commits what changed under its leases."""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final

import structlog

from ...errors import HeliographError
from ...storage.config.alert_rows import Gap, RuleChange, RuleFault
from ...storage.config.alert_states import AlertStates
from ...storage.config.leases import Lease, LeaseLostError
from ...storage.config.rules import Rules
from ..machine import State
from ..rules.compiled import Compiled
from ..schedule import missed
from .book import Book
from .groups import Group
from .keeper import Keeper
from .one import OneRule
from .outcome import Outcome
from .ports import Figures

log = structlog.get_logger(__name__)
LOOK_S: Final = 1.0  # how often it is looked whether rules were changed
COUNT_S: Final = 10.0  # how often instances are counted: of tens of thousands it takes some ms
CLOSE_S: Final = 3.0
STATES: Final = (State.PENDING, State.FIRING, State.NO_DATA, State.ERROR)


class Evaluator:
    """Runs until it is closed. `one` evaluates a single rule; `keeper` says what is ours, and what time it is."""

    def __init__(self, rules: Rules, states: AlertStates, keeper: Keeper, one: OneRule, figures: Figures) -> None:
        self._states = states
        self._keeper = keeper
        self._one = one
        self._figures = figures
        self._book = Book(rules, states, keeper)
        self._running: dict[asyncio.Task[None], int] = {}
        self._writing: set[asyncio.Task[bool]] = set()
        self._wake = asyncio.Event()
        self._gaps: dict[str, Gap] = {}
        self._count_at_s = 0.0

    @property
    def book(self) -> Book:
        """The rules that this process evaluates, with their instances."""
        return self._book

    def wake(self) -> None:
        """Something changed: leases or rules."""
        self._wake.set()

    def progress_ms(self) -> int:
        """Up to when all that is held was evaluated."""
        next_ms = self._book.timetable.next_ms()
        open_ms = [*self._running.values(), *([next_ms] if next_ms is not None else [])]
        return min(self._keeper.now_ms(), min(open_ms, default=self._keeper.now_ms() + 1) - 1)

    async def run(self) -> None:
        """Evaluate what is due, for as long as the task runs."""
        looked_s = 0.0
        loop = asyncio.get_running_loop()
        while True:
            if self._wake.is_set() or loop.time() - looked_s > LOOK_S:
                self._wake.clear()
                looked_s = loop.time()
                await self._look()
            now_ms = self._keeper.now_ms()
            for at_ms, group in self._book.timetable.due(now_ms):
                self._start(group, at_ms)
            next_ms = self._book.timetable.next_ms()
            wait_s = min(LOOK_S, (next_ms - now_ms) / 1000) if next_ms is not None else LOOK_S
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), max(wait_s, 0.001))

    async def close(self) -> None:
        """Wait a moment for what is being evaluated; what is not done then is not written, what is being written is."""
        if not self._running:
            return
        _, late = await asyncio.wait(self._running, timeout=CLOSE_S)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, *self._writing, return_exceptions=True)

    async def _look(self) -> None:
        """See which rules and parts are ours by now; end what is over; say what is."""
        try:
            await self._book.refresh(self._end)
            gaps, self._gaps = self._gaps, {}
            await self._states.record_gaps([*gaps.values()])
        except HeliographError as error:
            log.warning("rules cannot be read", error=error.detail)
        except Exception:  # what is known is evaluated on; the log has the trace
            log.exception("rules cannot be taken up")
        self._count()

    def _count(self) -> None:
        """Say how many instances are in which state, now and then."""
        now_s = asyncio.get_running_loop().time()
        if now_s < self._count_at_s:
            return
        self._count_at_s = now_s + COUNT_S
        found = Counter(held.instance.state for known in self._book.known.values() for held in known.values())
        self._figures.states({str(state): found[state] for state in STATES})

    def _start(self, group: Group, at_ms: int) -> None:
        if group.busy or at_ms <= (group.last_ms or 0):
            return
        gap = missed(group.last_ms, at_ms, group.interval_ms)
        if gap:
            assert group.last_ms is not None
            self._missed(Gap(group.key.text, group.last_ms, at_ms, gap))
            self._figures.evaluated("missed", gap * len(group.rules))
        group.busy = True
        task = asyncio.create_task(self._run(group, at_ms))
        self._running[task] = at_ms
        task.add_done_callback(self._ended)

    def _missed(self, gap: Gap) -> None:
        """Keep it until it is looked around again: one row of a group, however often it was late meanwhile."""
        before = self._gaps.get(gap.what)
        self._gaps[gap.what] = before.joined(gap) if before is not None else gap

    def _ended(self, task: asyncio.Task[None]) -> None:
        del self._running[task]
        if not task.cancelled() and task.exception() is not None:
            log.error("a group failed", exc_info=task.exception())

    async def _run(self, group: Group, at_ms: int) -> None:
        """Evaluate a group for one of its times, and commit it."""
        lease, turns = self._keeper.held.get(group.part), self._keeper.turns
        current = group
        try:
            if lease is None or any(rule.key not in self._book.known for rule in group.rules):
                return  # another's by now, or not read again yet
            outcomes = await self._outcomes(group, at_ms)
            if await asyncio.shield(self._write(lease, outcomes)):
                if turns != self._keeper.turns:
                    self._book.forget([rule.key for rule in group.rules])  # of a time that is to come again
                    return
                self._figures.committed((self._keeper.now_ms() - at_ms) / 1000)
                current = self._book.timetable.groups.get(group.key, group)
                current.last_ms = group.last_ms = at_ms
        finally:
            current = self._book.timetable.groups.get(group.key, group)
            current.busy = group.busy = False

    async def _outcomes(self, group: Group, at_ms: int) -> list[tuple[Compiled, Outcome]]:
        """What each rule came to. Where one records what another may ask, they wait for each other."""
        known = self._book.known
        if group.records:
            found = [await self._one.evaluate(rule, known.get(rule.key, {}), at_ms) for rule in group.rules]
        else:
            found = await self._one.evaluate_all(group.rules, known, at_ms)
        return list(zip(group.rules, found, strict=True))

    def _write(self, lease: Lease, outcomes: Sequence[tuple[Compiled, Outcome]]) -> asyncio.Task[bool]:
        """Commit, whatever becomes of who waits for it: half a transaction would keep others waiting."""
        task = asyncio.create_task(self._commit(lease, outcomes))
        self._writing.add(task)
        task.add_done_callback(self._writing.discard)
        return task

    async def _commit(self, lease: Lease, outcomes: Sequence[tuple[Compiled, Outcome]]) -> bool:
        """Write what changed, then go on from it; False where nothing could be written."""
        found = [(rule, outcome, self._fault(rule, outcome)) for rule, outcome in outcomes]
        writing = [(rule, outcome, fault) for rule, outcome, fault in found if outcome.writes or fault is not None]
        changes = [change_of(rule, outcome, rule.version, fault) for rule, outcome, fault in writing]
        try:
            stale = await self._states.commit(lease, changes) if changes else ()
        except LeaseLostError:
            log.warning("a lease was lost", lease=lease.name)
            self._figures.evaluated("failed", len(outcomes))
            self.wake()
            return False
        except HeliographError as error:
            log.warning("what was evaluated cannot be written", error=error.detail)
            self._figures.evaluated("failed", len(outcomes))
            self._book.forget([rule.key for rule, _, _ in writing])  # the answer may be lost, not what was written
            self.wake()
            return False
        self._book.settle(lease, {rule: outcome for rule, outcome in outcomes if rule.key not in stale})
        if stale:
            self._book.forget(stale)
            self.wake()
        return True

    def _fault(self, rule: Compiled, outcome: Outcome) -> RuleFault | None:
        """What it fails of, where that is news."""
        if outcome.error == self._book.errors.get(rule.key, ""):
            return None
        return RuleFault(outcome.error, self._keeper.now_ms())

    async def _end(self, lease: Lease, ended: Mapping[Compiled, Outcome], *, gone: bool) -> None:
        """Commit the end of instances whose rules are paused, or gone."""
        changes = [change_of(rule, outcome, None if gone else rule.version) for rule, outcome in ended.items()]
        try:
            stale = await self._states.commit(lease, changes)
        except LeaseLostError:
            self.wake()
            return
        self._book.settle(lease, {rule: outcome for rule, outcome in ended.items() if rule.key not in stale})


def change_of(rule: Compiled, outcome: Outcome, version: int | None, fault: RuleFault | None = None) -> RuleChange:
    """What an evaluation has to write down. `version`: of the rule that was evaluated; None: it is gone."""
    return RuleChange(rule.org, rule.rule_id, version, outcome.kept, outcome.gone, outcome.events, fault)
