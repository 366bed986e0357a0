"""What is known of a rule's instances: their states, what they are called, and of which series they are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from ...storage.config.alert_rows import StoredInstance
from ..machine import Instance, State, set_back
from ..rules.compiled import Compiled
from .samples import Labels, SeriesKey, Taken

REASON: Final = "alert_reason"  # the label that tells an instance of no data, or of an error, from those of series


@dataclass(frozen=True, slots=True)
class Held:
    """An instance with what it is called. `series`: the labels of its series, for its annotations.

    `key` names that series, and `own` are the labels that its rule gave it as it was named; none: nobody knows.
    """

    labels: Labels
    instance: Instance
    annotations: Mapping[str, str] = field(default_factory=dict)
    series: Labels = field(default_factory=dict)
    key: SeriesKey | None = None
    own: Labels | None = None


Known = Mapping[str, Held]  # by fingerprint; those that are Normal are not in it


def restored(stored: StoredInstance, now_ms: int) -> Held:
    """An instance as it was written, before `now_ms`, whatever a clock said then that was set back since."""
    instance = Instance(
        State(stored.state),
        stored.since_ms,
        stored.active_ms,
        stored.recovered_ms,
        stored.missing,
        stored.value,
        stored.seen_ms,
    )
    return Held(stored.labels, set_back(instance, now_ms), stored.annotations)


def by_series(rule: Compiled, known: Known, answer: Taken) -> tuple[Mapping[SeriesKey, str], bool]:
    """The instances by their series, and whether no other series of the answer can be one of them.

    Else all are named: names are worked out of labels, which takes longer than all else that is done for a series.
    """
    if not known:
        return {}, True
    if not answer.stays_apart(rule.own):
        return {}, False
    found = {held.key: key for key, held in known.items() if held.key is not None and held.own is rule.own}
    others = sum(_stands_for_failure(rule, held) for held in known.values() if held.own is not rule.own)
    return found, len(found) + others == len(known)


def _stands_for_failure(rule: Compiled, held: Held) -> bool:
    """Whether it is of no series: what is no data or an error."""
    return REASON in held.labels and held.labels == {**rule.own, REASON: held.labels[REASON]}
