"""The state machine of one instance: a pure function of its state, what was observed and the time.

`Normal → Pending → Firing → Normal`, with two thresholds, `for` and `keep_firing_for`. Without the second
threshold, with `missing_after` 1 and `no_data` Normal it is that of Prometheus (`AlertingRule.Eval`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum


class State(StrEnum):
    """Of an instance of a rule, as users read it."""

    NORMAL = "Normal"
    PENDING = "Pending"
    FIRING = "Firing"
    NO_DATA = "NoData"
    ERROR = "Error"


class Seen(StrEnum):
    """What an evaluation tells of an instance."""

    BREACH = "breach"  # its value is beyond the threshold that fires
    BETWEEN = "between"  # it neither fires nor has recovered
    RECOVERED = "recovered"
    MISSING = "missing"  # its series is not in the answer
    HOLD = "hold"  # nothing is known; all stays as it is


@dataclass(frozen=True, slots=True)
class Terms:
    """What of a rule the machine needs; ms. `alarm`: what an instance is called that fires."""

    for_ms: int = 0
    keep_firing_ms: int = 0
    missing_after: int = 1
    strict_for: bool = False
    interval_ms: int = 60_000
    alarm: State = State.FIRING


@dataclass(frozen=True, slots=True)
class Instance:
    """One label set of a rule. `since_ms`: when its state began; `active_ms`: when the breach began that it is about.

    `recovered_ms`: since when one that fires could be resolved, were it not kept; `missing`: evaluations in a row
    without its series; `seen_ms`: the last evaluation.
    """

    state: State = State.NORMAL
    since_ms: int = 0
    active_ms: int | None = None
    recovered_ms: int | None = None
    missing: int = 0
    value: float | None = None
    seen_ms: int | None = None

    @property
    def alarms(self) -> bool:
        """Whether people are told of it."""
        return self.state in (State.FIRING, State.NO_DATA, State.ERROR)


@dataclass(frozen=True, slots=True)
class Observation:
    """What was seen at an evaluation, with the value where there is one."""

    seen: Seen
    value: float | None = None


@dataclass(frozen=True, slots=True)
class Transition:
    """An instance went from one state to another. `reason` says why where the states alone do not."""

    at_ms: int
    from_state: State
    to_state: State
    value: float | None = None
    reason: str = ""


Step = tuple[Instance, Sequence[Transition]]
GONE, ENDED = "the series is gone", "the rule ended"


def step(instance: Instance, observed: Observation, now_ms: int, terms: Terms) -> Step:
    """The instance after an evaluation at `now_ms`, and what changed. An evaluation that is not later changes nothing.

    Two transitions come of one evaluation where `for` is nothing: Normal → Pending → Firing.
    """
    if instance.seen_ms is not None and now_ms <= instance.seen_ms:
        return instance, ()
    if terms.strict_for:
        instance = _without_gap(instance, now_ms, terms)
    if observed.seen is Seen.HOLD:
        return replace(instance, seen_ms=now_ms), ()
    seen = _seen(instance, observed, now_ms)
    if instance.state is State.NORMAL:
        return _from_normal(seen, observed, now_ms, terms)
    if instance.state is State.PENDING:
        return _from_pending(seen, observed, now_ms, terms)
    return _from_alarm(seen, observed, now_ms, terms)


def _seen(one: Instance, observed: Observation, now_ms: int) -> Instance:
    missing = one.missing + 1 if observed.seen is Seen.MISSING else 0
    value = observed.value if observed.value is not None else one.value
    # Written out: it is done for each instance at each evaluation, and `replace` takes three times as long.
    return Instance(one.state, one.since_ms, one.active_ms, one.recovered_ms, missing, value, now_ms)


def end(instance: Instance, now_ms: int, reason: str = ENDED) -> Step:
    """The instance as its rule is deleted or paused: whoever was told of it is told that it is over."""
    if instance.state is State.NORMAL:
        return instance, ()
    return _to(instance, State.NORMAL, now_ms, reason)


def set_back(instance: Instance, now_ms: int) -> Instance:
    """The instance once somebody has set the clock back: what it says of times to come is of now."""
    after = replace(
        instance,
        since_ms=min(instance.since_ms, now_ms),
        active_ms=_past(instance.active_ms, now_ms),
        recovered_ms=_past(instance.recovered_ms, now_ms),
        seen_ms=_past(instance.seen_ms, now_ms),
    )
    return instance if after == instance else after


def _past(at_ms: int | None, now_ms: int) -> int | None:
    return None if at_ms is None else min(at_ms, now_ms)


def _without_gap(instance: Instance, now_ms: int, terms: Terms) -> Instance:
    """Time in which nothing was evaluated is not time of breach: what was pending begins anew."""
    gap = instance.seen_ms is not None and now_ms - instance.seen_ms > 2 * terms.interval_ms
    return replace(instance, active_ms=now_ms) if gap and instance.state is State.PENDING else instance


def _from_normal(instance: Instance, observed: Observation, now_ms: int, terms: Terms) -> Step:
    if observed.seen is not Seen.BREACH:
        return instance, ()
    pending = replace(instance, active_ms=now_ms, recovered_ms=None)
    pending, first = _to(pending, State.PENDING, now_ms)
    alarm, second = _from_pending(pending, observed, now_ms, terms)
    return alarm, (*first, *second)


def _from_pending(instance: Instance, observed: Observation, now_ms: int, terms: Terms) -> Step:
    if observed.seen is not Seen.BREACH:
        return _to(instance, State.NORMAL, now_ms, GONE if observed.seen is Seen.MISSING else "")
    assert instance.active_ms is not None
    if now_ms - instance.active_ms >= terms.for_ms:
        return _to(instance, terms.alarm, now_ms)
    return instance, ()


def _from_alarm(instance: Instance, observed: Observation, now_ms: int, terms: Terms) -> Step:
    gone = observed.seen is Seen.MISSING and instance.missing >= terms.missing_after
    if not gone and observed.seen is not Seen.RECOVERED:
        # A series that is away for a moment tells nothing: what had begun to recover goes on recovering.
        forgets = observed.seen is not Seen.MISSING and instance.recovered_ms is not None
        return replace(instance, recovered_ms=None) if forgets else instance, ()
    recovered_ms = instance.recovered_ms if instance.recovered_ms is not None else now_ms
    if now_ms - recovered_ms < terms.keep_firing_ms:
        return replace(instance, recovered_ms=recovered_ms), ()
    return _to(instance, State.NORMAL, now_ms, GONE if gone else "")


def _to(instance: Instance, state: State, now_ms: int, reason: str = "") -> Step:
    changed = Transition(now_ms, instance.state, state, instance.value, reason)
    after = replace(instance, state=state, since_ms=now_ms)
    if state is State.NORMAL:
        after = replace(after, active_ms=None, recovered_ms=None)
    return after, (changed,)
