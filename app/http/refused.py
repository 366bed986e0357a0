"""A refusal that needs no handler: the problem of one of our errors, whatever was asked for."""

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
        error, connection = self._error, self._request.connection
        assert connection is not None
        body = json.dumps(problem(error, secrets.token_hex(8))).encode()
        answer = httputil.HTTPHeaders(SECURITY)
        for name, value in headers(error).items():
            answer[name] = value
        answer["Content-Type"] = "application/problem+json; charset=utf-8"
        answer["Content-Length"] = str(len(body))
        answer["Cache-Control"] = "no-store"
        start = httputil.ResponseStartLine("HTTP/1.1", error.status, error.title)
        connection.write_headers(start, answer, b"" if self._request.method == "HEAD" else body)
        connection.finish()
        self._telemetry.answered(ROUTE, error.status, perf_counter() - self._started)
