"""What this node evaluates: its rules, their groups and their instances, as the database has them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping
from dataclasses import replace

import structlog

from ...storage.config.alert_rows import StoredInstance
from ...storage.config.alert_states import AlertStates
from ...storage.config.leases import Lease
from ...storage.config.rules import Rules, StoredRule
from ..rules.compiled import Compiled, compile_rule, compiled
from ..rules.declared import Rule, RuleTarget
from .groups import Group, Timetable, grouped
from .held import Held, Known, restored
from .keeper import PART_NAMES, Keeper, part_of
from .outcome import Outcome, ended

log = structlog.get_logger(__name__)
End = Callable[..., Awaitable[None]]
Key = tuple[int, str]


class Book:
    """Kept as the database is, by `refresh`. `known`: the instances that are not Normal, of each rule that is ours.

    `errors`: what those of our rules fail of whose last evaluation failed.
    """

    def __init__(self, rules: Rules, states: AlertStates, keeper: Keeper) -> None:
        self._rules = rules
        self._states = states
        self._keeper = keeper
        self._stamp: str | None = None
        self._compiled: dict[Key, Compiled] = {}
        self._parts: dict[Key, str] = {}  # the lease that each rule is under
        self._epochs: dict[str, int] = {}
        self._turns = 0
        self.known: dict[Key, Known] = {}
        self.errors: dict[Key, str] = {}
        self.timetable = Timetable()

    async def refresh(self, end: End) -> None:
        """Take up what changed: rules, or the parts that are ours. `end` commits what is over.

        While a renewal is late all stays as it is: a lease that comes back with its epoch was nobody else's meanwhile.
        Once the time went back all is read again: what is known is of times to come.
        """
        if self._keeper.unsure:
            return
        turns = self._keeper.turns
        if turns != self._turns:
            self._stamp = None
            self.known = {}
        stamp = await self._rules.stamp()
        held = dict(self._keeper.held)
        epochs = {name: lease.epoch for name, lease in held.items()}
        if stamp == self._stamp and epochs == self._epochs:
            return
        if stamp != self._stamp:
            self._read(await self._rules.everywhere())
        gained = {name: lease for name, lease in held.items() if self._epochs.get(name) != lease.epoch}
        now_ms = self._keeper.now_ms()
        await self._load(held, gained, now_ms)
        groups = [group for group in grouped(self._compiled.values()) if group.part in held]
        progress = {
            name: min(lease.progress_ms, now_ms) for name, lease in gained.items() if lease.progress_ms is not None
        }
        for group in groups:
            self._see(group, progress)
        self.timetable.replace(groups, now_ms, progress)
        self._stamp, self._epochs, self._turns = stamp, epochs, turns
        await self._end_paused(held, now_ms, end)
        await self._end_orphans(held, now_ms, end)

    def settle(self, lease: Lease, outcomes: Mapping[Compiled, Outcome]) -> None:
        """What was committed is what stands; not where the part was another's meanwhile, and was read again since."""
        if self._epochs.get(lease.name) != lease.epoch:
            return
        for rule, outcome in outcomes.items():
            if rule.key in self.known:
                self.known[rule.key] = outcome.known
                self._keep_error(rule.key, outcome.error)

    def _keep_error(self, key: Key, error: str) -> None:
        if error:
            self.errors[key] = error
        else:
            self.errors.pop(key, None)

    def forget(self, keys: Collection[Key]) -> None:
        """Nobody knows what stands of these rules: all of it is read again."""
        self._stamp = None
        for key in keys:
            self.known.pop(key, None)

    def _read(self, stored: Iterable[StoredRule]) -> None:
        found: dict[Key, Compiled] = {}
        for one in stored:
            key = (one.org, one.rule_id)
            before = self._compiled.get(key)
            if before is not None and (before.version, before.created_ms) == (one.version, one.created_at):
                found[key] = before
                continue
            rule = compiled(one)
            if rule is None:
                log.warning("a rule cannot be read", rule=one.rule_id, org=one.org)
            else:
                found[key] = rule
        self._compiled = found
        self._parts = {key: part_of(rule.group.part_text) for key, rule in found.items()}

    def _ours(self, held: Collection[str]) -> set[Key]:
        return {key for key, part in self._parts.items() if part in held}

    async def _load(self, held: Mapping[str, Lease], gained: Mapping[str, Lease], now_ms: int) -> None:
        """Read the instances of rules that are ours since now; forget those of others."""
        ours = self._ours(held)
        fresh = {key for key in ours if self._parts[key] in gained}
        fresh |= ours - self.known.keys()
        self.known = {key: known for key, known in self.known.items() if key in ours and key not in fresh}
        if not fresh:
            return
        read: dict[Key, dict[str, Held]] = {key: {} for key in fresh}
        for one in await self._states.instances(fresh):
            read[one.org, one.rule_id][one.fingerprint] = restored(one, now_ms)
        faults = await self._states.faults()
        for key in fresh:
            self._keep_error(key, faults[key].detail if key in faults else "")
        self.known |= read

    def _see(self, group: Group, progress: Mapping[str, int]) -> None:
        """What others evaluated before us was seen by them, though nothing of it had to be written."""
        if group.part not in progress:
            return
        seen_ms = group.due_ms(progress[group.part])
        for rule in group.rules:
            known = self.known.get(rule.key, {})
            self.known[rule.key] = {
                key: replace(held, instance=replace(held.instance, seen_ms=max(held.instance.seen_ms or 0, seen_ms)))
                for key, held in known.items()
            }

    async def _end_paused(self, held: Mapping[str, Lease], now_ms: int, end: End) -> None:
        over: dict[str, dict[Compiled, Outcome]] = {}
        for key, rule in self._compiled.items():
            if rule.declared.paused and self.known.get(key):
                over.setdefault(self._parts[key], {})[rule] = ended(rule, self.known[key], now_ms)
        for part, outcomes in over.items():
            await end(held[part], outcomes, gone=False)

    async def _end_orphans(self, held: Mapping[str, Lease], now_ms: int, end: End) -> None:
        """Who has the first part ends the instances whose rules are gone."""
        lease = held.get(PART_NAMES[0])
        orphans = await self._states.orphans() if lease is not None else ()
        over: dict[Key, list[StoredInstance]] = {}
        for one in orphans:
            over.setdefault((one.org, one.rule_id), []).append(one)
        outcomes = {}
        for (org, rule_id), several in over.items():
            rule = bygone(org, rule_id, several[0])
            outcomes[rule] = ended(rule, {one.fingerprint: restored(one, now_ms) for one in several}, now_ms)
        if outcomes:
            await end(lease, outcomes, gone=True)


def bygone(org: int, rule_id: str, instance: StoredInstance) -> Compiled:
    """A rule that is gone, as far as its instances still say what it was."""
    title = instance.labels.get("alertname", rule_id)
    return compile_rule(Rule(rule_id=rule_id, title=title, targets=[RuleTarget()]), org)
