"""Answers that are at hand, given before any handler is made: in an incident most requests ask for the same bytes."""

from __future__ import annotations

from dataclasses import dataclass
from email.utils import formatdate
from http import HTTPStatus
from time import perf_counter, time

from tornado import httputil

from ..process.telemetry import Telemetry
from .web import SECURITY

OK = httputil.ResponseStartLine("HTTP/1.1", HTTPStatus.OK, "OK")


@dataclass(frozen=True, slots=True)
class Quick:
    """A whole answer; `route` is what it is counted as."""

    route: str
    content_type: str
    body: bytes
    gzipped: bool


class QuickAnswer(httputil.HTTPMessageDelegate):
    """Sends an answer once the request is read."""

    def __init__(self, request: httputil.HTTPServerRequest, answer: Quick, telemetry: Telemetry) -> None:
        self._request = request
        self._answer = answer
        self._telemetry = telemetry
        self._started = perf_counter()

    def finish(self) -> None:
        answer, connection = self._answer, self._request.connection
        assert connection is not None
        headers = httputil.HTTPHeaders(SECURITY)
        headers["Date"] = formatdate(time(), usegmt=True)
        headers["Content-Type"] = answer.content_type
        headers["Content-Length"] = str(len(answer.body))
        headers["Cache-Control"] = "private, no-store"
        headers["Vary"] = "Accept-Encoding"
        if answer.gzipped:
            headers["Content-Encoding"] = "gzip"
        connection.write_headers(OK, headers, answer.body)
        connection.finish()
        self._telemetry.answered(answer.route, HTTPStatus.OK, perf_counter() - self._started)
