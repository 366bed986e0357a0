"""The views of a process: created on first open by one builder however many ask, kept warm for a while, evicted."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import structlog

from ...components.spec import Dashboard, parse_dashboard
from ...datasources.datemath import parse_range
from ...datasources.sources.registry import Sources
from ...storage.config.dashboards import Dashboards, StoredDashboard
from ...storage.config.folders import Access, Folders
from ...storage.errors import HeliographError, InvalidError, NotFoundError, OverloadedError, TooManyViewersError
from ...storage.scope import VIEW, Scope
from ..auth.authenticator import Authenticator, Identity
from ..auth.viewer_token import LIFE_S, ViewerTokens
from ..telemetry import Telemetry
from .key import ViewKey, make_key
from .options import VariableOptions
from .panel import Outcome, PanelSource, PanelTools, failed
from .variables import Resolved, resolve
from .view import Follower, View

log = structlog.get_logger(__name__)
MAX_VIEWS = 5000
MAX_FOLLOWERS = 20_000
WARM_S = 60.0
SWEEP_S = 1.0
READ_LIFE_S = 1.0
VERSION_CHECK_S = 2.0
MOVE_WINDOW_MS = 1500
RELOAD_WINDOW_MS = 3000


@dataclass(frozen=True, slots=True)
class Address:
    """What a page's address asks for, as texts; empty where it says nothing."""

    dashboard_id: str
    from_text: str = ""
    to_text: str = ""
    refresh: str = ""
    zone: str = ""
    variables: Mapping[str, tuple[str, ...]] | None = None


@dataclass(frozen=True, slots=True)
class Opened:
    """A view that somebody may follow, and what a page needs to begin."""

    view: View
    stored: StoredDashboard
    dashboard: Dashboard
    token: str
    access: Access


