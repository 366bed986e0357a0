"""Builds the object graph of a `view` process from its settings, and takes it apart in order."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from ..components.compile import LayoutCache
from ..components.panels.registry import default_registry
from ..datasources.query.admission import Admission, AnswerLimits, Limits
from ..datasources.query.caches import Caches, make_caches
from ..datasources.query.proxy import QueryProxy
from ..datasources.query.single_flight import SingleFlight
from ..datasources.query.stages import Execute, Interpolate, LeastStep, Route, asked, deadline, step
from ..datasources.sources.clickhouse import ClickHouseSource
from ..datasources.sources.heliograph import UID as HELIOGRAPH
from ..datasources.sources.heliograph import HeliographSource
from ..datasources.sources.network import NetworkGuard
from ..datasources.sources.postgresql import PostgresSource
from ..datasources.sources.prometheus import PrometheusSource
from ..datasources.sources.registry import BUILT_IN, SourceKinds, Sources
from ..datasources.sources.sqldriver import SqlDriverSource
from ..datasources.sources.store import StoreSource
from ..storage.cache.shared import Shared, open_shared
from ..storage.config.annotations import Annotations
from ..storage.config.dashboards import Dashboards
from ..storage.config.database import Database
from ..storage.config.datasources import DataSources, StoredSource
from ..storage.config.folders import Folders
from ..storage.config.meta import Meta
from ..storage.config.nodes import Nodes
from ..storage.config.teams import Teams
from ..storage.config.tokens import Tokens
from ..storage.config.users import Users
from ..storage.metrics.client import MetricClient
from ..storage.metrics.reader import MetricReader
from ..storage.metrics.samples import load_arrow
from .accounts import opened
from .api.encoded import EncodedAnswers
from .api.ratelimit import RateLimit, rate_of
from .auth.authenticator import Authenticator
from .auth.secret import Keys, load_or_create_secret
from .auth.sessions import Sessions
from .auth.viewer_token import ViewerTokens
from .live.compiler import Compiler
from .live.density import Densities
from .live.hub import Hub
from .live.lifecycle import ViewLimits
from .live.marks import MarkTools
from .live.options import VariableOptions
from .live.own_marks import OwnMarks
from .live.painter import Painter
from .live.panel import PanelTools
from .live.zooms import ZoomCache
from .nodes import among_others
from .pages.static_files import build_id
from .services import Services
from .settings import Settings
from .telemetry import Telemetry
from .work.address import WorkAddress


@asynccontextmanager
async def assembled(settings: Settings, work: WorkAddress | None = None) -> AsyncIterator[Services]:
    """All that handlers need, started; stopped in the opposite order. `work`: where this node's work role answers."""
    async with AsyncExitStack() as stack:
        database = await stack.enter_async_context(opened(settings))
        keys = Keys.derive(load_or_create_secret(settings.data_dir, settings.secret_key))
        old = [
            Keys.derive(text.strip()) for text in settings.old_secret_keys.get_secret_value().split(",") if text.strip()
        ]
        await database.bind_secret(keys.fingerprint, [one.fingerprint for one in old])
        if not database.is_sqlite:
            await stack.enter_async_context(among_others(Nodes(database), settings, time.time))
        client = MetricClient(settings.metrics_url.get_secret_value())
        stack.push_async_callback(client.close)
        if settings.redis_url.get_secret_value():
            await asyncio.to_thread(load_arrow)  # what is shared goes as Arrow
        shared = open_shared(settings.redis_url.get_secret_value(), keys.fingerprint)
        stack.push_async_callback(shared.close)
        configured = DataSources(database, [keys.encryption, *(one.encryption for one in old)])
        if old:
            await configured.encrypt_anew()
        services = build(settings, database, keys, client, shared, configured=configured, work=work)
        stack.push_async_callback(services.sources.close)
        await services.caches.start()
        stack.push_async_callback(services.caches.close)
        stack.push_async_callback(services.densities.close)
        await services.compiler.start()
        stack.push_async_callback(services.compiler.close)
        services.hub.start()
        stack.push_async_callback(services.hub.close)
        yield services


