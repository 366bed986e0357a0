"""Builds the views of dashboards: whose they are, what they are told apart by, and what their panels ask."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from ...components.asking.placing import place, values_of
from ...components.asking.source import Outcome, PanelSource, PanelTools, failed
from ...components.spec import ROW, Dashboard
from ...datasources.datemath import parse_range
from ...datasources.sources.heliograph import HeliographSource
from ...datasources.sources.registry import Sources
from ...datasources.variables.asked import VariableOptions
from ...datasources.variables.builtins import of_dashboard
from ...datasources.variables.interpolation import names_in
from ...datasources.variables.resolve import Resolved, resolve
from ...errors import InvalidError
from ...scope import VIEW, Role, Scope
from ...storage.config.dashboards import StoredDashboard
from ...storage.config.folders import Access, Folders
from ..process.telemetry import Telemetry
from .address import Address
from .key import ViewKey, make_key
from .library import Library
from .marks import MarkSource, MarkTools, ViewMarks, queries_of, switched_on
from .rule_board import rule_id_of
from .view import View


@dataclass(frozen=True, slots=True)
class LaidOut:
    """A dashboard with its panels repeated, what asks and draws each of them, and those that cannot be."""

    dashboard: Dashboard
    panels: Mapping[int, PanelSource]
    broken: Mapping[int, Outcome]


def laid_out(
    key: ViewKey, dashboard: Dashboard, variables: tuple[Resolved, ...], scope: Scope, tools: PanelTools
) -> LaidOut:
    """The panels of a view; one with wrong options says so in its place."""
    around = of_dashboard(key.dashboard_id, dashboard.title, key.zone)
    placed = place(dashboard, variables, around)
    panels: dict[int, PanelSource] = {}
    broken: dict[int, Outcome] = {}
    for one in placed:
        panel = one.panel
        if panel.type == ROW:
            continue
        try:
            panels[panel.panel_id] = PanelSource.of(
                panel,
                variables=values_of(one, variables, around),
                scope=scope,
                dashboard_id=key.dashboard_id,
                zone=key.zone,
                tools=tools,
            )
        except InvalidError as error:
            broken[panel.panel_id] = failed("error", error)
    return LaidOut(dashboard.model_copy(update={"panels": [one.panel for one in placed]}), panels, broken)


class ViewBuilder:
    """From a dashboard and an address to a view that does not run yet."""

    def __init__(
        self,
        *,
        library: Library,
        folders: Folders,
        options: VariableOptions,
        sources: Sources,
        tools: PanelTools,
        marks: MarkTools,
        telemetry: Telemetry,
        clock: Callable[[], float],
    ) -> None:
        self._library = library
        self._folders = folders
        self._options = options
        self._sources = sources
        self._tools = tools
        self._marks = marks
        self._telemetry = telemetry
        self._clock = clock

    async def resolved(
        self, scope: Scope, stored: StoredDashboard, dashboard: Dashboard, address: Address
    ) -> tuple[ViewKey, tuple[Resolved, ...]]:
        """The key of the view that a readable address names, and its variables."""
        now_ms = int(self._clock() * 1000)
        range_ = parse_range(address.from_text, address.to_text, now_ms, address.zone)
        around = of_dashboard(stored.dashboard_id, dashboard.title, address.zone or "UTC")
        variables = await resolve(
            dashboard.variables, dict(address.variables), range_, scope, self._options, aged=True, around=around
        )
        key = make_key(
            scope,
            dashboard,
            stored.dashboard_id,
            stored.version,
            variables={one.variable.name: (*one.current, "", *one.values) for one in variables},
            from_text=address.from_text,
            to_text=address.to_text,
            refresh=address.refresh,
            zone=address.zone,
            now_ms=int(self._clock() * 1000),
            annotations=switched_on(dashboard, address.annotations),
            saved_ms=stored.updated_at,
            zoned=self._library.asks(scope.org, dashboard, stored.dashboard_id).zone,
        )
        return key, variables

    async def scope_of(self, scope: Scope, stored: StoredDashboard, dashboard: Dashboard) -> Scope:
        """The asker's alone where a query or a source of the dashboard answers each person differently."""
        asks = self._library.asks(scope.org, dashboard, stored.dashboard_id)
        if asks.user:
            return scope.personal
        for name in asks.panels:
            if await self._may_be_personal(scope.org, name, dashboard) and not await self._is_common(stored, name):
                return scope.personal
        for name in asks.annotations:
            # Of what Heliograph knows itself, annotation queries get what any viewer may see: all share it.
            kind = await self._sources.type_of(scope.org, name)
            if kind != HeliographSource.kind and await self._may_be_personal(scope.org, name, dashboard):
                return scope.personal
        return scope

    async def _may_be_personal(self, org: int, name: str, dashboard: Dashboard) -> bool:
        """Whether a source that the name leads to is personal: of a variable, any that it may be."""
        named = set(names_in(name))
        if not named:
            return await self._sources.is_personal(org, name)
        kinds = [one.query for one in dashboard.variables if one.name in named and one.type == "datasource"]
        if len(kinds) < len(named):
            return True  # a variable of another type may name any
        return any(self._sources.is_kind_personal(kind) for kind in kinds)

    async def _is_common(self, stored: StoredDashboard, datasource: str) -> bool:
        """Whether what the board of a rule asks of Heliograph itself is what every viewer may see."""
        if rule_id_of(stored.dashboard_id) is None or datasource != HeliographSource.kind:
            return False
        return await self._folders.access(Scope(stored.org, Role.VIEWER), stored.folder_id) is not Access.NONE

    def build(self, key: ViewKey, dashboard: Dashboard, variables: tuple[Resolved, ...], scope: Scope) -> View:
        """The view; a panel with wrong options says so in its place."""
        shared = replace(scope, principal=VIEW)
        laid = laid_out(key, dashboard, variables, shared, self._tools)
        marks = self._marks_of(key, laid.dashboard, variables, shared)
        return View(
            key,
            laid.dashboard,
            variables,
            laid.panels,
            laid.broken,
            clock=self._clock,
            telemetry=self._telemetry,
            marks=marks,
        )

    def _marks_of(self, key: ViewKey, dashboard: Dashboard, variables: tuple[Resolved, ...], scope: Scope) -> ViewMarks:
        """The annotation queries that a view asks: none where no panel would show what they find."""
        registry = self._tools.registry
        if not any(registry.shows_marks(panel.type) for panel in dashboard.panels):
            return ViewMarks()
        around = of_dashboard(key.dashboard_id, dashboard.title, key.zone)
        values = {**around, **{one.variable.name: one.values for one in variables}}
        queries = queries_of(dashboard)
        on = [
            MarkSource(query, scope, key.dashboard_id, key.zone, self._marks, values)
            for query in queries
            if query.enable or query.name in key.annotations
        ]
        return ViewMarks(queries, on)
