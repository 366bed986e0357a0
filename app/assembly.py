"""Builds the object graph of a `view` process from its settings, and takes it apart in order."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager

from ..components.asking.compiler import Compiler
from ..components.asking.source import PanelTools
from ..components.compile import LayoutCache
from ..components.panels.registry import default_registry
from ..datasources.query.path import QueryPath
from ..datasources.sources.heliograph import HeliographSource
from ..datasources.sources.registry import Sources
from ..datasources.variables.asked import VariableOptions
from ..storage.cache.shared import Shared, open_shared
from ..storage.config.nodes import Nodes
from ..storage.config.repositories import Repositories
from ..storage.metrics.client import MetricClient
from ..storage.metrics.samples import load_arrow
from .accounts import opened
from .auth.access import Access
from .auth.authenticator import Authenticator
from .auth.behalf import Behalf
from .auth.budget import Budget
from .auth.ratelimit import LoginLimit, RateLimit
from .auth.secret import Keys, load_or_create_secret
from .auth.session_ticket import SessionTickets
from .auth.sessions import Sessions
from .auth.tries import Accounts
from .auth.viewer_token import ViewerTokens
from .graph import ViewGraph
from .http.encoded import EncodedAnswers
from .http.site import Site
from .live.builder import ViewBuilder
from .live.density import Densities
from .live.hub import Hub
from .live.library import Library
from .live.lifecycle import ViewLimits
from .live.live import Live
from .live.marks import MarkTools
from .live.own_marks import OwnMarks
from .live.painter import Painter
from .live.rights import Rights
from .live.suspects import Suspects
from .nodes import among_others
from .pages.static_files import build_id
from .private.places import PlaceLimits, Places
from .private.sessions import PrivateSessions, SessionKeys
from .private.workbench import Workbench
from .process.telemetry import Telemetry
from .process.work_address import WorkAddress
from .query_path import check_provisioned, counted_caches, make_proxy, provisioned, seal_stored, source_kinds
from .settings import Settings


@asynccontextmanager
async def assembled(settings: Settings, work: WorkAddress | None = None) -> AsyncIterator[ViewGraph]:
    """All that handlers need, started; stopped in the opposite order. `work`: where this node's work role answers."""
    async with AsyncExitStack() as stack:
        keys, config = await stack.enter_async_context(configured(settings))
        if not config.database.is_sqlite:
            await stack.enter_async_context(among_others(Nodes(config.database), settings, time.time))
        client = MetricClient(settings.metrics_url.get_secret_value())
        stack.push_async_callback(client.close)
        if settings.redis_url.get_secret_value():
            await asyncio.to_thread(load_arrow)  # what is shared goes as Arrow
        shared = open_shared(settings.redis_url.get_secret_value(), keys.fingerprint)
        stack.push_async_callback(shared.close)
        telemetry = Telemetry()
        queries = query_path(settings, config, client, shared, telemetry, time.time)
        stack.push_async_callback(queries.sources.close)
        await check_provisioned(queries.sources.kinds, settings)
        await seal_stored(queries.sources.kinds, config.datasources)
        graph = compose(settings, keys, config, queries, telemetry, work=work)
        await queries.caches.start()
        stack.push_async_callback(queries.caches.close)
        stack.push_async_callback(graph.live.densities.close)
        assert graph.tools.compiler is not None
        await graph.tools.compiler.start()
        stack.push_async_callback(graph.tools.compiler.close)
        graph.live.hub.start()
        stack.push_async_callback(graph.live.hub.close)
        graph.private.start()
        stack.push_async_callback(graph.private.close)
        yield graph


@asynccontextmanager
async def configured(settings: Settings) -> AsyncIterator[tuple[Keys, Repositories]]:
    """The config database of this installation, and the keys made of its secret; StartupError, SettingsError."""
    async with opened(settings) as database:
        keys = Keys.derive(load_or_create_secret(settings.data_dir, settings.secret_key))
        old = [
            Keys.derive(text.strip()) for text in settings.old_secret_keys.get_secret_value().split(",") if text.strip()
        ]
        await database.bind_secret(keys.fingerprint, [one.fingerprint for one in old])
        config = Repositories.over(database, [keys.encryption, *(one.encryption for one in old)])
        if old:
            await config.datasources.encrypt_anew()
        yield keys, config


