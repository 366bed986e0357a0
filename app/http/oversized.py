"""The answer to a body that is too large: given at its headers, so that nothing of the body is kept."""

from __future__ import annotations

import json
import secrets
from http import HTTPStatus
from time import perf_counter

from tornado import httputil
from tornado.http1connection import HTTP1Connection

from ...errors import TooLargeError
from ..process.telemetry import Telemetry
from .problem import problem
from .web import SECURITY

MAX_BODY_BYTES = 8 * 2**20
LINGER_S = 30.0  # a client that is still sending by then does not read what we say
ROUTE = "oversized"


def announced_bytes(headers: httputil.HTTPHeaders) -> int:
    """The length that a request's headers give its body; 0 where they give none."""
    text = headers.get("Content-Length", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0


class TooLargeAnswer(httputil.HTTPMessageDelegate):
    """Answers 413 and throws the body away as it comes: most clients listen only once they have sent it."""

    def __init__(self, request: httputil.HTTPServerRequest, telemetry: Telemetry) -> None:
        self._request = request
        self._telemetry = telemetry
        self._started = perf_counter()

    def headers_received(
        self, start_line: httputil.RequestStartLine | httputil.ResponseStartLine, headers: httputil.HTTPHeaders
    ) -> None:
        connection = self._request.connection
        assert isinstance(connection, HTTP1Connection)
        connection.set_max_body_size(announced_bytes(headers))
        connection.set_body_timeout(LINGER_S)
        error = TooLargeError(f"a body has at most {MAX_BODY_BYTES // 2**20} MB")
        body = json.dumps(problem(error, secrets.token_hex(8))).encode()
        status = HTTPStatus(error.status)
        answer = httputil.HTTPHeaders(SECURITY)
        answer["Content-Type"] = "application/problem+json; charset=utf-8"
        answer["Content-Length"] = str(len(body))
        answer["Cache-Control"] = "no-store"
        answer["Connection"] = "close"
        connection.write_headers(httputil.ResponseStartLine("HTTP/1.1", status, "Content Too Large"), answer, body)
        self._telemetry.answered(ROUTE, status, perf_counter() - self._started)

    def finish(self) -> None:
        assert self._request.connection is not None
        self._request.connection.finish()
