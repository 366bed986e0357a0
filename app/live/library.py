"""Dashboards as views need them: read and parsed once a second, however many open them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from ...components.spec import Dashboard, parse_dashboard
from ...datasources.variables.interpolation import names_in
from ...kept import Kept
from ...storage.config.dashboard_rows import StoredDashboard
from .documents import Documents
from .laying import Named, names_of

READ_LIFE_S = 1.0
MAX_KEPT = 5000
Key = tuple[int, str]
USER, ZONE = "__user", "__timezone"


@dataclass(frozen=True, slots=True)
class Asks:
    """The names of the data sources that panels and annotation queries ask, and what their texts name."""

    panels: frozenset[str]
    annotations: frozenset[str]
    user: bool
    zone: bool  # whether a query names the zone of who looks
    named: Named  # the variables that panels name, in whatever text


class Library:
    """The dashboards of the config database, parsed."""

    def __init__(
        self, documents: Documents, clock: Callable[[], float], sources_of: Callable[[Dashboard], frozenset[str]]
    ) -> None:
        self._documents = documents
        self._sources_of = sources_of
        self._read: Kept[tuple[StoredDashboard, Dashboard]] = Kept(clock, READ_LIFE_S, limit=MAX_KEPT)
        self._parsed: dict[Key, tuple[StoredDashboard, Dashboard]] = {}
        self._asks: dict[Key, tuple[Dashboard, Asks]] = {}

    async def get(self, org: int, dashboard_id: str) -> tuple[StoredDashboard, Dashboard]:
        """The version that stands, at most READ_LIFE_S old; NotFoundError where there is none."""
        key = (org, dashboard_id)
        return await self._read.get(key, lambda: self._read_now(key))

    def at_hand(self, org: int, dashboard_id: str) -> StoredDashboard | None:
        """The version that stood within the last second, where somebody read it."""
        found = self._read.at_hand((org, dashboard_id))
        return found[0] if found is not None else None

    async def _read_now(self, key: Key) -> tuple[StoredDashboard, Dashboard]:
        stored = await self._documents.get(*key)
        before = self._parsed.get(key)
        same = before is not None and (before[0].version, before[0].updated_at) == (stored.version, stored.updated_at)
        dashboard = before[1] if before is not None and same else parse_dashboard(stored.config, stored=True)
        if len(self._parsed) >= MAX_KEPT:
            self._parsed.clear()
        self._parsed[key] = (stored, dashboard)
        return stored, dashboard

    def asks(self, org: int, dashboard: Dashboard, dashboard_id: str) -> Asks:
        """Which data sources the dashboard asks, and whether for each person."""
        kept = self._asks.get((org, dashboard_id))
        if kept is None or kept[0] is not dashboard:
            if len(self._asks) >= MAX_KEPT:
                self._asks.clear()
            kept = self._asks[org, dashboard_id] = (dashboard, self._asked(dashboard))
        return kept[1]

    def _asked(self, dashboard: Dashboard) -> Asks:
        queries = [query for query in dashboard.annotations if not query.builtin]
        texts = [target.query for panel in dashboard.panels for target in panel.all_targets()]
        texts += [query.query for query in queries]
        texts += [variable.query for variable in dashboard.variables]
        named = {name for text in texts for name in names_in(text)}
        return Asks(
            self._sources_of(dashboard),
            frozenset(query.datasource or "" for query in queries),
            USER in named,
            ZONE in named,
            names_of(dashboard),
        )

    def put(self, stored: StoredDashboard, dashboard: Dashboard) -> None:
        """What was written and parsed in this process just now."""
        key = (stored.org, stored.dashboard_id)
        self._read.forget(key)
        self._parsed[key] = (stored, dashboard)
        self._read.put(key, (stored, dashboard))

    def forget(self, org: int, dashboard_id: str) -> None:
        """It was changed in this process: read it again."""
        self._read.forget((org, dashboard_id))

    async def current_versions(self, keys: Iterable[Key]) -> Mapping[Key, int]:
        """Which version each of these dashboards has now, without those that are gone."""
        return await self._documents.current_versions(keys)

    async def pinned(self) -> Sequence[Key]:
        """The dashboards of all orgs whose views are always held."""
        return await self._documents.pinned()
