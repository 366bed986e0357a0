"""The server of the work role, on loopback: pictures of density, SQL over answers, sockets of private sessions."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from tornado import httputil, web
from tornado.httpserver import HTTPServer

from ..process.work_address import WorkAddress
from .applications import Applications
from .applications import routes as application_routes
from .drawing import Drawer
from .drawing import routes as drawing_routes
from .sql import SqlDesk
from .sql import routes as sql_routes

MAX_BODY_BYTES = 2**29


class WorkApplication(web.Application):
    """Our own routes, and those of Panel's applications once these are loaded."""

    def __init__(self, handlers: list[Any], applications: Applications) -> None:
        super().__init__(handlers, log_function=lambda _handler: None)
        self._applications = applications

    def find_handler(self, request: httputil.HTTPServerRequest, **kwargs: Any) -> Any:
        return self._applications.find_handler(request) or super().find_handler(request, **kwargs)


@asynccontextmanager
async def answering(address: WorkAddress, applications: Applications) -> AsyncIterator[Drawer]:
    """Answer on loopback while the context lasts."""
    drawer, desk = Drawer(), SqlDesk()
    handlers = [
        *drawing_routes(drawer, address.secret),
        *sql_routes(desk, address.secret),
        *application_routes(applications, address.secret),
    ]
    application = WorkApplication(handlers, applications)
    server = HTTPServer(application, max_buffer_size=MAX_BODY_BYTES, max_body_size=MAX_BODY_BYTES)
    server.listen(address.port, "127.0.0.1")
    try:
        yield drawer
    finally:
        server.stop()
        await drawer.close()
        await desk.close()
        await applications.close()
        await server.close_all_connections()
