"""Requests on their way: how long their heads and bodies may take to come, and how many of one address may be coming.

Who opens connections and sends half of what they announce holds them for seconds, and few of them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable
from copy import copy
from time import perf_counter
from typing import Any, Final
from weakref import WeakSet

from tornado import httputil
from tornado.http1connection import HTTP1Connection, HTTP1ServerConnection
from tornado.httpserver import HTTPServer
from tornado.iostream import IOStream

from ...errors import OverloadedError
from ..auth.addresses import network_of
from ..process.telemetry import Telemetry
from .oversized import announced_bytes
from .refused import refuse

FIRST_HEAD_S: Final = 10.0  # of a connection: browsers open some before they have anything to ask
IDLE_S: Final = 75.0  # between two requests of a connection, the head of the second included: balancers keep theirs 60
BODY_S: Final = 60.0  # the longest
SHORT_BODY_S: Final = 10.0
SLOW_BYTES_PER_S: Final = 128 * 2**10  # of a body that takes longer
MAX_SILENT: Final = 1024  # connections of one address that have not asked anything yet
MAX_BODIES: Final = 64  # requests of one address whose bodies are not whole
MAX_KNOWN_BODIES: Final = 512  # of those that say who they are: programs that write have many at once
RETRY_AFTER_S: Final = 5.0
ROUTE: Final = "arriving"


def body_s(headers: httputil.HTTPHeaders) -> float:
    """How long the body may take; one that tells no length has as long as the largest."""
    if "Content-Length" not in headers:
        return BODY_S
    return min(BODY_S, SHORT_BODY_S + announced_bytes(headers) / SLOW_BYTES_PER_S)


def has_body(headers: httputil.HTTPHeaders) -> bool:
    """Whether a request announces a body."""
    return announced_bytes(headers) > 0 or "Transfer-Encoding" in headers


class Bodies:
    """Counts requests whose bodies are coming. `trusted`: a proxy that says of nobody who they are is many people."""

    def __init__(self, trusted: Callable[[str], bool], telemetry: Telemetry) -> None:
        self._trusted = trusted
        self._telemetry = telemetry
        self._coming: Counter[str] = Counter()

    def guarded(
        self, request: httputil.HTTPServerRequest, delegate: httputil.HTTPMessageDelegate
    ) -> httputil.HTTPMessageDelegate:
        """What takes a request with a body in the delegate's place."""
        ip = request.remote_ip or ""
        network = network_of(ip)
        most = MAX_KNOWN_BODIES if "Authorization" in request.headers or self._trusted(ip) else MAX_BODIES
        if self._coming[network] >= most:
            return Refused(request, self._telemetry)
        connection = request.connection
        assert isinstance(connection, HTTP1Connection)
        connection.set_body_timeout(body_s(request.headers))
        self._coming[network] += 1
        return Passing(delegate, over=lambda: taken(self._coming, network))


class Passing(httputil.HTTPMessageDelegate):
    """Hands all on to another, and says once when its head is there, and once when it is over."""

    def __init__(
        self,
        delegate: httputil.HTTPMessageDelegate,
        *,
        headed: Callable[[], None] | None = None,
        over: Callable[[], None] | None = None,
    ) -> None:
        self._delegate = delegate
        self._headed = headed
        self._over = over

    def headers_received(
        self, start_line: httputil.RequestStartLine | httputil.ResponseStartLine, headers: httputil.HTTPHeaders
    ) -> Awaitable[None] | None:
        if self._headed is not None:
            self._headed()
        return self._delegate.headers_received(start_line, headers)

    def data_received(self, chunk: bytes) -> Awaitable[None] | None:
        return self._delegate.data_received(chunk)

    def finish(self) -> None:
        self._end()
        self._delegate.finish()

    def on_connection_close(self) -> None:
        self._end()
        self._delegate.on_connection_close()

    def _end(self) -> None:
        over, self._over = self._over, None
        if over is not None:
            over()


class Refused(httputil.HTTPMessageDelegate):
    """Answers at the headers, and closes: nobody waits for the body."""

    def __init__(self, request: httputil.HTTPServerRequest, telemetry: Telemetry) -> None:
        self._request = request
        self._telemetry = telemetry

    def headers_received(self, start_line: Any, headers_: httputil.HTTPHeaders) -> None:
        started = perf_counter()
        error = OverloadedError("many requests of yours are half sent", retry_after_s=RETRY_AFTER_S)
        refuse(self._request, error, closes=True)
        self._telemetry.shed.labels("half_sent").inc()
        self._telemetry.answered(ROUTE, error.status, perf_counter() - started)


class PatientServer(HTTPServer):
    """Closes connections that ask nothing: soon where they never did, at once where their address has many of those.

    `many`: whether an address stands for many people, as a proxy's does.
    """

    def initialize(  # type: ignore[override]  # the bounds of time are its own
        self, application: httputil.HTTPServerConnectionDelegate, *, many: Callable[[str], bool], **bytes_: int
    ) -> None:
        times = {"idle_connection_timeout": IDLE_S, "body_timeout": BODY_S}
        super().initialize(application, **{**bytes_, **times})  # type: ignore[arg-type]
        self._many = many
        self._first = copy(self.conn_params)
        self._first.header_timeout = FIRST_HEAD_S
        self._began: WeakSet[object] = WeakSet()
        self._silent: dict[object, str] = {}  # connections that have not asked anything yet
        self._silent_of: Counter[str] = Counter()

    def handle_stream(self, stream: IOStream, address: tuple[Any, ...]) -> None:
        ip = str(address[0]) if address else ""
        if self._silent_of[network_of(ip)] >= MAX_SILENT and not self._many(ip):
            stream.close()
            return
        super().handle_stream(stream, address)

    def start_request(self, server_conn: object, request_conn: httputil.HTTPConnection) -> httputil.HTTPMessageDelegate:
        delegate = super().start_request(server_conn, request_conn)
        if server_conn in self._began:
            return delegate
        assert isinstance(server_conn, HTTP1ServerConnection)
        assert isinstance(request_conn, HTTP1Connection)
        self._began.add(server_conn)
        request_conn.params = self._first
        network = network_of(getattr(server_conn.context, "remote_ip", ""))
        self._silent[server_conn] = network
        self._silent_of[network] += 1
        return Passing(delegate, headed=lambda: self._asks(server_conn))

    def on_close(self, server_conn: object) -> None:
        self._asks(server_conn)
        super().on_close(server_conn)

    def _asks(self, server_conn: object) -> None:
        """A connection is silent no more: it asks, or is gone."""
        network = self._silent.pop(server_conn, None)
        if network is not None:
            taken(self._silent_of, network)


def taken(counts: Counter[str], key: str) -> None:
    """One less, and no trace of what there is none of."""
    counts[key] -= 1
    if not counts[key]:
        del counts[key]
