"""What an evaluation makes of a rule's instances: a pure function of them, of the answer and the time."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from ...errors import HeliographError, InvalidError
from ...storage.config.alert_rows import AlertEvent, StoredInstance
from ..machine import Instance, Observation, Seen, State, Step, Terms, Transition, end, step
from ..rules.compiled import Compiled
from ..rules.declared import Rule
from ..templates.gofmt import NOTHING
from .held import REASON, Held, Known, by_series
from .samples import Labels, Sample, Taken, check_apart, fingerprint, without_name

Expand = Callable[[str, Labels, float], str]  # a template over the labels of a series and its value
MAX_INSTANCES = 10_000
MAX_ERROR = 500  # characters that are kept of an error
MAX_LABEL_TEXT = 20_000  # characters of all labels of an instance
MAX_LABEL_TEXTS = 10_000_000  # of those of all instances of a rule


@dataclass(frozen=True, slots=True)
class Outcome:
    """The instances after an evaluation; of them those to write, those to delete, and what happened.

    `error`: what the evaluation failed of; empty where it did not.
    """

    known: Known
    kept: Sequence[StoredInstance] = ()
    gone: Sequence[str] = ()
    events: Sequence[AlertEvent] = ()
    error: str = ""

    @property
    def writes(self) -> bool:
        """Whether there is something of instances to write down."""
        return bool(self.kept or self.gone or self.events)


@dataclass(frozen=True, slots=True)
class Target:
    """An instance that an evaluation looks at, and what it saw."""

    key: str
    held: Held
    observed: Observation
    terms: Terms


def evaluate(rule: Compiled, known: Known, answer: Taken | HeliographError, now_ms: int, expand: Expand) -> Outcome:
    """The instances of an alert rule after an answer, or after the error that came instead."""
    if not isinstance(answer, HeliographError):
        try:
            return _settled(rule, known, _seen(rule, known, answer, expand), now_ms, expand)
        except HeliographError as error:
            answer = error
    return replace(_settled(rule, known, _failed(rule, known), now_ms, expand), error=answer.detail[:MAX_ERROR])


def ended(rule: Compiled, known: Known, now_ms: int) -> Outcome:
    """The instances as their rule is paused or deleted."""
    return _collected(rule, {key: (held, end(held.instance, now_ms)) for key, held in known.items()}, known, {})


def _seen(rule: Compiled, known: Known, answer: Taken, expand: Expand) -> list[Target]:
    declared, samples = _alert(rule), answer.samples
    breaches, open_ = declared.condition.fires.test, declared.condition.fires.is_open
    of_series, complete = by_series(rule, known, answer)
    found, keys = list[Target](), list[str]()
    named = None if rule.templated else rule.own
    for index, sample in enumerate(samples):
        breached = breaches(sample.value)
        series = answer.keys[index] if known or breached else ()
        key = of_series.get(series, "")
        if not breached and not key and complete:
            continue  # nothing is known of it, and nothing will be
        held = known.get(key)
        if held is None:
            labels = labels_of(rule, sample, expand)
            key = fingerprint(labels)
            held = known.get(key) or (Held(labels, Instance()) if breached else None)
        keys.append(key)
        if held is not None:
            seen = Seen.BREACH if breached else _otherwise(declared, sample.value, is_open=open_)
            held = Held(held.labels, held.instance, held.annotations, sample.labels, series, named)
            found.append(Target(key, held, Observation(seen, sample.value), rule.terms))
    check_apart(keys)
    _check_texts(found)
    if len(found) > MAX_INSTANCES:
        raise InvalidError(f"{len(found)} instances are more than the {MAX_INSTANCES} that a rule may have")
    there = set(keys)
    own = {} if samples or answer.partial else _own(rule, declared.no_data, "NoData")
    for key, held in known.items():
        if key not in there and key not in own:
            kept = answer.partial or (not samples and declared.no_data == "KeepLast")
            found.append(_absent(rule, key, held, keep=kept))
    return found + [_raised(rule, known, key, labels, declared.no_data, State.NO_DATA) for key, labels in own.items()]


def _check_texts(found: Sequence[Target]) -> None:
    """InvalidError where labels are longer than anybody reads: they are kept, told, and sent on."""
    lengths = [sum(map(len, one.held.labels.values())) for one in found]
    if max(lengths, default=0) > MAX_LABEL_TEXT or sum(lengths) > MAX_LABEL_TEXTS:
        raise InvalidError(
            f"the labels of an alert have at most {MAX_LABEL_TEXT} characters, those of a rule {MAX_LABEL_TEXTS}"
        )


def _failed(rule: Compiled, known: Known) -> list[Target]:
    declared = _alert(rule)
    own = _own(rule, declared.error, "Error")
    seen = Seen.RECOVERED if declared.error == "Normal" else Seen.HOLD
    found = [
        Target(key, held, Observation(seen), _plain(rule.terms, held)) for key, held in known.items() if key not in own
    ]
    return found + [_raised(rule, known, key, labels, declared.error, State.ERROR) for key, labels in own.items()]


def _own(rule: Compiled, policy: str, reason: str) -> dict[str, Labels]:
    """The instance that stands for no data or an error, where the policy has one."""
    if policy in ("Normal", "KeepLast"):
        return {}
    labels = {**rule.own, REASON: reason}
    return {fingerprint(labels): labels}


def _raised(rule: Compiled, known: Known, key: str, labels: Labels, policy: str, state: State) -> Target:  # noqa: PLR0917
    alarm = State.FIRING if policy == "Alerting" else state
    terms = replace(rule.terms, keep_firing_ms=0, missing_after=1, alarm=alarm)
    return Target(key, known.get(key) or Held(labels, Instance()), Observation(Seen.BREACH), terms)


def _absent(rule: Compiled, key: str, held: Held, *, keep: bool) -> Target:
    """What an answer does not have: its series is gone, or what stood for a failure is over."""
    if REASON in held.labels:
        return Target(key, held, Observation(Seen.RECOVERED), _plain(rule.terms, held))
    return Target(key, held, Observation(Seen.HOLD if keep else Seen.MISSING), rule.terms)


def _plain(terms: Terms, held: Held) -> Terms:
    """What stood for a failure is over at once: nobody keeps it firing."""
    return replace(terms, keep_firing_ms=0) if REASON in held.labels else terms


def _otherwise(rule: Rule, value: float, *, is_open: bool) -> Seen:
    if math.isnan(value) and not is_open:
        return Seen.MISSING
    return Seen.RECOVERED if rule.condition.recovered(value) else Seen.BETWEEN


def labels_of(rule: Compiled, sample: Sample, expand: Expand) -> Labels:
    """The labels of a series with those of the rule, which replace them."""
    labels = {**without_name(sample.labels), **rule.own}
    for name, text in rule.templated.items():
        labels[name] = expand(text, sample.labels, sample.value)
    return {name: text for name, text in labels.items() if text}


def _settled(rule: Compiled, known: Known, targets: Sequence[Target], now_ms: int, expand: Expand) -> Outcome:
    steps, annotations = dict[str, tuple[Held, Step]](), dict[str, Mapping[str, str]]()
    for target in targets:
        after, changes = step(target.held.instance, target.observed, now_ms, target.terms)
        steps[target.key] = (target.held, (after, changes))
        if changes and after.state is not State.NORMAL:
            value = target.observed.value if target.observed.value is not None else NOTHING
            annotations[target.key] = {
                name: expand(text, target.held.series, value) for name, text in _alert(rule).annotations.items()
            }
    return _collected(rule, steps, known, annotations)


def _collected(
    rule: Compiled, steps: Mapping[str, tuple[Held, Step]], known: Known, annotations: Mapping[str, Mapping[str, str]]
) -> Outcome:
    after: dict[str, Held] = {}
    kept: list[StoredInstance] = []
    gone: list[str] = []
    events: list[AlertEvent] = []
    for key, (held, (instance, changes)) in steps.items():
        now = Held(held.labels, instance, annotations.get(key, held.annotations), held.series, held.key, held.own)
        active_ms = instance.active_ms if instance.active_ms is not None else held.instance.active_ms
        events += [_event(rule, key, now, change, active_ms) for change in changes]
        if instance.state is State.NORMAL:
            gone += [key] if key in known else []
            continue
        after[key] = now
        if changes or _durable(rule, instance) != _durable(rule, held.instance):
            kept.append(_stored(rule, key, now))
    return Outcome(after, kept, gone, events)


def _durable(rule: Compiled, one: Instance) -> tuple[object, ...]:
    """What of an instance a start must find again: not its value, nor when it was seen last."""
    missing = min(one.missing, rule.terms.missing_after)
    return (one.state, one.since_ms, one.active_ms, one.recovered_ms, missing)


def _event(rule: Compiled, key: str, held: Held, change: Transition, active_ms: int | None) -> AlertEvent:
    return AlertEvent(
        org=rule.org,
        at_ms=change.at_ms,
        rule_id=rule.rule_id,
        title=rule.declared.title,
        fingerprint=key,
        labels=held.labels,
        annotations=held.annotations,
        from_state=str(change.from_state),
        to_state=str(change.to_state),
        value=_kept_value(change.value),
        active_ms=active_ms,
        reason=change.reason,
        links=rule.links,
    )


def _stored(rule: Compiled, key: str, held: Held) -> StoredInstance:
    one = held.instance
    assert one.seen_ms is not None
    return StoredInstance(
        org=rule.org,
        rule_id=rule.rule_id,
        fingerprint=key,
        labels=held.labels,
        annotations=held.annotations,
        state=str(one.state),
        since_ms=one.since_ms,
        active_ms=one.active_ms,
        recovered_ms=one.recovered_ms,
        missing=min(one.missing, rule.terms.missing_after),
        value=_kept_value(one.value),
        seen_ms=one.seen_ms,
    )


def _kept_value(value: float | None) -> float | None:
    """A number that every database keeps; none for what is none."""
    return value if value is not None and not math.isnan(value) else None


def _alert(rule: Compiled) -> Rule:
    assert isinstance(rule.declared, Rule)
    return rule.declared
