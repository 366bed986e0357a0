"""Builds the views of dashboards: whose they are, what they are told apart by, and what their panels ask."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ...components.asking.tools import PanelTools
from ...components.panels.density import may_be_density
from ...components.spec import Dashboard
from ...datasources.datemath import parse_range
from ...datasources.sources.heliograph import HeliographSource
from ...datasources.sources.registry import Sources
from ...datasources.variables.asked import VariableOptions
from ...datasources.variables.builtins import of_dashboard
from ...datasources.variables.interpolation import names_in
from ...datasources.variables.resolve import Resolved, resolve
from ...scope import Role, Scope
from ...storage.config.dashboard_rows import StoredDashboard
from ...storage.config.folders import Access, Folders
from ..process.telemetry import Telemetry
from .address import Address
from .draft_board import OfDraft, draft_id_of
from .key import ViewKey, make_key
from .laying import LaidOut, laid_out
from .library import Library
from .marks import MarkSource, MarkTools, ViewMarks, queries_of, switched_on
from .rule_board import rule_id_of
from .view import View


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
        expect_pictures: Callable[[], None],
        telemetry: Telemetry,
        clock: Callable[[], float],
    ) -> None:
        self._library = library
        self._folders = folders
        self._options = options
        self._sources = sources
        self._tools = tools
        self._marks = marks
        self._expect_pictures = expect_pictures
        self._telemetry = telemetry
        self._clock = clock

    async def resolved(
        self, scope: Scope, stored: StoredDashboard, dashboard: Dashboard, address: Address
    ) -> tuple[ViewKey, tuple[Resolved, ...]]:
        """The key of the view that a readable address names, and its variables."""
        now_ms = int(self._clock() * 1000)
        range_ = parse_range(address.from_text, address.to_text, now_ms, address.zone)
        around = of_dashboard(stored.subject or stored.dashboard_id, dashboard.title, address.zone or "UTC")
        variables = await resolve(
            dashboard.asked_variables, dict(address.variables), range_, scope, self._options, aged=True, around=around
        )
        # A draft has one view, however often it changes: what is drawn stays drawn.
        is_draft = draft_id_of(stored.dashboard_id) is not None
        version, saved_ms = (0, stored.created_at) if is_draft else (stored.version, stored.updated_at)
        key = make_key(
            scope,
            dashboard,
            stored.dashboard_id,
            version,
            variables={one.variable.name: (*one.current, "", *one.values) for one in variables},
            from_text=address.from_text,
            to_text=address.to_text,
            refresh=address.refresh,
            zone=address.zone,
            now_ms=int(self._clock() * 1000),
            annotations=switched_on(dashboard, address.annotations),
            saved_ms=saved_ms,
            subject=stored.subject,
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

    def build(
        self,
        key: ViewKey,
        dashboard: Dashboard,
        variables: tuple[Resolved, ...],
        scope: Scope,
        stored: StoredDashboard,
    ) -> View:
        """The view; a panel with wrong options says so in its place."""
        shared = scope.of_dashboard(key.dashboard_id, stored.maker)
        named = self._library.asks(stored.org, dashboard, stored.dashboard_id).named
        laid = self._expecting(laid_out(key, dashboard, variables, shared, self._tools, named=named))
        marks = self._marks_of(key, laid.dashboard, variables, shared)
        is_draft = draft_id_of(key.dashboard_id) is not None
        return View(
            key,
            laid,
            variables,
            clock=self._clock,
            telemetry=self._telemetry,
            marks=marks,
            draft=OfDraft(scope, stored.version, self._names(stored, dashboard)) if is_draft else None,
        )

    async def renew(self, view: View, stored: StoredDashboard, dashboard: Dashboard) -> bool:
        """Let the view of a draft show a newer revision; False where its page has to open it again for that."""
        assert view.draft is not None
        scope = await self.scope_of(view.draft.scope, stored, dashboard)
        if scope != view.draft.scope or self._names(stored, dashboard) != view.draft.names:
            return False
        self.become(view, stored, dashboard, view.variables)
        return True

    def become(
        self, view: View, stored: StoredDashboard, dashboard: Dashboard, variables: tuple[Resolved, ...]
    ) -> None:
        """Let the view of a draft show another revision, unless it shows that one or a newer one already."""
        assert view.draft is not None
        if view.draft.revision >= stored.version:
            return
        shared = view.draft.scope.of_dashboard(view.key.dashboard_id, stored.maker)
        named = self._library.asks(stored.org, dashboard, stored.dashboard_id).named
        laid = self._expecting(
            laid_out(view.key, dashboard, variables, shared, self._tools, named=named, before=view.panels)
        )
        names = self._names(stored, dashboard)
        marks = None if names == view.draft.names else self._marks_of(view.key, laid.dashboard, variables, shared)
        view.become(laid, variables, marks)
        view.draft = OfDraft(view.draft.scope, stored.version, names)

    def _expecting(self, laid: LaidOut) -> LaidOut:
        """The same; where a panel of it may be drawn as density, what draws that gets ready."""
        if any(may_be_density(source.options) for source in laid.panels.values()):
            self._expect_pictures()
        return laid

    def _names(self, stored: StoredDashboard, dashboard: Dashboard) -> Sequence[Any]:
        """What of a dashboard decides which view an address leads to, and what is asked beside its panels."""
        zoned = self._library.asks(stored.org, dashboard, stored.dashboard_id).zone or dashboard.compares
        shows_marks = any(self._tools.registry.shows_marks(panel.type) for panel in dashboard.panels)
        parts = (dashboard.variables, dashboard.time, dashboard.refresh, dashboard.timezone, dashboard.annotations)
        return (*parts, zoned, shows_marks)

    def _marks_of(self, key: ViewKey, dashboard: Dashboard, variables: tuple[Resolved, ...], scope: Scope) -> ViewMarks:
        """The annotation queries that a view asks: none where no panel would show what they find."""
        registry = self._tools.registry
        if not any(registry.shows_marks(panel.type) for panel in dashboard.panels):
            return ViewMarks()
        around = of_dashboard(key.shown_as, dashboard.title, key.zone)
        values = {**around, **{one.variable.name: one.values for one in variables}}
        queries = queries_of(dashboard)
        on = [
            MarkSource(query, scope, key.shown_as, key.zone, self._marks, values)
            for query in queries
            if query.enable or query.name in key.annotations
        ]
        return ViewMarks(queries, on)
