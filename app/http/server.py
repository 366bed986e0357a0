"""The HTTP server of a `view` process: its routes, and how it starts and drains."""

from __future__ import annotations

import asyncio
from typing import Any

import structlog
from tornado import httputil
from tornado.httpserver import HTTPServer
from tornado.web import url

from ...errors import HeliographError, StartupError
from ..api import routes as api_routes
from ..live.bokeh_socket import routes as bokeh_routes
from ..live.handlers import quick_snapshot
from ..live.handlers import routes as live_routes
from ..pages.handlers import LostHandler
from ..pages.handlers import routes as page_routes
from ..pages.static_files import routes as static_routes
from ..pages.templates import make_environment
from ..private.handlers import routes as private_routes
from ..services import Services
from .forwarded import Application, Proxies, QuickRouter
from .oversized import MAX_BODY_BYTES, TooLargeAnswer, announced_bytes
from .quick import QuickAnswer
from .web import Handler

log = structlog.get_logger(__name__)
MAX_HEADER_BYTES = 64 * 2**10
DRAIN_S = 1.0
IDLE_S = 75.0  # between two requests of a connection: longer than balancers keep theirs
BODY_S = 60.0


class HealthHandler(Handler):
    """`/healthz`: this process answers."""

    def get(self) -> None:
        self.write_json({"status": "ok"})


class ReadyHandler(Handler):
    """`/readyz`: it can serve; 503 while it drains, or where the config database does not answer."""

    async def get(self) -> None:
        if self.services.hub.draining:
            self.write_json({"status": "draining"}, 503)
            return
        if not self.services.hub.ready:
            self.write_json({"status": "warming"}, 503)
            return
        try:
            await self.services.database.ping()
        except HeliographError as error:
            self.write_json({"status": "database", "detail": error.detail}, 503)
            return
        self.write_json({"status": "ready"})


class MetricsHandler(Handler):
    """`/metrics`: what this process tells of itself."""

    def get(self) -> None:
        self.set_header("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
        self.finish(self.services.telemetry.exposition())


def quick_answers(services: Services) -> QuickRouter:
    """The requests that need no handler: answers at hand, and bodies that nobody reads."""
    snapshot = quick_snapshot(services)

    def answer(request: httputil.HTTPServerRequest) -> httputil.HTTPMessageDelegate | None:
        if announced_bytes(request) > MAX_BODY_BYTES:
            return TooLargeAnswer(request, services.telemetry)
        found = snapshot(request)
        return QuickAnswer(request, found, services.telemetry) if found is not None else None

    return answer


def make_application(services: Services) -> Application:
    own: dict[str, Any] = {"services": services}
    return Application(
        [
            # In the order of how often they are asked; a dashboard's page takes what its Bokeh routes leave over.
            *live_routes(services),
            *bokeh_routes(services),
            *page_routes(services),
            *private_routes(services),
            *static_routes(services),
            *api_routes(services),
            url(r"/healthz", HealthHandler, own),
            url(r"/readyz", ReadyHandler, own),
            url(r"/metrics", MetricsHandler, own),
        ],
        root=services.settings.root,
        proxies=Proxies.of(services.settings.trusted_proxies),
        quick=quick_answers(services),
        default_handler_class=LostHandler,
        default_handler_args={**own, "templates": make_environment()},
        log_function=lambda _handler: None,
        websocket_max_message_size=65_536,
        websocket_ping_interval=25,
        websocket_ping_timeout=20,
    )


def listen(services: Services) -> HTTPServer:
    """A server that takes requests; StartupError where the port is taken."""
    server = HTTPServer(
        make_application(services),
        max_body_size=MAX_BODY_BYTES,
        max_buffer_size=MAX_BODY_BYTES,
        max_header_size=MAX_HEADER_BYTES,
        idle_connection_timeout=IDLE_S,
        body_timeout=BODY_S,
    )
    settings = services.settings
    try:
        server.listen(settings.port, settings.host, backlog=4096, reuse_port=False)
    except OSError as error:
        raise StartupError(f"{settings.host}:{settings.port}: {error.strerror}") from None
    return server


async def drain(server: HTTPServer, services: Services) -> None:
    """Tell viewers to move and balancers to look elsewhere, then take no more, and let requests end."""
    await services.hub.close()
    await services.private.close()
    await asyncio.sleep(DRAIN_S)
    server.stop()
    try:
        async with asyncio.timeout(DRAIN_S):
            await server.close_all_connections()
    except TimeoutError:
        log.info("connections cut", reason="drain")
