"""The variables that every query has beside those of its dashboard: range, step, who asks, which dashboard, which zone.

Names and texts are those of Grafana: `$__from`, `${__to:date:iso}`, `$__range_s`, `$__interval`, `$__rate_interval`,
`$__user` (the id) with `.login` and `.email`, `$__org` with `.name`, `$__dashboard` (the title) with `.uid`,
`$__timezone`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from ...scope import DEFAULT_ORG, Scope
from ..sources.promql import duration_text, rate_interval
from ..steps import interval_text
from ..timerange import TimeRange
from .chosen import Chosen, Macro
from .dates import write_date

SCRAPE_S: Final = 15.0  # how often a source is filled of which nothing is known
SHOWN: Final = "YYYY-MM-DD HH:mm:ss"  # a time as people read it
BUILTIN_NAMES: Final = frozenset(
    (
        *("__from", "__to", "__range", "__range_s", "__range_ms", "__interval", "__interval_ms", "__rate_interval"),
        *("__rate_interval_ms", "__user", "__org", "__dashboard", "__timezone"),
    )
)
NOBODY: Final = "0"  # the id of who did not sign in


def bounds(range_: TimeRange) -> dict[str, Chosen]:
    """Those of a range, for a text beside it: where it begins and ends, and how long it is."""
    seconds = round(range_.span_ms / 1000)
    values = {
        "__from": str(range_.from_ms),
        "__to": str(range_.to_ms),
        "__range": f"{seconds}s",
        "__range_s": str(seconds),
        "__range_ms": str(range_.span_ms),
    }
    texts = {"__from": write_date(values["__from"], SHOWN), "__to": write_date(values["__to"], SHOWN)}
    return _computed(values, texts)


def builtins(
    range_: TimeRange, step_s: float, scope: Scope, *, least_s: float = 0.0, rate_s: float = 0.0
) -> dict[str, Chosen]:
    """Those of a query: `step_s` between two points, `least_s` what the query or its source has for the least.

    `rate_s`: how far back a rate looks, where it is known; else it follows from the step.
    """
    rate_ms = round(rate_s * 1000) or rate_interval(step_s * 1000, (least_s or SCRAPE_S) * 1000)
    steps = {
        "__interval": interval_text(step_s * 1000),
        "__interval_ms": str(int(step_s * 1000)),
        "__rate_interval": duration_text(rate_ms),
        "__rate_interval_ms": str(rate_ms),
    }
    user = user_of(scope)
    org = {"id": str(scope.org), "name": "Main Org." if scope.org == DEFAULT_ORG else str(scope.org)}
    return {
        **bounds(range_),
        **_computed(steps, {}),
        "__user": Chosen((_id(scope),), single=True, properties=(user,)),
        "__org": Chosen((str(scope.org),), single=True, properties=(org,)),
    }


def _computed(values: Mapping[str, str], texts: Mapping[str, str]) -> dict[str, Chosen]:
    return {
        name: Chosen((Macro(value),), single=True, texts=(texts.get(name, value),)) for name, value in values.items()
    }


def user_of(scope: Scope) -> Mapping[str, str]:
    """Who asks: `login`, `id`, and an empty `email`, since people have no address here."""
    return {"login": scope.login, "id": _id(scope), "email": ""}


def of_dashboard(uid: str, title: str, zone: str) -> Mapping[str, Chosen]:
    """Those of a dashboard: what it is called, and the zone of its calendar (an IANA name)."""
    about: dict[str, Any] = {"uid": uid, "name": title}
    return {
        "__dashboard": Chosen((title,), single=True, properties=(about,)),
        "__timezone": Chosen((zone,), single=True),
    }


def _id(scope: Scope) -> str:
    return NOBODY if scope.user_id is None else str(scope.user_id)
