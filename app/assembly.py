"""Builds the object graph of a `view` process from its settings, and takes it apart in order."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from ..components.asking.compiler import Compiler
from ..components.asking.source import PanelTools
from ..components.compile import LayoutCache
from ..components.panels.registry import default_registry
from ..datasources.sources.heliograph import HeliographSource
from ..datasources.sources.network import NetworkGuard
from ..datasources.sources.registry import Sources
from ..datasources.variables.asked import VariableOptions
from ..storage.cache.shared import Shared, open_shared
from ..storage.config.annotations import Annotations
from ..storage.config.dashboards import Dashboards
from ..storage.config.database import Database
from ..storage.config.datasources import DataSources
from ..storage.config.folders import Folders
from ..storage.config.meta import Meta
from ..storage.config.nodes import Nodes
from ..storage.config.teams import Teams
from ..storage.config.tokens import Tokens
from ..storage.config.users import Users
from ..storage.metrics.client import MetricClient
from ..storage.metrics.samples import load_arrow
from .accounts import opened
from .api.encoded import EncodedAnswers
from .api.ratelimit import LoginLimit, RateLimit
from .auth.authenticator import Authenticator
from .auth.behalf import Behalf
from .auth.secret import Keys, load_or_create_secret
from .auth.session_ticket import SessionTickets
from .auth.sessions import Sessions
from .auth.viewer_token import ViewerTokens
from .live.builder import ViewBuilder
from .live.density import Densities
from .live.hub import Hub
from .live.library import Library
from .live.lifecycle import ViewLimits
from .live.marks import MarkTools
from .live.own_marks import OwnMarks
from .live.painter import Painter
from .live.ranged import RangeAnswers
from .nodes import among_others
from .pages.static_files import build_id
from .private.places import PlaceLimits, Places
from .private.sessions import PrivateSessions, SessionKeys
from .private.workbench import Workbench
from .process.telemetry import Telemetry
from .query_path import check_provisioned, counted_caches, make_proxy, provisioned, source_kinds
from .services import Services
from .settings import Settings
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
        await check_provisioned(services.sources.kinds, settings)
        await services.caches.start()
        stack.push_async_callback(services.caches.close)
        stack.push_async_callback(services.densities.close)
        await services.compiler.start()
        stack.push_async_callback(services.compiler.close)
        services.hub.start()
        stack.push_async_callback(services.hub.close)
        services.private.start()
        stack.push_async_callback(services.private.close)
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
    dashboards, folders, annotations = Dashboards(database), Folders(database), Annotations(database)
    kinds = source_kinds(settings, client, clock, HeliographSource(annotations, dashboards, folders))
    sources = Sources(kinds, provisioned(settings), configured.list, clock, NetworkGuard(settings.allowed_networks))
    caches = counted_caches(sources, shared, clock, telemetry)
    proxy = make_proxy(settings, sources, caches, telemetry)
    registry, layouts = default_registry(), LayoutCache()
    compiler = Compiler(layouts)
    options = VariableOptions(sources, clock)
    library = Library(dashboards, clock, registry.sources)
    builder = ViewBuilder(
        library=library,
        options=options,
        sources=sources,
        tools=PanelTools(registry, layouts, proxy, compiler),
        marks=MarkTools(proxy, sources, OwnMarks(annotations, clock)),
        telemetry=telemetry,
        clock=clock,
    )
    hub = Hub(
        library=library,
        folders=folders,
        meta=Meta(database),
        builder=builder,
        tokens=ViewerTokens(keys.viewer),
        auth=auth,
        telemetry=telemetry,
        clock=clock,
        build_id=build_id(),
        limits=view_limits(settings),
        opens_per_second=settings.max_opens_per_second,
    )
    encoded = EncodedAnswers(
        clock, telemetry.cache_requests.labels("hit").inc, telemetry.coalesced.labels("process").inc
    )
    caches.on_forget.append(encoded.flush)
    tickets = SessionTickets(keys.ticket)
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
        behalf=Behalf(tickets, auth, work, settings.host, clock),
        private=PrivateSessions(
            places=Places(PlaceLimits(settings.max_private_sessions, settings.max_private_sessions_per_user), clock),
            keys=SessionKeys(keys.private, tickets),
            workbench=Workbench(work),
            auth=auth,
            telemetry=telemetry,
            clock=clock,
        ),
        panels=registry,
        layouts=layouts,
        proxy=proxy,
        caches=caches,
        shared=shared,
        sources=sources,
        options=options,
        hub=hub,
        ranged=RangeAnswers(clock),
        densities=Densities(Painter(work), settings.max_answer_points),
        compiler=compiler,
        rate_limit=RateLimit(settings.rate_limit, shared.rates),
        logins=LoginLimit(shared.rates),
        encoded=encoded,
    )


def view_limits(settings: Settings) -> ViewLimits:
    return ViewLimits(
        views=settings.max_views,
        view_bytes=settings.max_view_bytes,
        views_per_user=settings.max_views_per_user,
        viewers=settings.max_viewers,
    )
