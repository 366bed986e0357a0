"""Panels of Grafana as ours, each checked as ours are; what does not fit is taken out, with a note."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from pydantic import ValidationError

from ...datasources.transform.steps import Step
from ...errors import InvalidError
from ...faults import said
from ..checked import check_least_step
from ..panel_spec import ROW, Panel
from ..panels.registry import PanelRegistry
from . import old_panels
from .fields import defaults_of, links_of, overrides_of
from .fitting import fitting
from .given import Given, Notes, as_number
from .kinds import Kind, kind_of
from .queries import targets_of
from .rows import position
from .sources import SourcesGiven

Carried = Literal["whole", "noted", "left_out"]
MAX_POINTS: Final = 100_000
MAX_TRANSFORMATIONS: Final = 50
MOST_ID: Final = 1_000_000
MAX_BROUGHT: Final = 200_000  # names and values of panels of the library, wherever they stand
NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}", re.ASCII)
# Looks, caches and copies of Grafana's own.
LEFT: Final = (
    "id type title description gridPos fieldConfig options transparent pluginVersion libraryPanel span height minSpan "
    "scopedVars repeatIteration repeatPanelId repeatedByRow editable error isNew hideTimeOverride cacheTimeout "
    "queryCachingTTL panels collapsed objectId panelId tagFilters $$hashKey style seriesOverrides datasource targets "
    "isEditing resizeHandles timeRegions"
)


@dataclass(frozen=True, slots=True)
class Made:
    """A panel of ours, and how it was carried over; None for a row."""

    panel: dict[str, Any]
    carried: Carried | None


class PanelMaker:
    """Makes the panels of one dashboard."""

    def __init__(
        self, registry: PanelRegistry, sources: SourcesGiven, elements: Mapping[str, Any], notes: Notes
    ) -> None:
        self._registry = registry
        self._sources = sources
        self._elements = elements
        self._notes = notes
        self._weights: dict[int, int] = {}  # of the library's panels, by their identity
        self._brought = 0

    def make(self, source: Mapping[str, Any], panel_id: int) -> Made:
        """Our panel for one of Grafana's, whose number here is `panel_id`."""
        title = str(source.get("title") or "")[:500]
        self._notes.of(panel_id, title)
        before = len(self._notes.found)
        frame: dict[str, Any] = {"panel_id": panel_id, "title": title, "position": position(source)}
        if source.get("type") == ROW:
            return Made({**frame, "type": ROW, **self._row(Given.of(source, "", self._notes))}, None)
        given = Given.of(self._whole(source), "", self._notes)
        given = Given.of(old_panels.upgraded(given), "", self._notes)
        made = self._converted(given, frame)
        if made is None:
            return Made(self._instead(given, frame), "left_out")
        return Made(made, "noted" if len(self._notes.found) > before else "whole")

    def _whole(self, source: Mapping[str, Any]) -> Mapping[str, Any]:
        """A panel of the library as the file has it beside."""
        library = source.get("libraryPanel")
        if not isinstance(library, Mapping):
            return source
        element = self._elements.get(str(library.get("uid")))
        model = element.get("model") if isinstance(element, Mapping) else library.get("model")
        if not isinstance(model, Mapping):
            return source
        self._check_library(model)
        return {**model, **{key: source[key] for key in ("id", "gridPos", "title") if source.get(key)}}

    def _check_library(self, model: Mapping[str, Any]) -> None:
        """InvalidError where panels of the library, each of which stands in many places, come to more than is read."""
        if id(model) not in self._weights:
            self._weights[id(model)] = weight(model)
        self._brought += self._weights[id(model)]
        if self._brought > MAX_BROUGHT:
            raise InvalidError(f"panels of the library bring more than {MAX_BROUGHT} values", path="$.__elements")

    def _row(self, given: Given) -> dict[str, Any]:
        closed = given.flag("collapsed")
        made = {"collapsed": True} if closed else {}
        made |= _repeat(given)
        given.leave(*LEFT.split(), "repeatDirection", "maxPerRow", "titleSize", "showTitle")
        given.rest()
        return made

    def _converted(self, given: Given, frame: dict[str, Any]) -> dict[str, Any] | None:
        """The panel, or None where nothing here can stand for it."""
        panel_type = given.text("type")
        asks = bool(given.values.get("targets"))
        kind = kind_of(panel_type, asks)
        if kind is None or kind.name not in self._registry.names:
            given.say("type", f"there is no panel like {panel_type or 'that'} here")
            return None
        if kind.note:
            given.notes.say("type", kind.note.format(kind=panel_type))
        made = {**frame, "type": kind.name}
        datasource, targets, renamed = targets_of(given, self._sources) if kind.asks else (None, [], {})
        if asks and not targets and kind.asks:
            return None
        if targets:
            made |= {"targets": targets, **({"datasource": datasource} if datasource else {})}
        made |= _transformations(given, renamed)
        made["options"] = self._options(given, kind, renamed)
        made |= {**_asking(given), **_repeat(given), **_about(given)}
        given.leave(*LEFT.split())
        given.rest()
        return self._checked(made)

    def _options(self, given: Given, kind: Kind, renamed: Mapping[str, str]) -> dict[str, Any]:
        options, config = given.inner("options"), given.inner("fieldConfig")
        made = kind.options(options)
        options.rest()
        if kind.fields:
            per_field: frozenset[str] = getattr(self._registry.get(kind.name).Options, "PER_FIELD", frozenset())
            own = defaults_of(config, kind.custom)
            overrides = overrides_of(config, kind.custom, per_field)
            for one in overrides:
                if one["match"].get("target") in renamed:
                    one["match"] = {"target": renamed[one["match"]["target"]]}
            made = {**made, **own, **({"overrides": overrides} if overrides else {})}
            if kind.name == "timeseries":  # Grafana draws thresholds where it is told to
                made.setdefault("threshold_style", "hidden")
        return fitting(self._registry.get(kind.name).Options, made, self._notes)

    def _checked(self, made: dict[str, Any]) -> dict[str, Any] | None:
        try:
            Panel.model_validate(made)
        except ValidationError as error:
            fault = error.errors()[0]
            where = ".".join(str(one) for one in fault["loc"])
            self._notes.say(where or "$", f"the panel is left out: {fault['msg'].removeprefix('Value error, ')}")
            return None
        return made

    def _instead(self, given: Given, frame: dict[str, Any]) -> dict[str, Any]:
        """What stands in the place of a panel that is not carried over."""
        reasons = [one.detail for one in self._notes.found if one.panel_id == frame["panel_id"]]
        said = "\n".join(["This panel could not be brought from Grafana.", *dict.fromkeys(reasons)][:6])
        return {**frame, "type": "text", "options": {"content": said, "mode": "plain"}}