def build(
    settings: Settings,
    database: Database,
    keys: Keys,
    client: MetricClient,
    shared: Shared,
    *,
    configured: DataSources,
    work: WorkAddress | None = None,
) -> Services:
    """The graph itself; nothing of it runs yet."""
    telemetry, clock = Telemetry(), time.time
    users, tokens = Users(database), Tokens(database)
    sessions = Sessions(keys.session)
    auth = Authenticator(users, tokens, sessions, settings.anonymous_role, clock)
    kinds = SourceKinds()
    reader = MetricReader(client, clock)
    kinds.register(StoreSource, lambda _: StoreSource(client, reader))
    kinds.register(PrometheusSource, PrometheusSource)
    kinds.register(ClickHouseSource, ClickHouseSource)
    kinds.register(PostgresSource, PostgresSource, "sql", "postgres")
    kinds.register(SqlDriverSource, lambda stored: SqlDriverSource(stored, settings.sql_drivers), "sqlite")
    dashboards, folders, annotations = Dashboards(database), Folders(database), Annotations(database)
    kinds.register(HeliographSource, lambda _: HeliographSource(annotations, dashboards, folders))
    sources = Sources(kinds, provisioned(settings), configured.list, clock, NetworkGuard(settings.allowed_networks))
    caches = make_caches(
        sources,
        shared,
        clock,
        counted=lambda result: telemetry.cache_requests.labels(result).inc(),
        joined=lambda where: telemetry.coalesced.labels(where).inc(),
    )
    proxy = make_proxy(settings, sources, caches, telemetry)
    registry, layouts = default_registry(), LayoutCache()
    compiler = Compiler(layouts)
    options = VariableOptions(sources, clock)
    hub = Hub(
        dashboards=dashboards,
        folders=folders,
        options=options,
        sources=sources,
        meta=Meta(database),
        tools=PanelTools(registry, layouts, proxy, compiler),
        marks=MarkTools(proxy, sources, OwnMarks(annotations, clock)),
        tokens=ViewerTokens(keys.viewer),
        auth=auth,
        telemetry=telemetry,
        clock=clock,
        build_id=build_id(),
        limits=ViewLimits(
            views=settings.max_views,
            view_bytes=settings.max_view_bytes,
            views_per_user=settings.max_views_per_user,
            viewers=settings.max_viewers,
        ),
        opens_per_second=settings.max_opens_per_second,
    )
    encoded = EncodedAnswers(
        clock, telemetry.cache_requests.labels("hit").inc, telemetry.coalesced.labels("process").inc
    )
    caches.on_forget.append(encoded.flush)
    return Services(
        settings=settings,
        telemetry=telemetry,
        clock=clock,
        build_id=build_id(),
        database=database,
        dashboards=dashboards,
        folders=folders,
        users=users,
        teams=Teams(database),
        tokens=tokens,
        datasources=configured,
        annotations=annotations,
        auth=auth,
        sessions=sessions,
        panels=registry,
        layouts=layouts,
        proxy=proxy,
        caches=caches,
        shared=shared,
        sources=sources,
        options=options,
        hub=hub,
        zooms=ZoomCache(clock),
        densities=Densities(Painter(work), settings.max_answer_points),
        compiler=compiler,
        rate_limit=RateLimit(settings.rate_limit, shared.rates),
        encoded=encoded,
    )


def make_proxy(settings: Settings, sources: Sources, caches: Caches, telemetry: Telemetry) -> QueryProxy:
    """The stages of a query, in the order in which it passes them."""

    def observe(source: str, outcome: str, points: int) -> None:
        telemetry.source_queries.labels(source, outcome).inc()
        telemetry.source_points.labels(source).inc(points)

    def joined(where: str) -> None:
        telemetry.coalesced.labels(where).inc()

    def shed(reason: str) -> None:
        telemetry.shed.labels(reason).inc()

    limits = Limits(settings.source_concurrency, settings.source_queue, settings.max_series, settings.max_answer_points)
    rate = rate_of(settings.source_rate) if settings.source_rate else None
    return QueryProxy(
        [
            Route(sources),
            LeastStep(sources),
            step,
            Interpolate(sources),
            asked,
            AnswerLimits(limits, shed),
            caches.last_good,
            caches.answers,
            SingleFlight(joined),
            caches.ranges,
            SingleFlight(joined),  # pieces that several ranges miss
            deadline,
            *([caches.nodes] if caches.nodes is not None else []),
            Admission(limits, rate, caches.shared.rates, time.time, shed),
            Execute(sources, observe, time.time),
        ]
    )


def provisioned(settings: Settings) -> list[StoredSource]:
    """The sources of the configuration file, and the built-in store."""
    found = [
        StoredSource(
            uid=source.uid,
            name=source.name or source.uid,
            type=source.type,
            url=source.url,
            options=source.options,
            secrets={key: value.get_secret_value() for key, value in source.secrets.items()},
            default=source.default,
            provisioned=True,
        )
        for source in settings.datasources
    ]
    if not any(source.uid == BUILT_IN for source in found):
        found.append(StoredSource(BUILT_IN, "Built-in store", "store", default=True, provisioned=True))
    if not any(source.uid == HELIOGRAPH for source in found):
        found.append(StoredSource(HELIOGRAPH, "Heliograph", HELIOGRAPH, default=True, provisioned=True))
    return found
