"""What panels ask: queries of data sources, and what becomes of their answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ....components.panel_spec import Target
from ....datasources.transform.registry import TRANSFORMATIONS
from ....datasources.transform.steps import Step
from .faults import declared


def PromQL(query: str, *, datasource: str = "prometheus", **settings: Any) -> Target:  # noqa: N802 - a name of a language
    """A query of a Prometheus.

    Settings are those of a target: `legend` (such as "{{instance}}"), `interval` ("30s"), `instant`, `hidden`, `ref`,
    `options`. InvalidError with the path of what is wrong.
    """
    return declared(Target, {"query": query, "datasource": datasource, **settings}, "PromQL")


def SQL(query: str, *, datasource: str | None = None, **settings: Any) -> Target:  # noqa: N802 - a name of a language
    """A query of a SQL source, or of the built-in store where none is named; settings as those of `PromQL`."""
    return declared(Target, {"query": query, **_named(datasource), **settings}, "SQL")


def Metric(  # noqa: N802 - it stands beside classes
    metric: str, *, datasource: str | None = None, legend: str = "", **query: Any
) -> Target:
    """Series of the built-in store: `labels={"mode": "idle"}`, `rate=True`, `agg="avg"`, `by=["cpu"]`."""
    settings = {"legend": legend} if legend else {}
    return declared(Target, {"query": {"metric": metric, **query}, **_named(datasource), **settings}, "Metric")


def Transform(id: str, *, disabled: bool = False, **options: Any) -> Step:  # noqa: N802 - Grafana's word; a class's
    """A transformation by Grafana's id, with Grafana's options: `Transform("limit", limitField=10)`."""
    what = f"Transform {id}"
    values: Mapping[str, Any] = {"id": id, "options": options, **({"disabled": True} if disabled else {})}
    step = declared(Step, values, what)
    if id in TRANSFORMATIONS.names:
        declared(TRANSFORMATIONS.get(id).Options, options, what)
    return step


def _named(datasource: str | None) -> dict[str, str]:
    return {} if datasource is None else {"datasource": datasource}
