"""The lists over what Heliograph knows: alerts by how bad they are, annotations by when they were."""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping, Sequence
from typing import Any, ClassVar, Final, Literal

from bokeh.models import Model
from pydantic import Field

from ...datasources.frame import Frame, told_apart
from ...datasources.timerange import TimeRange
from ...declared import Groups
from ..panel_spec import Target
from .base import Drawn, PanelOptions, PanelType
from .series import lone_source

MAX_ITEMS = 200
SOURCE: Final = "heliograph"
State = Literal["Firing", "Error", "Pending", "NoData", "Normal"]
STATES: Final[tuple[State, ...]] = ("Firing", "Error", "Pending", "NoData", "Normal")
LEVELS: Final[Mapping[str, str]] = {
    "Firing": "bad",
    "Error": "warn",
    "Pending": "warn",
    "NoData": "nodata",
    "Normal": "ok",
}


class AlertListOptions(PanelOptions):
    """Options of an alert list."""

    GROUPS: ClassVar[Groups] = {
        "List": (
            "states",
            "search",
            "sort",
            "summary",
            "limit",
        ),
    }

    states: tuple[State, ...] = Field(
        ("Firing", "Error", "Pending", "NoData"), max_length=5, description="The states that are shown."
    )
    search: str = Field("", max_length=200, description="Only alerts whose rule or instance has this in it.")
    sort: Literal["state", "newest", "oldest", "rule"] = Field("state", description="The order: the worst first, …")
    summary: bool = Field(True, description="Show what each alert says below its name.")
    limit: int = Field(50, ge=1, le=MAX_ITEMS, description="At most so many alerts.")


class AnnotationsListOptions(PanelOptions):
    """Options of an annotations list."""

    GROUPS: ClassVar[Groups] = {
        "List": (
            "tags",
            "queries",
            "details",
            "limit",
        ),
    }

    tags: tuple[str, ...] = Field((), max_length=20, description="Only annotations with one of these tags.")
    queries: bool = Field(True, description="List what the dashboard's annotation queries found, too.")
    details: bool = Field(True, description="Show tags, dashboard and author below each text.")
    limit: int = Field(20, ge=1, le=MAX_ITEMS, description="At most so many annotations, the newest.")


class AlertList(PanelType[AlertListOptions]):
    """Alerts as the text `items`; `none` says what it means that there are none."""

    name = "alertlist"
    title = "Alert list"
    Options = AlertListOptions
    lone = True
    draws_empty = True

    def targets(self) -> Sequence[Target]:
        return (Target(datasource=SOURCE, query={"kind": "alerts"}),)

    def layout(self, options: AlertListOptions, shape: Hashable) -> Model:
        return lone_source("main")

    def columns(self, options: AlertListOptions, frames: Sequence[Frame], window: TimeRange) -> Drawn:
        wanted = options.search.lower()
        rows = [
            row
            for row in rows_of(frames)
            if row.get("state") in options.states
            and wanted in f"{row.get('rule') or ''} {row.get('instance') or ''}".lower()
        ]
        rows.sort(key=ORDERS[options.sort])
        items = [_alert(row, summary=options.summary) for row in rows[: options.limit]]
        said = next((frame.name for frame in frames if not frame.rows and frame.name), "")
        none = said or "No alert is in one of these states"
        notice = f"{options.limit} of {len(rows)}" if len(rows) > options.limit else None
        return Drawn({"main": {}}, {"items": items, "none": none, "notice": notice})


ORDERS: Final[Mapping[str, Any]] = {
    "state": lambda row: (STATES.index(row["state"]), -(row.get("since") or 0)),
    "newest": lambda row: -(row.get("since") or 0),
    "oldest": lambda row: row.get("since") or 0,
    "rule": lambda row: str(row.get("rule") or "").lower(),
}


def _alert(row: Mapping[str, Any], *, summary: bool) -> dict[str, Any]:
    said = [str(row[key]) for key in ("instance", "summary") if row.get(key)] if summary else []
    return {
        "state": row["state"],
        "level": LEVELS[row["state"]],
        "title": str(row.get("rule") or ""),
        "detail": " · ".join(said),
        "since": row.get("since"),
        "url": str(row.get("url") or ""),
    }


class AnnotationsList(PanelType[AnnotationsListOptions]):
    """Annotations as the text `items`, the newest first. Any table with `time` and `text` is one."""

    name = "annotationslist"
    shows_marks = True
    title = "Annotations list"
    Options = AnnotationsListOptions
    lone = True
    draws_empty = True

    def targets(self) -> Sequence[Target]:
        return (Target(datasource=SOURCE, query={"kind": "annotations", "limit": MAX_ITEMS}),)

    def layout(self, options: AnnotationsListOptions, shape: Hashable) -> Model:
        return lone_source("main")

    def columns(self, options: AnnotationsListOptions, frames: Sequence[Frame], window: TimeRange) -> Drawn:
        found = [_annotation(row, details=options.details) for row in rows_of(frames) if _is_instant(row.get("time"))]
        if options.tags:
            found = [one for one in found if set(one["tags"]) & set(options.tags)]
        found.sort(key=lambda one: -one["time"])
        notice = f"{options.limit} of {len(found)}" if len(found) > options.limit else None
        # The page adds what the dashboard's queries found: it has that already.
        texts = {
            "items": found[: options.limit],
            "none": "No annotations in this range",
            "notice": notice,
            **{name: getattr(options, name) for name in ("tags", "limit", "queries", "details")},
        }
        return Drawn({"main": {}}, texts)


def _is_instant(value: Any) -> bool:
    return isinstance(value, float) and math.isfinite(value)


def _annotation(row: Mapping[str, Any], *, details: bool) -> dict[str, Any]:
    tags = [tag.strip() for tag in str(row.get("tags") or "").split(",") if tag.strip()]
    said = [", ".join(tags), *(str(row[key]) for key in ("dashboard", "by") if row.get(key))] if details else []
    end = row.get("end")
    return {
        "time": row["time"],
        "end": end if _is_instant(end) and end > row["time"] else None,
        "title": str(row.get("text") or ""),
        "tags": tags,
        "detail": " · ".join(part for part in said if part),
    }


def rows_of(frames: Sequence[Frame]) -> list[dict[str, Any]]:
    """The rows of all table frames by their columns' names."""
    rows: list[dict[str, Any]] = []
    for frame in frames:
        names = told_apart([column.name for column in frame.fields])
        columns = [column.values.tolist() if column.kind == "time" else column.readable for column in frame.fields]
        rows += [dict(zip(names, values, strict=True)) for values in zip(*columns, strict=True)]
    return rows
