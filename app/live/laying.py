"""The panels of a view: a dashboard's, repeated for the values of its variables, each with what asks and draws it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from ...components.asking.outcome import Outcome, failed
from ...components.asking.placing import References, place, values_of, with_texts
from ...components.asking.shared import fingerprint, named_by, values_named
from ...components.asking.source import PanelSource
from ...components.asking.tools import PanelTools
from ...components.panel_spec import ROW, Panel
from ...components.spec import Dashboard
from ...datasources.variables.builtins import of_dashboard
from ...datasources.variables.resolve import Resolved
from ...errors import InvalidError
from ...scope import Scope
from .draft_board import draft_id_of
from .key import ViewKey


@dataclass(frozen=True, slots=True)
class LaidOut:
    """A dashboard with its panels repeated, what asks and draws each of them, and those that cannot be."""

    dashboard: Dashboard
    panels: Mapping[int, PanelSource]
    broken: Mapping[int, Outcome]
    kept: frozenset[int] = frozenset()  # the panels that ask and draw what they did before

    def types(self) -> dict[int, str]:
        """As what each panel is drawn."""
        named = {panel.panel_id: panel.type for panel in self.dashboard.panels if panel.type != ROW}
        return named | {one: source.type.drawn_as or source.type.name for one, source in self.panels.items()}

    def heads(self) -> list[dict[str, Any]]:
        """What a page must know of each panel to lay it out."""
        return [
            {
                "id": panel.panel_id,
                "type": panel.type,
                "title": source.title if (source := self.panels.get(panel.panel_id)) is not None else panel.title,
                "description": panel.description,
                "links": source.links if source is not None else [],
                "transparent": panel.transparent,
                "position": panel.position.model_dump(),
                "collapsed": panel.collapsed,
            }
            for panel in self.dashboard.panels
        ]


# Rows of the grid that the first screen of a page shows, on a desk.
FIRST_SCREEN = 20
NO_PANELS: Mapping[int, PanelSource] = {}
Named = Mapping[int, frozenset[str]]  # the variables that texts of each panel name, by its id


def names_of(dashboard: Dashboard) -> Named:
    """Which variables the panels of a dashboard name."""
    return {panel.panel_id: named_by(panel) for panel in dashboard.panels}


def laid_out(
    key: ViewKey,
    dashboard: Dashboard,
    variables: tuple[Resolved, ...],
    scope: Scope,
    tools: PanelTools,
    *,
    named: Named | None = None,
    before: Mapping[int, PanelSource] = NO_PANELS,
) -> LaidOut:
    """The panels of a view; one with wrong options says so in its place.

    `named`: `names_of` the dashboard, where that is known. `before`: the panels of the view until now.
    """
    named = names_of(dashboard) if named is None else named
    # What a saved version's panels ask depends beside that on the values they name alone.
    common = replace(key, variables=(), annotations=()) if draft_id_of(key.dashboard_id) is None else None
    around = of_dashboard(key.shown_as, dashboard.title, key.zone)
    panels: dict[int, PanelSource] = {}
    broken: dict[int, Outcome] = {}
    kept: set[int] = set()
    references = References()
    placed: list[Panel] = []
    for one in place(dashboard, variables, around):
        values = values_of(one, variables, around)
        try:
            references.take(one)
            panel = with_texts(one, values).panel
        except InvalidError as error:
            placed.append(one.panel.model_copy(update={"description": ""}))
            if one.panel.type != ROW:
                broken[one.panel.panel_id] = failed("error", error)
            continue
        placed.append(panel)
        if panel.type == ROW:
            continue
        values = values_named(named[one.of], values)
        known = before.get(panel.panel_id)
        if known is not None and known.draws_as(panel, values):
            panels[panel.panel_id] = known.placed_as(panel)
            kept.add(panel.panel_id)
            continue
        make = partial(
            PanelSource.of,
            panel,
            variables=values,
            scope=scope,
            dashboard_id=key.shown_as,
            zone=key.zone,
            tools=tools,
        )
        alike = common and (common, panel.panel_id, panel.position.w, fingerprint(values))
        try:
            panels[panel.panel_id] = tools.shared.get(alike, make) if alike else make()
        except InvalidError as error:
            broken[panel.panel_id] = failed("error", error)
    laid = dashboard.model_copy(update={"panels": placed})
    return LaidOut(laid, panels, broken, frozenset(kept))


def first_screen(dashboard: Dashboard) -> list[int]:
    """The panels that a page shows before anybody scrolls, but for those of collapsed rows."""
    ordered = sorted(dashboard.panels, key=lambda panel: (panel.position.y, panel.type != ROW))
    found, collapsed = [], False
    for panel in ordered:
        if panel.type == ROW:
            collapsed = panel.collapsed
        elif not collapsed and panel.position.y < FIRST_SCREEN:
            found.append(panel.panel_id)
    return found
