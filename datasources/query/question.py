"""What makes two questions the same, and when an answer to one that was asked before is still an answer."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Hashable
from typing import Any

from .model import Query

Question = tuple[Hashable, ...]
Number = tuple[str, int]
STILL_AFTER_S = 120  # a range that ended longer ago than this does not change any more
STILL: Number = ("still", 0)
STABLE = json.JSONEncoder(sort_keys=True, separators=(",", ":"), default=str)
LEAST_PERIOD_S, MOST_PERIOD_S = 0.5, 30.0


def question(query: Query) -> Question:
    """All that an answer depends on but where in time it lies: org, data scope, source, revision, text, step, zone …"""
    return query.question or make_question(query)


def make_question(query: Query) -> Question:
    """The same, worked out."""
    return (
        query.scope.data_key,
        query.datasource,
        query.revision,
        _stable(query.query),
        query.legend,
        _stable(query.options) if query.options else "",
        query.step_s,
        query.max_points,
        query.zone,
        query.instant,
        query.ref,
    )


def number(query: Query, now_s: float) -> Number:
    """What numbers the answers to a range that still changes: the view's tick, else a count of half steps."""
    if query.range.to_ms / 1000 < now_s - STILL_AFTER_S - query.step_s:
        return STILL
    if query.tick is not None:
        return ("tick", query.tick)
    period_s = min(max(query.step_s / 2, LEAST_PERIOD_S), MOST_PERIOD_S)
    return ("time", int(now_s // period_s))


def belongs(asked: Question, org: int, datasource: str) -> bool:
    """Whether a question was an org's, to one data source or (empty) to any."""
    scope, source = asked[0], asked[1]
    assert isinstance(scope, tuple)
    return scope[0] == org and (not datasource or source == datasource)


def prefix(org: int, datasource: str = "") -> str:
    """How keys in the shared cache begin, so that they can be forgotten together."""
    return f"q:{org}:{datasource}:" if datasource else f"q:{org}:"


def shared_key(asked: Question, kind: str, *rest: Hashable) -> str:
    """A question as a key of the shared cache, the same on every node."""
    scope, source = asked[0], asked[1]
    assert isinstance(scope, tuple)
    digest = hashlib.blake2b(repr((asked, rest)).encode(), digest_size=16).hexdigest()
    return f"{prefix(scope[0], str(source))}{kind}:{digest}"


def _stable(value: Any) -> str:
    if isinstance(value, str):
        return value
    return STABLE.encode(value)
