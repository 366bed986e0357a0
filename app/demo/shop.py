"""What the demo's shop sells: made of the clock alone, so that its database, its API and its metrics agree."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

MINUTE_MS: Final = 60_000
HOUR_MS: Final = 60 * MINUTE_MS
A_MINUTE: Final = 16.0  # orders, where the demand is 1
MOST_AN_HOUR: Final = 10_000


@dataclass(frozen=True, slots=True)
class Branch:
    """A branch of the shop. `share` of all orders; `goal` of revenue an hour, in euros."""

    name: str
    country: str
    share: float
    goal: float


@dataclass(frozen=True, slots=True)
class Article:
    """What is sold: for so many euros, and as such a `share` of all orders."""

    name: str
    price: float
    share: float


@dataclass(frozen=True, slots=True)
class Order:
    """One order; `at_s` is seconds since 1970, `amount` euros."""

    number: int
    at_s: int
    branch: str
    article: str
    amount: float


BRANCHES: Final = (
    Branch("Berlin", "Germany", 0.4, 20_000.0),
    Branch("Lisbon", "Portugal", 0.25, 13_000.0),
    Branch("Oslo", "Norway", 0.2, 9_600.0),
    Branch("Vienna", "Austria", 0.15, 8_000.0),
)
ARTICLES: Final = (
    Article("Mirror", 24.9, 0.3),
    Article("Signal lamp", 39.95, 0.25),
    Article("Tripod", 59.0, 0.2),
    Article("Code book", 12.5, 0.15),
    Article("Lens", 119.5, 0.1),
)


def demand(at_ms: float) -> float:
    """How busy the shop is, about 1: in waves of a quarter of an hour and of two hours."""
    return 1 + 0.3 * math.sin(at_ms / 143_000) + 0.25 * math.sin(at_ms / 1_150_000)


def orders_of(hour: int) -> Sequence[Order]:
    """The orders of an hour since 1970 by their numbers, which their times follow: the same whenever one asks."""
    chance = np.random.default_rng(hour)
    starts = hour * HOUR_MS + np.arange(60) * MINUTE_MS
    counts = chance.poisson([A_MINUTE * demand(float(start)) for start in starts])
    count = int(counts.sum())
    times = np.sort(np.repeat(starts, counts) + chance.integers(0, MINUTE_MS, count)) // 1000
    branches = chance.choice(len(BRANCHES), count, p=[one.share for one in BRANCHES])
    articles = chance.choice(len(ARTICLES), count, p=[one.share for one in ARTICLES])
    pieces = 1 + chance.poisson(0.3, count)
    rows = zip(times.tolist(), branches.tolist(), articles.tolist(), pieces.tolist(), strict=True)
    return [
        Order(
            number=hour * MOST_AN_HOUR + index,
            at_s=at_s,
            branch=BRANCHES[branch].name,
            article=ARTICLES[article].name,
            amount=round(ARTICLES[article].price * count_of, 2),
        )
        for index, (at_s, branch, article, count_of) in enumerate(rows)
    ]


def visitors(branch: Branch, at_ms: int) -> int:
    """How many people look at a branch's pages at a moment."""
    noise = math.sin(at_ms / 9_000 + branch.goal) + math.sin(at_ms / 31_000 + branch.share * 50)
    return round(500 * branch.share * demand(at_ms) * (1 + 0.04 * noise))


def goal_at(at_ms: float) -> float:
    """The revenue of all branches that is wanted in a minute: more by day than by night (UTC)."""
    hour = at_ms / HOUR_MS % 24
    return sum(branch.goal for branch in BRANCHES) / 60 * (1 + 0.2 * math.sin((hour - 9) / 24 * 2 * math.pi))
