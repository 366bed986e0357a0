"""Refusals that need no handler: the problem of one of our errors, whatever was asked for."""

from __future__ import annotations

import json
import secrets
from time import perf_counter

from tornado import httputil

from ...errors import HeliographError
from ..process.telemetry import Telemetry
from .problem import headers, problem
from .web import SECURITY

ROUTE = "refused"


class RefusedAnswer(httputil.HTTPMessageDelegate):
    """Answers once the request is read; what of a body comes is thrown away."""

    def __init__(self, request: httputil.HTTPServerRequest, error: HeliographError, telemetry: Telemetry) -> None:
        self._request = request
        self._error = error
        self._telemetry = telemetry
        self._started = perf_counter()

    def finish(self) -> None:
        refuse(self._request, self._error)
        self._telemetry.answered(ROUTE, self._error.status, perf_counter() - self._started)


def refuse(request: httputil.HTTPServerRequest, error: HeliographError, *, closes: bool = False) -> None:
    """Write the problem as the whole answer. `closes`: nothing more is read of this connection."""
    connection = request.connection
    assert connection is not None
    body = json.dumps(problem(error, secrets.token_hex(8))).encode()
    answer = httputil.HTTPHeaders(SECURITY)
    for name, value in headers(error).items():
        answer[name] = value
    answer["Content-Type"] = "application/problem+json; charset=utf-8"
    answer["Content-Length"] = str(len(body))
    answer["Cache-Control"] = "no-store"
    if closes:
        answer["Connection"] = "close"
    start = httputil.ResponseStartLine("HTTP/1.1", error.status, error.title)
    connection.write_headers(start, answer, b"" if request.method == "HEAD" else body)
    connection.finish()
