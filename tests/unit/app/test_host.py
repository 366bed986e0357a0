"""Whose pages may act with the cookies of this server."""

from __future__ import annotations

import pytest
from tornado import httputil

from heliograph.app.http.host import origin_is_ours


def asked(host: str) -> httputil.HTTPServerRequest:
    line = httputil.RequestStartLine("GET", "/live", "HTTP/1.1")
    return httputil.HTTPServerRequest(start_line=line, headers=httputil.HTTPHeaders({"Host": host}))


@pytest.mark.parametrize(
    ("origin", "public_url", "is_ours"),
    [
        ("https://metrics.example", "https://metrics.example", True),
        ("https://metrics.example", "https://metrics.example/below", True),
        ("http://metrics.example", "https://metrics.example", False),
        ("https://metrics.example:444", "https://metrics.example", False),
        ("https://evil.example", "https://metrics.example", False),
        ("https://metrics.example.evil.example", "https://metrics.example", False),
        ("http://localhost:5006", "", True),
        ("http://localhost:5007", "", False),
        ("null", "", False),
        ("http://[", "", False),
        ("file://localhost:5006", "", False),
    ],
)
def test_only_pages_of_this_server_are_ours(origin: str, public_url: str, is_ours: bool) -> None:
    assert origin_is_ours(asked("localhost:5006"), origin, public_url) is is_ours