def _transformations(given: Given, renamed: Mapping[str, str]) -> dict[str, Any]:
    found: list[Any] = []
    for step in given.each("transformations"):
        made = {key: step.take(key) for key in ("id", "disabled", "filter", "topic", "options") if step.values.get(key)}
        step.rest()
        made = _with_refs(made, renamed)
        try:
            Step.model_validate(made)
        except ValidationError as error:
            fault = error.errors()[0]
            reason = said(fault).split(":")[0]
            where = ".".join(str(one) for one in fault["loc"])
            step.notes.say(f"{step.where}.{where}", f"the transformation {made.get('id')} is left out: {reason}")
            continue
        if len(found) < MAX_TRANSFORMATIONS:
            found.append(made)
    return {"transformations": found} if found else {}


def _with_refs(value: Any, renamed: Mapping[str, str]) -> Any:
    """A transformation whose texts name refs by our names: whole, or behind a `#` as in `Value #A`."""
    if isinstance(value, str):
        head, mark, ref = value.rpartition("#")
        return renamed.get(value, f"{head}#{renamed[ref]}" if mark and ref in renamed else value)
    if isinstance(value, list):
        return [_with_refs(one, renamed) for one in value]
    if isinstance(value, dict):
        return {_with_refs(key, renamed): _with_refs(one, renamed) for key, one in value.items()}
    return value


def _asking(given: Given) -> dict[str, Any]:
    """Steps and points; a range of its own is not carried over."""
    made: dict[str, Any] = {}
    step, points = given.text("interval").strip(), given.number("maxDataPoints")
    if step:
        try:
            made["interval"] = check_least_step(step)
        except ValueError:
            given.say("interval", f"{step[:40]} is no least step")
    if points and points >= 1:
        made["max_points"] = int(min(points, MAX_POINTS))
    for key in ("timeFrom", "timeShift"):
        if given.values.get(key):
            given.say(key, f"the panel shows the range of the dashboard, and not {json.dumps(given.values[key])[:40]}")
    if given.values.get("alert"):
        given.say("alert", "an alert of a panel is not carried over: rules have their own place")
    return made


def _repeat(given: Given) -> dict[str, Any]:
    variable, direction, most = given.text("repeat"), given.text("repeatDirection", "h"), given.number("maxPerRow")
    given.leave("maxPerRow")
    if not variable:
        return {}
    if not NAME.fullmatch(variable):
        given.say("repeat", f"{variable[:60]} is no variable")
        return {}
    made: dict[str, Any] = {"variable": variable, "direction": "v" if direction == "v" else "h"}
    return {"repeat": {**made, **({"max_per_row": int(max(1, min(24, most)))} if most else {})}}


def _about(given: Given) -> dict[str, Any]:
    """What it says of itself, where its head leads, and whether it has a ground."""
    links = links_of(given)
    made: dict[str, Any] = {"links": links} if links else {}
    if text := given.text("description")[:10_000]:
        made["description"] = text
    if given.flag("transparent"):
        made["transparent"] = True
    return made


def numbered(panels: Sequence[Mapping[str, Any]]) -> Iterator[tuple[Mapping[str, Any], int]]:
    """Each panel with its own number, or a free one where it has none or one before it has the same."""
    own = [_own_number(one) for one in panels]
    free = (number for number in range(1, MOST_ID + 1) if number not in {*own})
    taken: set[int] = set()
    for panel, number in zip(panels, own, strict=True):
        found = next(free) if number is None or number in taken else number
        taken.add(found)
        yield panel, found


def _own_number(panel: Mapping[str, Any]) -> int | None:
    number = as_number(panel.get("id"))
    return number if isinstance(number, int) and 1 <= number <= MOST_ID else None


def weight(document: Any) -> int:
    """How many values a document holds, those within others too."""
    found, left = 0, [document]
    while left:
        value = left.pop()
        found += 1
        if isinstance(value, Mapping):
            left += value.values()
        elif isinstance(value, list):
            left += value
    return found
