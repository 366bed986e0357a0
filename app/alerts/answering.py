"""What the alert role answers on loopback: whether it lives, whether it evaluates, and its figures."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from tornado import web
from tornado.httpserver import HTTPServer

from ...errors import HeliographError
from .assembly import AlertGraph


class GraphHandler(web.RequestHandler):
    """Base of what the alert role answers to the view role."""

    graph: AlertGraph

    def initialize(self, graph: AlertGraph) -> None:
        self.graph = graph


class HealthHandler(GraphHandler):
    """`/healthz`: this process answers."""

    def get(self) -> None:
        self.finish({"status": "ok"})


class ReadyHandler(GraphHandler):
    """`/readyz`: it evaluates; 503 where the config database does not answer."""

    async def get(self) -> None:
        try:
            await self.graph.basis.config.database.ping()
        except HeliographError as error:
            self.set_status(error.status)
            self.finish({"status": "database", "detail": error.detail})
            return
        self.finish({"status": "ready", "parts": len(self.graph.keeper.held)})


class MetricsHandler(GraphHandler):
    """`/metrics`: of alerts alone; the view role puts them to its own."""

    def get(self) -> None:
        self.set_header("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
        self.finish(self.graph.figures.exposition())


@asynccontextmanager
async def answering(graph: AlertGraph, port: int) -> AsyncIterator[None]:
    """Answer on loopback while the context lasts."""
    routes = [(r"/healthz", HealthHandler), (r"/readyz", ReadyHandler), (r"/metrics", MetricsHandler)]
    application = web.Application(
        [(path, handler, {"graph": graph}) for path, handler in routes], log_function=lambda _handler: None
    )
    server = HTTPServer(application)
    server.listen(port, "127.0.0.1")
    try:
        yield
    finally:
        server.stop()
        await server.close_all_connections()
