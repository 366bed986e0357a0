"""Builds the object graph of a `view` process from its settings, and takes it apart in order."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from ..alerting.notifiers.registry import default_kinds
from ..components.asking.compiler import Compiler
from ..components.asking.tools import PanelTools
from ..components.compile import LayoutCache
from ..components.figures.apart import FigureProcess
from ..components.panels.registry import default_registry
from ..datasources.sources.network import NetworkGuard
from ..storage.config.nodes import Nodes
from ..storage.config.trash import KEPT_MS
from ..turns import FairTurns, Room
from .auth.access import Access
from .auth.authenticator import Authenticator
from .auth.behalf import Behalf
from .auth.budget import Budget
from .auth.ratelimit import LoginLimit, RateLimit
from .auth.session_ticket import SessionTickets
from .auth.sessions import Sessions
from .auth.tries import Accounts
from .auth.viewer_token import ViewerTokens
from .basis import Basis, based
from .graph import ViewGraph
from .http.encoded import EncodedAnswers
from .http.site import Site
from .live.alert_marks import AlertMarks
from .live.builder import ViewBuilder
from .live.density import Densities
from .live.documents import Documents
from .live.firing import Firing
from .live.hub import Hub
from .live.library import Library
from .live.lifecycle import ViewLimits
from .live.live import Live
from .live.marks import MarkTools
from .live.own_marks import OwnMarks
from .live.painter import Painter
from .live.rights import Rights
from .live.room.rooms import Rooms
from .live.sparks import Sparks
from .live.sql_client import SqlClient
from .live.suspects import Suspects
from .nodes import among_others
from .pages.static_files import build_id
from .private.places import PlaceLimits, Places
from .private.sessions import PrivateSessions, SessionKeys
from .private.workbench import Workbench
from .process.alert_role import AlertRole
from .process.work_address import WorkAddress
from .query_path import seal_stored
from .settings import Settings
from .share.links import Links, Passes, Uses
from .share.pictures import Pictures
from .share.reports.making import ReportMaker
from .share.reports.reporter import Reporter

FILES = Room(at_once=2, waiting=32, within_s=60.0)  # views that are written down whole


@asynccontextmanager
async def assembled(
    settings: Settings, work: WorkAddress | None = None, alerts: AlertRole | None = None
) -> AsyncIterator[ViewGraph]:
    """All that handlers need, started; stopped in the opposite order. `work`, `alerts`: where these roles answer."""
    async with AsyncExitStack() as stack:
        basis = await stack.enter_async_context(based(settings))
        if not basis.config.database.is_sqlite:
            await stack.enter_async_context(among_others(Nodes(basis.config.database), settings, time.time))
        await seal_stored(basis.queries.sources.kinds, basis.config.datasources)
        await basis.config.trash.purge_before(int(time.time() * 1000) - KEPT_MS)
        graph = compose(basis, work=work, alerts=alerts)
        await graph.queries.caches.start()
        stack.push_async_callback(graph.queries.caches.close)
        stack.push_async_callback(graph.live.densities.close)
        stack.push_async_callback(graph.live.sql.close)
        await graph.live.rooms.start()
        stack.push_async_callback(graph.live.rooms.close)
        assert graph.tools.compiler is not None
        await graph.tools.compiler.start()
        stack.push_async_callback(graph.tools.compiler.close)
        assert graph.tools.figures is not None
        stack.push_async_callback(graph.tools.figures.close)
        stack.callback(graph.pictures.close)
        graph.links.uses.start()
        stack.push_async_callback(graph.links.uses.close)
        graph.live.hub.start()
        stack.push_async_callback(graph.live.hub.close)
        graph.reporter.start()
        stack.push_async_callback(graph.reporter.close)
        graph.private.start()
        stack.push_async_callback(graph.private.close)
        yield graph


def compose(basis: Basis, *, work: WorkAddress | None = None, alerts: AlertRole | None = None) -> ViewGraph:
    """The graph of a view process; nothing of it runs yet."""
    settings, keys, config = basis.settings, basis.keys, basis.config
    queries, telemetry = basis.queries, basis.telemetry
    clock = time.time
    layouts = LayoutCache()
    sql = SqlClient(work)
    tools = PanelTools(default_registry(), layouts, queries.proxy, Compiler(layouts), FigureProcess(), sql.run)
    sessions, tickets = Sessions(keys.session), SessionTickets(keys.ticket)
    shares = config.shares if settings.share_links else None
    auth = Authenticator(
        config.users, config.tokens, shares, sessions, anonymous_role=settings.anonymous_role, clock=clock
    )
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
    densities = Densities(Painter(work), settings.max_answer_points)
    live = Live(
        hub=make_hub(basis, tools, access, densities),
        ranged=EncodedAnswers(clock),
        densities=densities,
        annotations=config.annotations,
        sql=sql,
        rooms=Rooms(queries.shared.messages if queries.shared.remote else None, clock),
        files=FairTurns(FILES, "many files are written at this moment", "many files of yours wait to be written"),
        sparks=Sparks(tools, queries.options, clock),
    )
    pictures = Pictures.of(settings.chromium)
    notifiers = default_kinds(NetworkGuard(settings.allowed_networks), clock)
    maker = ReportMaker(config, auth, live, pictures, notifiers, settings.public_url.rstrip("/"), clock)
    return ViewGraph(
        site=Site(settings, telemetry, clock, build_id(), access),
        config=config,
        queries=queries,
        tools=tools,
        live=live,
        private=private,
        pictures=pictures,
        links=Links(Passes(keys.share), Uses(config.shares, clock)),
        encoded=encoded,
        notifiers=notifiers,
        reporter=Reporter(config.reports, config.leases, maker, clock),
        alerts=alerts,
    )


def make_hub(basis: Basis, tools: PanelTools, access: Access, densities: Densities) -> Hub:
    """The hub of shared views, with the builder of them."""
    settings, keys, config = basis.settings, basis.keys, basis.config
    queries, telemetry, clock = basis.queries, basis.telemetry, time.time
    documents = Documents(config.dashboards, config.rules, config.drafts)
    library = Library(documents, clock, tools.registry.sources)
    builder = ViewBuilder(
        library=library,
        folders=config.folders,
        options=queries.options,
        sources=queries.sources,
        tools=tools,
        marks=MarkTools(
            queries.proxy,
            queries.sources,
            OwnMarks(config.annotations, clock),
            AlertMarks(config.rules, config.alerts, config.folders, clock),
        ),
        expect_pictures=densities.expect,
        telemetry=telemetry,
        clock=clock,
    )
    return Hub(
        library=library,
        meta=config.meta,
        builder=builder,
        tokens=ViewerTokens(keys.viewer),
        budget=access.budget,
        rights=Rights(access.auth, library, documents, config.folders),
        telemetry=telemetry,
        clock=clock,
        build_id=build_id(),
        limits=view_limits(settings),
        opens_per_second=settings.max_opens_per_second,
        suspects=Suspects.of(settings.data_dir, int(clock() * 1000)),
        firing=Firing(config.alerts, config.folders),
    )


def view_limits(settings: Settings) -> ViewLimits:
    """How much of live views a node holds, as its settings say."""
    return ViewLimits(
        views=settings.max_views,
        view_bytes=settings.max_view_bytes,
        views_per_user=settings.max_views_per_user,
        viewers=settings.max_viewers,
    )
