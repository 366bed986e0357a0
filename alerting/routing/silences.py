"""Silences: alerts that pass their matchers are not told while they last."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Self

from pydantic import Field, model_validator

from ...datasources.moments import Moment
from ...declared import Spec
from ..alert import Labels
from .matchers import MAX_MATCHERS, Matcher, MatcherText, all_match, parsed


class SilenceSpec(Spec):
    """A silence as people ask for it. `ends_with_alert`: with the last alert that it silences."""

    matchers: list[MatcherText] = Field(min_length=1, max_length=MAX_MATCHERS)
    starts_at: Moment | None = None
    ends_at: Moment | None = None
    ends_with_alert: bool = False
    comment: str = Field("", max_length=2000)

    @model_validator(mode="after")
    def silences_something_for_a_while(self) -> Self:
        if all_match(parsed(self.matchers), {}):
            raise ValueError("matchers: at least one has to ask for a label that is there: this would silence all")
        if self.ends_at is None and not self.ends_with_alert:
            raise ValueError("ends_at: a silence ends at a time, or with the alert")
        if None not in (self.starts_at, self.ends_at) and self.ends_at <= self.starts_at:  # type: ignore[operator]
            raise ValueError("ends_at: after starts_at")
        return self


@dataclass(frozen=True, slots=True)
class Silence:
    """One that is kept. `ends_ms` is None where the alert alone ends it."""

    id: int
    matchers: tuple[Matcher, ...]
    starts_ms: int
    ends_ms: int | None
    comment: str = ""
    ends_with_alert: bool = False
    created_by: str = ""
    version: int = 1

    def state(self, now_ms: int) -> str:
        """`pending`, `active` or `expired`."""
        if self.ends_ms is not None and self.ends_ms <= now_ms:
            return "expired"
        return "active" if self.starts_ms <= now_ms else "pending"


class Silencer:
    """The silences that are active at one time, found by the labels that they ask for."""

    def __init__(self, silences: Iterable[Silence], now_ms: int) -> None:
        self.active = tuple(one for one in silences if one.state(now_ms) == "active")
        self._by_label: dict[tuple[str, str], list[Silence]] = {}
        self._others: list[Silence] = []
        for one in self.active:
            asked = next((test for test in one.matchers if test.operator == "=" and test.value), None)
            if asked is None:
                self._others.append(one)
            else:
                self._by_label.setdefault((asked.name, asked.value), []).append(one)

    def silencing(self, labels: Labels) -> tuple[int, ...]:
        """The ids of the silences that keep an alert from being told."""
        if not self.active:
            return ()
        asked = (one for pair in labels.items() for one in self._by_label.get(pair, ()))
        return tuple(sorted(one.id for one in chain(asked, self._others) if all_match(one.matchers, labels)))


def over(
    silences: Iterable[Silence], ended: Sequence[Labels], firing: Sequence[Labels], now_ms: int
) -> tuple[Silence, ...]:
    """The silences that end with their alerts, of which one has ended and none fires any more."""
    return tuple(
        one
        for one in silences
        if one.ends_with_alert
        and one.state(now_ms) == "active"
        and any(all_match(one.matchers, labels) for labels in ended)
        and not any(all_match(one.matchers, labels) for labels in firing)
    )
