"""What becomes of views: which ones end, and who may have another; pure decisions over facts and the time."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

WARM_S = 60.0
# Viewers who are told to load again or to move do so at random within a window: so many a second.
COMEBACKS_PER_S = 250
LEAST_WINDOW_MS = 1500
LONGEST_WINDOW_MS = 60_000


@dataclass(frozen=True, slots=True)
class ViewLimits:
    """How many of what a node holds; `view_bytes` counts columns and encoded snapshots."""

    views: int = 5000
    view_bytes: int = 2**30
    views_per_user: int = 50
    viewers: int = 20_000
    warm_s: float = WARM_S


@dataclass(frozen=True, slots=True)
class Fact:
    """What is to be known of a view before its fate is decided. `owner` is who made it; empty: nobody's."""

    view_id: str
    owner: str
    watched: bool
    pinned: bool
    used_s: float
    nbytes: int

    @property
    def may_end(self) -> bool:
        """Whether nobody needs the view."""
        return not (self.watched or self.pinned)


def to_end(facts: Collection[Fact], limits: ViewLimits, now_s: float) -> Sequence[str]:
    """The views that end now: those unwatched for too long, then the longest unwatched while there is too much."""
    ending, kept = [], []
    number, nbytes = len(facts), sum(fact.nbytes for fact in facts)
    for fact in sorted((fact for fact in facts if fact.may_end), key=lambda fact: fact.used_s):
        if now_s - fact.used_s > limits.warm_s or number > limits.views or nbytes > limits.view_bytes:
            ending.append(fact.view_id)
            number, nbytes = number - 1, nbytes - fact.nbytes
        else:
            kept.append(fact)
    return ending


@dataclass(frozen=True, slots=True)
class Admission:
    """Whether a new view may be made: the views that make room for it, or the reason why not."""

    end: tuple[str, ...] = ()
    refused: str = ""


def admit(facts: Collection[Fact], owner: str, limits: ViewLimits) -> Admission:
    """A new view takes the place of the owner's longest unwatched one, or of anybody's, where a limit is reached."""
    spare = sorted((fact for fact in facts if fact.may_end), key=lambda fact: fact.used_s)
    own = sum(fact.owner == owner for fact in facts) if owner else 0
    if owner and own >= limits.views_per_user:
        first = next((fact for fact in spare if fact.owner == owner), None)
        return Admission((first.view_id,)) if first else Admission(refused="views_per_user")
    if len(facts) < limits.views and sum(fact.nbytes for fact in facts) < limits.view_bytes:
        return Admission()
    return Admission((spare[0].view_id,)) if spare else Admission(refused="views")


def comeback_window_ms(viewers: int) -> int:
    """Within how many ms so many viewers come back without a storm."""
    return min(LONGEST_WINDOW_MS, max(LEAST_WINDOW_MS, viewers * 1000 // COMEBACKS_PER_S))
