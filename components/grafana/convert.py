"""A dashboard of Grafana as one of ours: always one that may be saved, with notes on what is not as it was."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from pydantic import ValidationError

from ...datasources.datemath import zone_of
from ...errors import InvalidError
from ...faults import said
from ..annotation_spec import AnnotationQuery
from ..panel_spec import MAX_PANELS
from ..panels.registry import PanelRegistry
from ..refresh import refresh_seconds
from ..spec import ID_PATTERN, TimeSpec, parse_dashboard
from . import sources as asked
from .annotations import OWN, from_grafana
from .envelope import classic_of
from .given import Given, Note, Notes
from .panels import PanelMaker, numbered
from .rows import panels_of
from .sources import NoSourceError, SourcesGiven
from .variables import variables_of

MAX_TAGS: Final = 50
MAX_ANNOTATIONS: Final = 50
# Looks and numbers of Grafana's own, and what says how it was exported.
LEFT: Final = (
    "id uid version schemaVersion editable style sharedCrosshair iteration gnetId timepicker liveNow "
    "preload hideControls __requires __inputs __elements templating panels rows annotations isSnapshot slug "
    "originalTitle rowHeight meta"
)


@dataclass(frozen=True, slots=True)
class Counts:
    """How many panels were carried over as they were, with notes, and not at all; rows are not counted."""

    whole: int = 0
    noted: int = 0
    left_out: int = 0


@dataclass(frozen=True, slots=True)
class Converted:
    """The document of a dashboard of ours, and what of Grafana's is not in it."""

    document: dict[str, Any]
    notes: Sequence[Note]
    panels: Counts


def converted(
    document: Mapping[str, Any],
    registry: PanelRegistry,
    *,
    chosen: Mapping[str, str] | None = None,
    known: frozenset[str] | None = None,
) -> Converted:
    """Our dashboard for one of Grafana's, of any version of its schema.

    `chosen`: which of our sources is asked for a placeholder, uid or name of theirs; `known`: names and uids of ours,
    None where nobody can tell. InvalidError where the document is no dashboard.
    """
    notes = Notes()
    given = Given.of(classic_of(document, notes), "", notes)
    inputs = asked.inputs_of(given.values)
    sources = SourcesGiven(chosen or {}, known, inputs, _sources_that_are(given.values))
    made: dict[str, Any] = {"title": (given.text("title").strip() or "From Grafana")[:500]}
    made |= _about(given)
    made["variables"] = variables_of(given, sources, asked.constants_of(given.values))
    made["annotations"] = _annotations(given, sources)
    panels, counts = _panels(given, registry, sources, notes)
    made["panels"] = panels
    given.leave(*LEFT.split())
    week = given.text("weekStart")
    if week not in ("", "browser", "sunday"):
        given.say("weekStart", f"weeks begin on Sunday, and not on {week.capitalize()[:20]}")
    given.defaults(fiscalYearStartMonth=0)
    given.rest()
    made = {key: value for key, value in made.items() if value not in ("", [], None)}
    registry.validate(parse_dashboard(made))
    return Converted(made, tuple(notes.found), counts)


def _sources_that_are(document: Mapping[str, Any]) -> dict[str, str]:
    """Kinds by the variables that choose sources which there are here."""
    return {name: kind for name, kind in asked.variables_of(document).items() if kind in asked.KINDS}


def _about(given: Given) -> dict[str, Any]:
    """Its id, tags and times."""
    made: dict[str, Any] = {"description": given.text("description")[:10_000]}
    uid, tags = given.take("uid"), given.take("tags", [])
    if isinstance(uid, str) and re.fullmatch(ID_PATTERN, uid):
        made["dashboard_id"] = uid
    if isinstance(tags, list):
        made["tags"] = [text for one in tags if (text := str(one)[:100])][:MAX_TAGS]
    times = given.inner("time")
    span = {"from": times.text("from", "now-6h"), "to": times.text("to", "now")}
    try:
        TimeSpec.model_validate(span)
        made["time"] = span
    except ValidationError:
        times.notes.say("time", f"{span['from'][:40]} to {span['to'][:40]} is no range")
    refresh, zone = given.take("refresh", ""), given.text("timezone").replace("default", "")
    try:
        refresh_seconds(refresh if isinstance(refresh, str) else "")
        made["refresh"] = refresh if isinstance(refresh, str) else ""
    except InvalidError:
        given.say("refresh", f"{str(refresh)[:40]} is no refresh")
    try:
        if zone != "browser":
            zone_of(zone)
        made["timezone"] = zone
    except InvalidError:
        given.say("timezone", f"there is no time zone {zone[:40]}")
    if given.values.get("graphTooltip") in (0, 1, 2):
        made["graph_tooltip"] = given.take("graphTooltip")
    if given.values.get("links"):
        names = [
            str(one.get("title") or one.get("url") or one.get("type"))
            for one in given.listed("links")
            if isinstance(one, Mapping)
        ]
        given.say("links", f"links of dashboards are not supported: {', '.join(names)[:200]}")
    return made


def _panels(
    given: Given, registry: PanelRegistry, sources: SourcesGiven, notes: Notes
) -> tuple[list[dict[str, Any]], Counts]:
    elements = given.values.get("__elements")
    maker = PanelMaker(registry, sources, elements if isinstance(elements, Mapping) else {}, notes)
    listed = panels_of(given, notes)
    if len(listed) > MAX_PANELS:
        notes.say("panels", f"{MAX_PANELS} panels are kept of {len(listed)}")
    made = [maker.make(one, number) for one, number in numbered(listed[:MAX_PANELS])]
    notes.of(None)
    carried = [one.carried for one in made]
    counts = Counts(carried.count("whole"), carried.count("noted"), carried.count("left_out"))
    return [one.panel for one in made], counts


def _annotations(given: Given, sources: SourcesGiven) -> list[Any]:
    """The annotation queries whose source there is here."""
    listed = given.take("annotations", [])
    if isinstance(listed, Mapping):
        listed = listed.get("list")
    entries = []
    for at, entry in enumerate(listed if isinstance(listed, list) else []):
        one = entry.get("spec") if isinstance(entry, Mapping) and isinstance(entry.get("spec"), Mapping) else entry
        if not isinstance(one, Mapping):
            continue
        named = one.get("datasource")
        try:
            own = one.get("builtIn") or (isinstance(one.get("query"), Mapping) and named is None) or _is_own(named)
            entries.append((at, one if own else {**one, "datasource": sources.asked(named).name}))
        except NoSourceError as error:
            given.notes.say(f"annotations[{at}]", f"the annotation query {one.get('name')} is left out: {error}")
    found = []
    for made in from_grafana({"list": [one for _, one in entries]}):
        try:
            AnnotationQuery.model_validate(made)
        except ValidationError as error:
            reason = said(error.errors()[0])
            given.notes.say("annotations", f"the annotation query {made.get('name')} is left out: {reason}")
            continue
        found.append(made)
    return found[:MAX_ANNOTATIONS]


def _is_own(named: Any) -> bool:
    """Whether Grafana's own annotations are meant."""
    if isinstance(named, Mapping):
        return named.get("type") in ("grafana", "datasource") or bool(OWN.fullmatch(str(named.get("uid") or "")))
    return isinstance(named, str) and bool(OWN.fullmatch(named))
