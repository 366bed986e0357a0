"""The path of a query: which kinds of data source there are, which of them stand configured, and the stages."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Sequence
from typing import Final

from pydantic import ValidationError

from ..datasources.parsing import Parsing
from ..datasources.query.admission import Admission, AnswerLimits, Limits
from ..datasources.query.caches import Caches, make_caches
from ..datasources.query.proxy import QueryProxy
from ..datasources.query.single_flight import SingleFlight
from ..datasources.query.stages import Execute, Route, asked, deadline, interpolate, least_step, step
from ..datasources.sources.base import Source, SourceContext
from ..datasources.sources.clickhouse import ClickHouseSource
from ..datasources.sources.connector import Connector
from ..datasources.sources.elasticsearch import ElasticsearchSource
from ..datasources.sources.heliograph import UID as HELIOGRAPH
from ..datasources.sources.heliograph import HeliographSource
from ..datasources.sources.jsonapi import JsonSource
from ..datasources.sources.mysql import MysqlSource
from ..datasources.sources.network import NetworkGuard
from ..datasources.sources.postgresql import PostgresSource
from ..datasources.sources.prometheus import PrometheusSource
from ..datasources.sources.reading import Reading
from ..datasources.sources.registry import BUILT_IN, SourceKinds, Sources
from ..datasources.sources.sqldriver import SqlDriverSource
from ..datasources.sources.store import StoreSource
from ..errors import HeliographError, InvalidError, SettingsError
from ..plugins import installed
from ..storage.cache.shared import Shared
from ..storage.config.datasources import DataSources, StoredSource
from ..storage.metrics.client import MetricClient
from ..storage.metrics.reader import MetricReader
from .auth.ratelimit import rate_of
from .configuration import first_fault
from .process.telemetry import Telemetry
from .settings import ProvisionedSource, Settings

# The kinds that need nothing of this process but their context.
OPEN_KINDS: Final[Sequence[type[Source]]] = (
    PrometheusSource,
    ElasticsearchSource,
    JsonSource,
    ClickHouseSource,
    PostgresSource,
    MysqlSource,
    SqlDriverSource,
)


def source_kinds(
    settings: Settings, client: MetricClient, clock: Callable[[], float], own: HeliographSource
) -> SourceKinds:
    """The kinds of data source that this product speaks; `own` answers for what it knows itself.

    A kind that needs nothing of this process but its context is one of OPEN_KINDS.
    """
    parsing = Parsing()
    kinds, reader = SourceKinds(source_contexts(settings, clock, parsing)), MetricReader(client, clock)
    kinds.register(StoreSource, lambda *_: StoreSource(client, reader, parsing))
    kinds.register(HeliographSource, lambda *_: own)
    for kind in OPEN_KINDS:
        kinds.register(kind)
    for brought in installed().sources:
        kinds.register(brought)
    return kinds


def source_contexts(
    settings: Settings, clock: Callable[[], float], parsing: Parsing
) -> Callable[[StoredSource], SourceContext]:
    """What each source is made with: the way out that its origin gives it, and what else the operator allows."""
    guard, drivers = NetworkGuard(settings.allowed_networks), frozenset(settings.sql_drivers)
    reading = Reading()

    def made(stored: StoredSource) -> SourceContext:
        connector = Connector(guard, provisioned=stored.provisioned)
        return SourceContext(connector=connector, clock=clock, sql_drivers=drivers, parsing=parsing, reading=reading)

    return made


def counted_caches(shared: Shared, clock: Callable[[], float], telemetry: Telemetry) -> Caches:
    """The caches of the path, which count what they spare."""
    return make_caches(
        shared,
        clock,
        counted=lambda result: telemetry.cache_requests.labels(result).inc(),
        joined=lambda where: telemetry.coalesced.labels(where).inc(),
    )


def limits_of(settings: Settings) -> Limits:
    """What one source may be asked at once, and one answer may hold."""
    return Limits(settings.source_concurrency, settings.source_queue, settings.max_series, settings.max_answer_points)


def make_admission(settings: Settings, caches: Caches, telemetry: Telemetry) -> Admission:
    """Who gets places at sources: queries, and the options of variables."""
    rate = rate_of(settings.source_rate) if settings.source_rate else None

    def shed(reason: str) -> None:
        telemetry.shed.labels(reason).inc()

    return Admission(limits_of(settings), rate, caches.shared.rates, time.time, shed)


def make_proxy(  # noqa: PLR0917 - the parts that it joins
    settings: Settings,
    sources: Sources,
    caches: Caches,
    telemetry: Telemetry,
    admission: Admission,
    clock: Callable[[], float] = time.time,
) -> QueryProxy:
    """The stages of a query, in the order in which it passes them."""

    def observe(source: str, outcome: str, points: int) -> None:
        telemetry.source_queries.labels(source, outcome).inc()
        telemetry.source_points.labels(source).inc(points)

    def joined(where: str) -> None:
        telemetry.coalesced.labels(where).inc()

    def shed(reason: str) -> None:
        telemetry.shed.labels(reason).inc()

    return QueryProxy(
        [
            Route(sources),
            least_step,
            step,
            interpolate,
            asked,
            AnswerLimits(limits_of(settings), shed),
            caches.last_good,
            caches.answers,
            SingleFlight(joined),
            caches.ranges,
            SingleFlight(joined),  # pieces that several ranges miss
            deadline,
            *([caches.nodes] if caches.nodes is not None else []),
            admission,
            Execute(observe, clock),
        ]
    )


async def seal_stored(kinds: SourceKinds, stored: DataSources) -> None:
    """Move what former versions left in URLs and headers of stored sources among their secrets."""

    def change(one: StoredSource) -> StoredSource:
        with contextlib.suppress(InvalidError):  # an unknown kind, or an address that no kind can read: it stays
            return kinds.sealed(one)
        return one

    await stored.rewrite(change)


async def check_provisioned(kinds: SourceKinds, settings: Settings) -> None:
    """SettingsError naming the first source of the configuration file, and what of it, that cannot be."""
    uids = [source.uid for source in settings.datasources]
    for index, stored in enumerate(provisioned(settings)[: len(uids)]):
        where = f"datasources.{index}"
        if stored.uid in uids[:index]:
            raise SettingsError(f"{where}.uid: another data source is {stored.uid} already")
        try:
            kind = kinds.class_of(stored.type)
            kind.check_secrets(stored.secrets)
            kind.Config.model_validate(dict(stored.options))
            await kinds.make(stored).close()
        except ValidationError as error:
            raise SettingsError(f"{where}.options.{first_fault(error)}") from None
        except HeliographError as error:
            raise SettingsError(f"{where}{(error.path or '').removeprefix('$')}: {error.detail}") from None


def provisioned(settings: Settings) -> list[StoredSource]:
    """The sources of the configuration file, and the built-in store."""
    found = [as_stored(source) for source in settings.datasources]
    if not any(source.uid == BUILT_IN for source in found):
        found.append(StoredSource(BUILT_IN, "Built-in store", "store", default=True, provisioned=True))
    if not any(source.uid == HELIOGRAPH for source in found):
        found.append(StoredSource(HELIOGRAPH, "Heliograph", HELIOGRAPH, default=True, provisioned=True))
    return found


def as_stored(source: ProvisionedSource) -> StoredSource:
    """A source of the configuration file as the query path has it."""
    return StoredSource(
        uid=source.uid,
        name=source.name or source.uid,
        type=source.type,
        url=source.url,
        options=source.options,
        secrets={key: value.get_secret_value() for key, value in source.secrets.items()},
        default=source.default,
        provisioned=True,
    )
