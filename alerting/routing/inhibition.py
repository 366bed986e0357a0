"""Inhibitions: while an alert fires that says it all, those that follow from it are not told."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from pydantic import Field

from ...declared import Spec
from ..alert import Alert, Labels
from .matchers import MAX_MATCHERS, Matcher, MatcherText, all_match, parsed


class InhibitionSpec(Spec):
    """An alert that passes `target` is not told while one that passes `source` fires and has the same `equal` labels.

    A label that neither has is equal. What passes both sides is not inhibited by another that does.
    """

    source: list[MatcherText] = Field(
        min_length=1, max_length=MAX_MATCHERS, description="Matchers of the alerts that inhibit: severity=page"
    )
    target: list[MatcherText] = Field(
        min_length=1, max_length=MAX_MATCHERS, description="Matchers of the alerts that are inhibited: severity=warn"
    )
    equal: list[str] = Field(
        default_factory=list, max_length=50, description="Labels that must have the same value in both."
    )


@dataclass(frozen=True, slots=True)
class Inhibition:
    """One rule, parsed."""

    source: tuple[Matcher, ...]
    target: tuple[Matcher, ...]
    equal: tuple[str, ...] = ()

    @classmethod
    def of(cls, spec: InhibitionSpec) -> Inhibition:
        """Of a declaration that was checked."""
        return cls(parsed(spec.source), parsed(spec.target), tuple(spec.equal))

    def key(self, labels: Labels) -> tuple[str, ...]:
        """The values that source and target must have in common; a label that is missing is empty."""
        return tuple(labels.get(name, "") for name in self.equal)


@dataclass(frozen=True, slots=True)
class Hidden:
    """An alert that is not told: which rule hides it, and the alert that says it all."""

    alert: Alert
    rule: int
    by: Alert


@dataclass(frozen=True, slots=True)
class _Sources:
    """The alerts that inhibit by one rule, by their equal labels; and those of them that are no targets."""

    any_: Mapping[tuple[str, ...], Alert] = field(default_factory=dict)
    one_sided: Mapping[tuple[str, ...], Alert] = field(default_factory=dict)


class Inhibitor:
    """What is hidden while these alerts fire."""

    def __init__(self, rules: Iterable[Inhibition], firing: Iterable[Alert]) -> None:
        self._rules = tuple(rules)
        alerts = tuple(one for one in firing if one.firing) if self._rules else ()
        self._sources = tuple(_sources(rule, alerts) for rule in self._rules)

    def hides(self, alert: Alert) -> Hidden | None:
        """Why an alert is not told; None where it is."""
        for index, (rule, sources) in enumerate(zip(self._rules, self._sources, strict=True)):
            if not all_match(rule.target, alert.labels):
                continue
            both = all_match(rule.source, alert.labels)
            by = (sources.one_sided if both else sources.any_).get(rule.key(alert.labels))
            if by is not None:
                return Hidden(alert, index, by)
        return None


def _sources(rule: Inhibition, alerts: Iterable[Alert]) -> _Sources:
    found = [one for one in alerts if all_match(rule.source, one.labels)]
    return _Sources(
        {rule.key(one.labels): one for one in found},
        {rule.key(one.labels): one for one in found if not all_match(rule.target, one.labels)},
    )


def preview(rules: Iterable[Inhibition], firing: Iterable[Alert]) -> Iterator[Hidden]:
    """What these rules would hide of what fires."""
    alerts = tuple(firing)
    inhibitor = Inhibitor(rules, alerts)
    for alert in alerts:
        hidden = inhibitor.hides(alert)
        if hidden is not None:
            yield hidden
