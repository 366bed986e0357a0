"""The HTTP server of a `view` process: its routes, and how it starts and drains."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any

import structlog
from tornado import httputil
from tornado.httpserver import HTTPServer
from tornado.web import url

from .. import __version__
from ..errors import ForbiddenError, HeliographError, StartupError
from ..kept import Kept
from ..storage.config.repositories import Repositories
from .alerts.rule_reading import RuleReader
from .api import routes as api_routes
from .api.routing import Means
from .graph import ViewGraph
from .http.arriving import Bodies, PatientServer
from .http.forwarded import Application, Proxies, QuickRouter
from .http.host import Hosts
from .http.oversized import MAX_BODY_BYTES, TooLargeAnswer, announced_bytes
from .http.quick import QuickAnswer
from .http.refused import RefusedAnswer
from .http.site import Site
from .http.web import Handler
from .live.bokeh_page import routes as bokeh_page_routes
from .live.bokeh_socket import routes as bokeh_routes
from .live.handlers import routes as live_routes
from .live.live import Live
from .live.quick_fetches import QuickFetches
from .pages.alert_edit import routes as rule_edit_routes
from .pages.alert_forms import AlertForms
from .pages.alerts import routes as alert_routes
from .pages.editing import routes as editing_routes
from .pages.handlers import routes as page_routes
from .pages.notifications import routes as notification_routes
from .pages.page import LostHandler
from .pages.static_files import routes as static_routes
from .pages.templates import make_environment
from .private.handlers import routes as private_routes
from .process.alert_role import AlertRole
from .process.build import build
from .process.cage import kept_from_cages
from .provisioning.status import read_status, tell
from .share.handlers import routes as share_routes
from .share.pages import routes as link_routes
from .share.snapshots import routes as snapshot_routes

log = structlog.get_logger(__name__)
MAX_HEADER_BYTES = 64 * 2**10
DRAIN_S = 1.0
JUDGED_LIFE_S = 60.0  # for which what was found of equal requests need not be found again
# What probes and collectors ask by whatever name they have for us; it holds nothing of people.
OF_MACHINES = frozenset({"/healthz", "/readyz", "/metrics"})
NO_NAME_OF_OURS = "this server is not known by that name: an operator may list it in allowed_hosts, or set public_url"


class HealthHandler(Handler):
    """`/healthz`: this process answers."""

    def get(self) -> None:
        self.write_json({"status": "ok"})


class ReadyHandler(Handler):
    """`/readyz`: it can serve; 503 while it drains, or where the config database does not answer.

    `cages`: what the roles that run what people wrote are kept from, on this machine.
    """

    live: Live
    config: Repositories
    alerts: AlertRole | None

    async def get(self) -> None:
        if self.live.hub.draining:
            self.write_json({"status": "draining"}, 503)
            return
        if not self.live.hub.ready:
            self.write_json({"status": "warming"}, 503)
            return
        try:
            await self.config.database.ping()
        except HeliographError as error:
            self.write_json({"status": "database", "detail": error.detail}, 503)
            return
        alerting = {"alerting": await self.alerts.state()} if self.alerts is not None else {}
        self.write_json({"status": "ready", "cages": kept_from_cages(), **alerting})


class MetricsHandler(Handler):
    """`/metrics`: what this process tells of itself and of files, and the alert role of this node of alerts."""

    alerts: AlertRole | None
    config: Repositories

    async def get(self) -> None:
        self.set_header("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
        if self.site.settings.provisioning:
            with contextlib.suppress(HeliographError):  # the figures stay as they were told last
                tell(self.site.telemetry, await read_status(self.config.meta))
        self.site.telemetry.built(await asyncio.to_thread(build), __version__)
        of_alerts = await self.alerts.figures() if self.alerts is not None else b""
        self.finish(self.site.telemetry.exposition() + of_alerts)


def quick_answers(site: Site, live: Live) -> QuickRouter:
    """The requests that need no handler: answers at hand, and bodies that nobody reads."""
    fetched, settings = QuickFetches(site, live), site.settings
    hosts = Hosts(settings.host, settings.public_url, settings.allowed_hosts)

    def answer(request: httputil.HTTPServerRequest, asked: str) -> httputil.HTTPMessageDelegate | None:
        if request.path not in OF_MACHINES and not (hosts.allow(request.host) and hosts.allow(asked)):
            return RefusedAnswer(request, ForbiddenError(NO_NAME_OF_OURS), site.telemetry)
        if announced_bytes(request.headers) > MAX_BODY_BYTES:
            return TooLargeAnswer(request, site.telemetry)
        found = fetched(request)
        return QuickAnswer(request, found, site.telemetry) if found is not None else None

    return answer


def make_application(graph: ViewGraph) -> Application:
    """The routes of all rooms, each given the bundles that it works with."""
    site, live, config = graph.site, graph.live, graph.config
    own: dict[str, Any] = {"site": site}
    proxies = Proxies.of(site.settings.trusted_proxies)
    means = Means(
        site=site,
        config=config,
        queries=graph.queries,
        tools=graph.tools,
        live=live,
        links=graph.links,
        pictures=graph.pictures,
        encoded=graph.encoded,
        personal=Kept(site.clock, JUDGED_LIFE_S),
        notifiers=graph.notifiers,
        rule_reader=RuleReader(),
    )
    forms = AlertForms(graph.notifiers.all)
    return Application(
        [
            # In the order of how often they are asked; a dashboard's page takes what its Bokeh routes leave over.
            *live_routes(site, live),
            *bokeh_routes(site, live),
            *bokeh_page_routes(site, live),
            *editing_routes(site, make_environment(), config, live),
            *page_routes(site, config, live),
            *rule_edit_routes(site, make_environment(), config, forms),
            *alert_routes(site, make_environment(), config, live),
            *notification_routes(site, make_environment(), forms),
            *share_routes(site, live),
            *link_routes(site, live, graph.links),
            *snapshot_routes(site, config),
            *private_routes(site, graph.private),
            *static_routes(site),
            *api_routes(means),
            url(r"/healthz", HealthHandler, own),
            url(r"/readyz", ReadyHandler, {**own, "live": live, "config": config, "alerts": graph.alerts}),
            url(r"/metrics", MetricsHandler, {**own, "alerts": graph.alerts, "config": config}),
        ],
        root=site.settings.root,
        proxies=proxies,
        quick=quick_answers(site, live),
        bodies=Bodies(proxies.trust, site.telemetry),
        default_handler_class=LostHandler,
        default_handler_args={**own, "templates": make_environment()},
        log_function=lambda _handler: None,
        websocket_max_message_size=65_536,
        websocket_ping_interval=25,
        websocket_ping_timeout=20,
    )


def listen(graph: ViewGraph) -> HTTPServer:
    """A server that takes requests; StartupError where the port is taken."""
    server = PatientServer(
        make_application(graph),
        many=Proxies.of(graph.site.settings.trusted_proxies).trust,
        max_body_size=MAX_BODY_BYTES,
        max_buffer_size=MAX_BODY_BYTES,
        max_header_size=MAX_HEADER_BYTES,
    )
    settings = graph.site.settings
    try:
        server.listen(settings.port, settings.host, backlog=4096, reuse_port=False)
    except OSError as error:
        raise StartupError(f"{settings.host}:{settings.port}: {error.strerror}") from None
    return server


async def drain(server: HTTPServer, graph: ViewGraph) -> None:
    """Tell viewers to move and balancers to look elsewhere, then take no more, and let requests end."""
    await graph.live.hub.close()
    await graph.private.close()
    await asyncio.sleep(DRAIN_S)
    server.stop()
    try:
        async with asyncio.timeout(DRAIN_S):
            await server.close_all_connections()
    except TimeoutError:
        log.info("connections cut", reason="drain")