class Hub:
    """Opens, keeps and ends views. All methods run on the event loop."""

    def __init__(
        self,
        *,
        dashboards: Dashboards,
        folders: Folders,
        options: VariableOptions,
        sources: Sources,
        tools: PanelTools,
        tokens: ViewerTokens,
        auth: Authenticator,
        telemetry: Telemetry,
        clock: Callable[[], float],
        build_id: str,
    ) -> None:
        self._dashboards = dashboards
        self._folders = folders
        self._options = options
        self._sources = sources
        self._tools = tools
        self.tokens = tokens
        self._auth = auth
        self._telemetry = telemetry
        self._clock = clock
        self.build_id = build_id
        self._views: dict[str, View] = {}
        self._credentials: dict[Follower, str] = {}
        self._read: dict[tuple[int, str], tuple[float, StoredDashboard, Dashboard]] = {}
        self._keeper: asyncio.Task[None] | None = None
        self._draining = False

    def start(self) -> None:
        self._keeper = asyncio.get_running_loop().create_task(self._keep())

    @property
    def draining(self) -> bool:
        return self._draining

    async def close(self) -> None:
        """Tell all viewers to move, and end all views."""
        self._draining = True
        if self._keeper is not None:
            self._keeper.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._keeper
        for follower in tuple(self._credentials):
            follower.leave({"move": MOVE_WINDOW_MS}, "drained")
        for view in tuple(self._views.values()):
            await view.close()
        self._views.clear()

    # -- opening -----------------------------------------------------------------------------------------------------

    async def open(self, identity: Identity, address: Address) -> Opened:
        """The view of an address, made where it is not there yet; NotFoundError, ForbiddenError, InvalidError."""
        if self._draining:
            raise OverloadedError("this server stops", retry_after_s=2)
        scope = identity.scope
        stored, dashboard = await self._dashboard(scope.org, address.dashboard_id)
        access = await self._folders.access(scope, stored.folder_id)
        if access is Access.NONE:
            raise NotFoundError(f"there is no dashboard {address.dashboard_id}")
        view = await self._view(scope, stored, dashboard, address)
        token = self.tokens.issue(view.id, scope.principal, identity.credential, self._clock())
        return Opened(view, stored, dashboard, token, access)

    async def _dashboard(self, org: int, dashboard_id: str) -> tuple[StoredDashboard, Dashboard]:
        """A dashboard, read and parsed once a second however many open it."""
        key = (org, dashboard_id)
        kept = self._read.get(key)
        if kept is not None and self._clock() - kept[0] < READ_LIFE_S:
            return kept[1], kept[2]
        stored = await self._dashboards.get(org, dashboard_id)
        same = kept is not None and (kept[1].version, kept[1].updated_at) == (stored.version, stored.updated_at)
        dashboard = kept[2] if kept is not None and same else parse_dashboard(stored.config)
        if len(self._read) >= MAX_VIEWS:
            self._read.clear()
        self._read[key] = (self._clock(), stored, dashboard)
        return stored, dashboard

    def saved(self, org: int, dashboard_id: str) -> None:
        """A dashboard was changed in this process: the next who opens it sees the change."""
        self._read.pop((org, dashboard_id), None)

    async def _view(self, scope: Scope, stored: StoredDashboard, dashboard: Dashboard, address: Address) -> View:
        now_ms = int(self._clock() * 1000)
        range_ = parse_range(address.from_text or dashboard.time.from_, address.to_text or dashboard.time.to, now_ms)
        scope = await self._scope_of(scope, dashboard)
        variables = await resolve(dashboard, address.variables or {}, range_, scope, self._options.ask)
        key = make_key(
            scope,
            dashboard,
            stored.dashboard_id,
            stored.version,
            variables={one.variable.name: one.current for one in variables},
            from_text=address.from_text,
            to_text=address.to_text,
            refresh=address.refresh,
            zone=address.zone or dashboard.timezone,
            now_ms=now_ms,
            saved_ms=stored.updated_at,
        )
        view = self._views.get(key.id)
        if view is not None:
            self._telemetry.view_opens.labels("warm").inc()
            return view
        self._telemetry.view_opens.labels("cold").inc()
        if len(self._views) >= MAX_VIEWS:
            raise TooManyViewersError("this server holds as many views as it can", retry_after_s=10)
        # No await between the look-up and here: one builder, however many ask.
        view = self._views[key.id] = self._build(key, dashboard, variables, scope)
        view.start()
        self._count()
        return view

    async def _scope_of(self, scope: Scope, dashboard: Dashboard) -> Scope:
        """The asker's alone where a source of the dashboard answers each person differently."""
        for name in {
            target.datasource or "" for panel in dashboard.panels for target in self._tools.registry.targets(panel)
        }:
            if await self._sources.is_personal(scope.org, name):
                return scope.personal
        return scope

    def _build(self, key: ViewKey, dashboard: Dashboard, variables: tuple[Resolved, ...], scope: Scope) -> View:
        values = {one.variable.name: one.values for one in variables}
        shared = Scope(scope.org, scope.role, scope.teams, scope.data_scope, VIEW, scope.user_id, scope.login)
        panels: dict[int, PanelSource] = {}
        broken: dict[int, Outcome] = {}
        for panel in dashboard.panels:
            try:
                panels[panel.panel_id] = PanelSource.of(
                    panel,
                    variables=values,
                    scope=shared,
                    dashboard_id=key.dashboard_id,
                    zone=key.zone,
                    tools=self._tools,
                )
            except InvalidError as error:
                broken[panel.panel_id] = failed("error", error)
        return View(key, dashboard, variables, panels, broken, clock=self._clock, telemetry=self._telemetry)

    def boot(self, opened: Opened) -> dict[str, Any]:
        """What a page needs to begin, as in docs/live-protocol.md."""
        view = opened.view
        return {
            "view": view.id,
            "token": opened.token,
            "expires_in_s": LIFE_S,
            "dashboard_id": opened.stored.dashboard_id,
            "title": opened.dashboard.title,
            "version": opened.stored.version,
            "build": self.build_id,
            "refresh_s": view.key.refresh_s,
            "live": view.key.live,
            "range": {"from": view.key.from_text, "to": view.key.to_text},
            "window": list(view.window),
            "can_edit": opened.access >= Access.EDIT,
            "panels": view.heads(),
            "variables": [one.as_json() for one in view.variables],
        }

    # -- following ---------------------------------------------------------------------------------------------------

    def view(self, view_id: str) -> View:
        """The view of that id, where this process holds it; it never makes one."""
        view = self._views.get(view_id)
        if view is None:
            raise NotFoundError("this server does not hold that view")
        return view

    def follow(self, view: View, follower: Follower, credential: str) -> None:
        if self._draining or len(self._credentials) >= MAX_FOLLOWERS:
            raise TooManyViewersError("this server has as many viewers as it can", retry_after_s=5)
        view.follow(follower)
        self._credentials[follower] = credential
        self._count()

    def unfollow(self, view: View, follower: Follower) -> None:
        view.unfollow(follower)
        self._credentials.pop(follower, None)
        self._count()

    def _count(self) -> None:
        self._telemetry.views.set(len(self._views))
        self._telemetry.viewers.set(len(self._credentials))

    # -- keeping -----------------------------------------------------------------------------------------------------

    async def _keep(self) -> None:
        """Each second: end views that nobody watched for a while, close sockets whose credentials are void."""
        checked_s = self._clock()
        while True:
            await asyncio.sleep(SWEEP_S)
            try:
                await self._evict()
                await self._close_void()
                if self._clock() - checked_s >= VERSION_CHECK_S:
                    checked_s = self._clock()
                    await self._check_versions()
            except HeliographError as error:
                log.warning("views cannot be kept", error=error.detail)

    async def _evict(self) -> None:
        horizon = self._clock() - WARM_S
        for view in [one for one in self._views.values() if not one.followers and one.used_s < horizon]:
            del self._views[view.id]
            await view.close()
        self._count()

    async def _close_void(self) -> None:
        credentials = set(self._credentials.values())
        if not credentials:
            return
        gone = await self._auth.void(credentials)
        for follower, credential in tuple(self._credentials.items()):
            if credential in gone:
                follower.leave({"login": True}, "credential")

    async def _check_versions(self) -> None:
        """Tell the viewers of a dashboard that was saved, here or on another node, to open it again."""
        keys = {(view.key.org, view.key.dashboard_id) for view in self._views.values()}
        versions = await self._dashboards.current_versions(keys)
        for view in tuple(self._views.values()):
            version = versions.get((view.key.org, view.key.dashboard_id))
            if version != view.key.version:
                view.broadcast({"version": version, "within": RELOAD_WINDOW_MS})
                view.used_s = 0.0