def query_path(  # noqa: PLR0917 - the parts that it joins
    settings: Settings,
    config: Repositories,
    client: MetricClient,
    shared: Shared,
    telemetry: Telemetry,
    clock: Callable[[], float],
) -> QueryPath:
    """The query path of any role: sources, caches, the proxy, and the options of variables."""
    own = HeliographSource(config.annotations, config.dashboards, config.folders)
    kinds = source_kinds(settings, client, clock, own)
    sources = Sources(kinds, provisioned(settings), config.datasources.list, clock)
    caches = counted_caches(shared, clock, telemetry)
    return QueryPath(
        sources=sources,
        proxy=make_proxy(settings, sources, caches, telemetry),
        caches=caches,
        options=VariableOptions(sources, clock),
        shared=shared,
    )


def compose(
    settings: Settings,
    keys: Keys,
    config: Repositories,
    queries: QueryPath,
    telemetry: Telemetry,
    *,
    work: WorkAddress | None = None,
) -> ViewGraph:
    """The graph of a view process; nothing of it runs yet."""
    clock = time.time
    layouts = LayoutCache()
    tools = PanelTools(default_registry(), layouts, queries.proxy, Compiler(layouts))
    sessions, tickets = Sessions(keys.session), SessionTickets(keys.ticket)
    auth = Authenticator(config.users, config.tokens, sessions, settings.anonymous_role, clock)
    encoded = EncodedAnswers(
        clock, telemetry.cache_requests.labels("hit").inc, telemetry.coalesced.labels("process").inc
    )
    queries.caches.on_forget.append(encoded.flush)
    rates, here = queries.shared.rates, queries.shared.here
    budget = Budget(settings.rate_limit, here, settings.max_sockets_per_person, settings.trusted_proxies, clock)
    access = Access(
        auth=auth,
        sessions=sessions,
        behalf=Behalf(tickets, auth, work, settings.host, clock),
        budget=budget,
        rate_limit=RateLimit(settings.rate_limit, rates),
        logins=LoginLimit(rates, Accounts(clock)),
    )
    private = PrivateSessions(
        places=Places(PlaceLimits(settings.max_private_sessions, settings.max_private_sessions_per_user), clock),
        keys=SessionKeys(keys.private, tickets),
        workbench=Workbench(work),
        auth=auth,
        telemetry=telemetry,
        clock=clock,
    )
    return ViewGraph(
        site=Site(settings, telemetry, clock, build_id(), access),
        config=config,
        queries=queries,
        tools=tools,
        live=Live(
            hub=make_hub(settings, keys, config, queries, tools, access, telemetry),
            ranged=EncodedAnswers(clock),
            densities=Densities(Painter(work), settings.max_answer_points),
            annotations=config.annotations,
        ),
        private=private,
        encoded=encoded,
    )


def make_hub(  # noqa: PLR0917 - the parts that it joins
    settings: Settings,
    keys: Keys,
    config: Repositories,
    queries: QueryPath,
    tools: PanelTools,
    access: Access,
    telemetry: Telemetry,
) -> Hub:
    """The hub of shared views, with the builder of them."""
    clock = time.time
    library = Library(config.dashboards, clock, tools.registry.sources)
    builder = ViewBuilder(
        library=library,
        options=queries.options,
        sources=queries.sources,
        tools=tools,
        marks=MarkTools(queries.proxy, queries.sources, OwnMarks(config.annotations, clock)),
        telemetry=telemetry,
        clock=clock,
    )
    return Hub(
        library=library,
        folders=config.folders,
        meta=config.meta,
        builder=builder,
        tokens=ViewerTokens(keys.viewer),
        budget=access.budget,
        rights=Rights(access.auth, library, config.dashboards, config.folders),
        telemetry=telemetry,
        clock=clock,
        build_id=build_id(),
        limits=view_limits(settings),
        opens_per_second=settings.max_opens_per_second,
        suspects=Suspects.of(settings.data_dir, int(clock() * 1000)),
    )


def view_limits(settings: Settings) -> ViewLimits:
    return ViewLimits(
        views=settings.max_views,
        view_bytes=settings.max_view_bytes,
        views_per_user=settings.max_views_per_user,
        viewers=settings.max_viewers,
    )
