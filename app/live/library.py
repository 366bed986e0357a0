"""Dashboards as views need them: read and parsed once a second, however many open them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from ...components.spec import Dashboard, parse_dashboard
from ...datasources.variables.interpolation import names_in
from ...kept import Kept
from ...lru import Lru
from ...storage.config.dashboard_rows import StoredDashboard
from .documents import Documents
from .laying import Named, names_of

READ_LIFE_S = 1.0
MAX_BYTES = 2**29  # of all that is parsed
PARSED_BYTES = 8  # that a character of a document takes once it is parsed, about
SMALL_BYTES = 20_000  # what of one is parsed on the loop
Key = tuple[int, str]
USER, ZONE = "__user", "__timezone"


@dataclass(frozen=True, slots=True)
class Asks:
    """The names of the data sources that panels and annotation queries ask, and what their texts name."""

    panels: frozenset[str]
    annotations: frozenset[str]
    user: bool
    zone: bool  # whether a query, a title or a text names the zone of who looks
    named: Named  # the variables that panels name, in whatever text


@dataclass(slots=True, eq=False)
class Read:
    """A dashboard as it stands and as it was parsed, what it takes in memory, about, and what it asks once somebody
    wants to know."""

    stored: StoredDashboard
    dashboard: Dashboard
    nbytes: int
    asks: Asks | None = None


class Library:
    """The dashboards of the config database, parsed."""

    def __init__(
        self, documents: Documents, clock: Callable[[], float], sources_of: Callable[[Dashboard], frozenset[str]]
    ) -> None:
        self._documents = documents
        self._sources_of = sources_of
        self._read: Kept[Read] = Kept(clock, READ_LIFE_S, limit=MAX_BYTES, size=_size)
        self._parsed: Lru[Key, Read] = Lru(MAX_BYTES)

    async def get(self, org: int, dashboard_id: str) -> tuple[StoredDashboard, Dashboard]:
        """The version that stands, at most READ_LIFE_S old; NotFoundError where there is none."""
        key = (org, dashboard_id)
        found = await self._read.get(key, lambda: self._read_now(key))
        return found.stored, found.dashboard

    def at_hand(self, org: int, dashboard_id: str) -> StoredDashboard | None:
        """The version that stood within the last second, where somebody read it."""
        found = self._read.at_hand((org, dashboard_id))
        return found.stored if found is not None else None

    async def _read_now(self, key: Key) -> Read:
        stored = await self._documents.get(*key)
        before = self._parsed.get(key)
        if before is not None and (before.stored.version, before.stored.updated_at) == (
            stored.version,
            stored.updated_at,
        ):
            read = Read(stored, before.dashboard, before.nbytes, before.asks)
        else:
            size = len(json.dumps(stored.config))
            small = size <= SMALL_BYTES
            dashboard = _parsed(stored) if small else await asyncio.to_thread(_parsed, stored)
            read = Read(stored, dashboard, PARSED_BYTES * size)
        self._parsed.put(key, read, read.nbytes)
        return read

    def asks(self, org: int, dashboard: Dashboard, dashboard_id: str) -> Asks:
        """Which data sources the dashboard asks, and whether for each person."""
        known = self._parsed.get((org, dashboard_id))
        if known is None or known.dashboard is not dashboard:
            return self._asked(dashboard)
        if known.asks is None:
            known.asks = self._asked(dashboard)
        return known.asks

    def _asked(self, dashboard: Dashboard) -> Asks:
        queries = [query for query in dashboard.annotations if not query.builtin]
        texts = [target.query for panel in dashboard.panels for target in panel.all_targets()]
        texts += [query.query for query in queries]
        texts += [variable.query for variable in dashboard.variables]
        named = {name for text in texts for name in names_in(text)}
        shown = (text for panel in dashboard.panels for text in (panel.title, panel.options.get("content", "")))
        return Asks(
            self._sources_of(dashboard),
            frozenset(query.datasource or "" for query in queries),
            USER in named,
            ZONE in named or any(ZONE in names_in(text) for text in shown),
            names_of(dashboard),
        )

    def put(self, stored: StoredDashboard, dashboard: Dashboard, size: int) -> None:
        """What was written and parsed in this process just now; `size`: characters of its JSON, about."""
        key = (stored.org, stored.dashboard_id)
        read = Read(stored, dashboard, PARSED_BYTES * size)
        self._read.forget(key)
        self._parsed.put(key, read, read.nbytes)
        self._read.put(key, read)

    def forget(self, org: int, dashboard_id: str) -> None:
        """It was changed in this process: read it again."""
        self._read.forget((org, dashboard_id))

    async def current_versions(self, keys: Iterable[Key]) -> Mapping[Key, int]:
        """Which version each of these dashboards has now, without those that are gone."""
        return await self._documents.current_versions(keys)

    async def pinned(self) -> Sequence[Key]:
        """The dashboards of all orgs whose views are always held."""
        return await self._documents.pinned()


def _parsed(stored: StoredDashboard) -> Dashboard:
    return parse_dashboard(stored.config, stored=True)


def _size(read: Read) -> int:
    return read.nbytes
