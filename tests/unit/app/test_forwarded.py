"""Who asks, behind proxies that are trusted and others; and paths below a root."""

from __future__ import annotations

import pytest

from heliograph.app.http.forwarded import Asker, Proxies, below

TRUSTED = Proxies.of(["10.0.0.0/8", "192.0.2.7", "::1"])
HERE = "http", "node:5006"


@pytest.mark.parametrize(
    ("connected", "forwarded", "expected"),
    [
        ("203.0.113.9", "198.51.100.1", "203.0.113.9"),  # not a proxy of ours: what it says of others is ignored
        ("10.0.0.1", "", "10.0.0.1"),
        ("10.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("10.0.0.1", "6.6.6.6, 198.51.100.1", "198.51.100.1"),  # what the asker made up stands left of it
        ("10.0.0.1", "198.51.100.1, 192.0.2.7, 10.2.3.4", "198.51.100.1"),
        ("10.0.0.1", "10.9.9.9", "10.9.9.9"),
        ("10.0.0.1", "198.51.100.1, nonsense", "10.0.0.1"),
        ("10.0.0.1", "198.51.100.1, nonsense, 10.2.3.4", "10.2.3.4"),
        ("::ffff:10.0.0.1", "2001:db8::1", "2001:db8::1"),
        ("::1", "198.51.100.1", "198.51.100.1"),
        ("", "198.51.100.1", ""),
    ],
)
def test_who_asks_is_the_last_address_that_a_trusted_proxy_names(connected: str, forwarded: str, expected: str) -> None:
    assert TRUSTED.asker(Asker(connected, *HERE), {"X-Forwarded-For": forwarded}).ip == expected


@pytest.mark.parametrize(
    ("connected", "scheme", "host", "expected"),
    [
        ("10.0.0.1", "https", "example.org", ("https", "example.org")),
        ("10.0.0.1", "http, https", "inner, example.org", ("https", "example.org")),
        ("10.0.0.1", "javascript", "", ("http", "node:5006")),
        ("203.0.113.9", "https", "example.org", ("http", "node:5006")),
    ],
)
def test_scheme_and_host_are_believed_of_trusted_proxies_alone(
    connected: str, scheme: str, host: str, expected: tuple[str, str]
) -> None:
    asker = TRUSTED.asker(Asker(connected, *HERE), {"X-Forwarded-Proto": scheme, "X-Forwarded-Host": host})
    assert (asker.protocol, asker.host) == expected


@pytest.mark.parametrize(
    ("path", "root", "expected"),
    [
        ("/d/x", "", "/d/x"),
        ("/d/x", "/h", "/d/x"),
        ("/h/d/x", "/h", "/d/x"),
        ("/h", "/h", "/"),
        ("/h/", "/h", "/"),
        ("/hd/x", "/h", "/hd/x"),
        ("/h/h/d", "/h", "/h/d"),
    ],
)
def test_a_root_is_taken_off_where_the_proxy_has_left_it_on(path: str, root: str, expected: str) -> None:
    assert below(path, root) == expected
