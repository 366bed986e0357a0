"""The kinds of data source, and the sources of each org: by uid, then by name, then the default of a type."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from ...errors import InvalidError, SourceMissingError
from ...kept import Kept
from ...storage.config.datasources import StoredSource
from .base import Source, SourceContext
from .sealing import opened, sealed

Factory = Callable[[StoredSource, SourceContext], Source]
Listing = Callable[[int], Awaitable[Sequence[StoredSource]]]
LIST_LIFE_S = 2.0
RETIRED_FOR_S = 60.0
BUILT_IN = "store"
# What Grafana calls kinds that are here by another name.
GRAFANA_KINDS: Mapping[str, str] = {
    "grafana-amazonprometheus-datasource": "prometheus",
    "grafana-azureprometheus-datasource": "prometheus",
    "grafana-clickhouse-datasource": "clickhouse",
    "vertamedia-clickhouse-datasource": "clickhouse",
    "grafana-postgresql-datasource": "postgresql",
    "postgres": "postgresql",
    "grafana-opensearch-datasource": "elasticsearch",
    "opensearch": "elasticsearch",
    "mssql": "sqlalchemy",
    "frser-sqlite-datasource": "sqlite",
    "marcusolsson-json-datasource": "json",
    "yesoreyeram-infinity-datasource": "json",
}


class SourceKinds:
    """The kinds by name, each with what makes a source of a stored configuration.

    `context_of` gives each source what it needs, its way out among it.
    """

    def __init__(self, context_of: Callable[[StoredSource], SourceContext]) -> None:
        self._context_of = context_of
        self._factories: dict[str, Factory] = {}
        self._classes: dict[str, type[Source]] = {}

    def register(self, kind: type[Source], factory: Factory | None = None) -> None:
        """Add a kind under its name and aliases; the class makes its sources itself where there is no `factory`."""
        for name in (kind.kind, *kind.aliases):
            if name in self._factories:
                raise ValueError(f"two kinds of data source are named {name}")
            self._factories[name] = factory or kind
            self._classes[name] = kind

    @property
    def names(self) -> Sequence[str]:
        """All kinds, sorted."""
        return sorted(self._factories)

    @property
    def all(self) -> Sequence[type[Source]]:
        """Each kind once."""
        return sorted(set(self._classes.values()), key=lambda one: one.kind)

    def class_of(self, name: str) -> type[Source]:
        """The kind of that name; InvalidError where there is none."""
        if name not in self._classes:
            raise InvalidError(f"there is no data source type {name}: {', '.join(self.names)}", path="$.type")
        return self._classes[name]

    def make(self, stored: StoredSource) -> Source:
        """A source of its own connections; InvalidError where its configuration cannot be."""
        kind, context = self.class_of(stored.type), self._context_of(stored)
        for name in kind.file_options:
            if stored.options.get(name):
                context.connector.for_operators(f"$.options.{name}", "a file of this server")
        return self._factories[stored.type](opened(kind, sealed(kind, stored)), context)

    def sealed(self, stored: StoredSource) -> StoredSource:
        """The same with all that is secret among its secrets; InvalidError where that cannot be told apart."""
        return sealed(self.class_of(stored.type), stored)

    def shown(self, stored: StoredSource) -> StoredSource:
        """What may be told of it: no secret but their names, whatever its configuration looks like."""
        try:
            return self.sealed(stored)
        except InvalidError:
            return replace(stored, url="", options={})


@dataclass(frozen=True, slots=True)
class Routed:
    """A source with the configuration that it was made of."""

    stored: StoredSource
    source: Source
    revision: int


def revision_of(stored: StoredSource) -> int:
    """What changes with any part of a configuration: a provisioned source has no number that rises, and one that was
    deleted and made anew begins again."""
    return int.from_bytes(hashlib.blake2b(repr((stored, dict(stored.secrets))).encode(), digest_size=7).digest())


class Sources:
    """The sources of all orgs, made when they are first asked and made anew when their revision rises."""

    def __init__(
        self,
        kinds: SourceKinds,
        provisioned: Iterable[StoredSource],
        listing: Listing,
        clock: Callable[[], float],
    ) -> None:
        self.kinds = kinds
        self._provisioned = tuple(provisioned)
        self._listing = listing
        self._listed: Kept[Sequence[StoredSource]] = Kept(clock, LIST_LIFE_S)
        self._made: dict[tuple[int, str], Routed] = {}
        self._retired: set[Source] = set()
        self._generations: dict[int, int] = {}
        self._known: dict[int, Sequence[StoredSource]] = {}

    async def all(self, org: int) -> Sequence[StoredSource]:
        """The provisioned sources and those made by people."""
        listed = await self._listed.get(org, lambda: self._listing(org))
        if self._known.get(org) is not listed:
            self._learn(org, listed)
        return [*self._provisioned, *listed]

    def _learn(self, org: int, listed: Sequence[StoredSource]) -> None:
        """What was listed anew may be what was known."""
        before, self._known[org] = self._known.get(org), listed
        if before == listed:
            return
        self._generations[org] = self._generations.get(org, 0) + 1
        self._retire_missing(org, listed)

    async def generation(self, org: int) -> int:
        """A number that rises with each change of the sources of an org."""
        await self.all(org)
        return self._generations[org]

    def _retire_missing(self, org: int, listed: Sequence[StoredSource]) -> None:
        """Close what was deleted; 0 stands for the provisioned sources, which stay."""
        there = {source.uid for source in listed}
        for key in [key for key in self._made if key[0] == org and key[1] not in there]:
            self._retire(key)

    def forget(self, org: int) -> None:
        """The sources of an org were changed in this process."""
        self._listed.forget(org)

    async def find(self, org: int, name: str) -> Routed:
        """The source that a target names; SourceMissingError where there is none."""
        stored = choose(await self.all(org), name)
        if stored is None:
            raise SourceMissingError(f"there is no data source {name}" if name else "no data source is named")
        key = (0 if stored.provisioned else org, stored.uid)
        made = self._made.get(key)
        if made is None or (made.stored is not stored and made.stored != stored):
            if made is not None:
                self._retire(key)
            made = self._made[key] = Routed(stored, self.kinds.make(stored), revision_of(stored))
        return made

    async def of_kind(self, org: int, kind: str) -> Sequence[StoredSource]:
        """The sources of a kind, by one of its names or Grafana's; the default one first. InvalidError for no kind."""
        wanted = self.kinds.class_of(GRAFANA_KINDS.get(kind, kind))
        found = [
            one
            for one in await self.all(org)
            if one.type in self.kinds.names and self.kinds.class_of(one.type) is wanted
        ]
        return sorted(found, key=lambda one: not one.default)

    def title_of_kind(self, kind: str) -> str:
        """What people call a kind, by one of its names or Grafana's. InvalidError for no kind."""
        return self.kinds.class_of(GRAFANA_KINDS.get(kind, kind)).title

    async def is_personal(self, org: int, name: str) -> bool:
        """Whether a target's source answers each person differently; one that is not there answers nobody."""
        stored = choose(await self.all(org), name)
        return stored is not None and self.kinds.class_of(stored.type).personal

    def is_kind_personal(self, kind: str) -> bool:
        """Whether sources of a kind answer each person differently; a kind that there is not has none."""
        name = GRAFANA_KINDS.get(kind, kind)
        return name in self.kinds.names and self.kinds.class_of(name).personal

    async def type_of(self, org: int, name: str) -> str:
        """The kind of the source that a name leads to; empty where it leads nowhere."""
        stored = choose(await self.all(org), name)
        return stored.type if stored is not None else ""

    async def close(self) -> None:
        """Close all sources, those that are still in use too."""
        for key in tuple(self._made):
            self._retire(key)
        for source in tuple(self._retired):
            await self._close(source)

    def _retire(self, key: tuple[int, str]) -> None:
        """No query is routed to it any more; it closes once those that were have met their deadline."""
        source = self._made.pop(key).source
        self._retired.add(source)
        loop = asyncio.get_running_loop()
        loop.call_later(RETIRED_FOR_S, lambda: loop.create_task(self._close(source)))

    async def _close(self, source: Source) -> None:
        if source in self._retired:
            self._retired.discard(source)
            await source.close()


def choose(sources: Sequence[StoredSource], name: str) -> StoredSource | None:
    """By uid, then by name, then the default of that type, then the only one of it; no name is the built-in store."""
    tests: Mapping[str, Callable[[StoredSource], bool]] = {
        "uid": lambda source: source.uid == (name or BUILT_IN),
        "name": lambda source: source.name == name,
        "default": lambda source: source.type == name and source.default,
    }
    for test in tests.values():
        for source in sources:
            if test(source):
                return source
    of_type = [source for source in sources if source.type == name]
    return of_type[0] if len(of_type) == 1 else None
