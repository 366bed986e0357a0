"""By which names a server may be asked: a page whose name was made to point at this machine is none of ours."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from fixtures.product import Product, ProductMaker
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

PATHS = ("/", "/d/host", "/login", "/live/open?dashboard=host", "/api/v1/dashboards", "/d/host/bokeh", "/nothing")
FOREIGN = ("evil.example", "evil.example:5006", "localhost.evil.example", "127.0.0.1.evil.example", "127.1", "8.8.8.8",
           "2130706433", "[::ffff:8.8.8.8]", "user@localhost", "localhost evil", "local\u0131host")  # fmt: skip


@pytest.mark.parametrize("path", PATHS)
def test_a_foreign_name_is_refused_whatever_it_asks(product: Product, path: str) -> None:
    for host in FOREIGN:
        for said in ({"Host": host}, {"X-Forwarded-Host": host}, {"Host": host, "X-Forwarded-Host": "localhost"}):
            headers = [(name.encode(), value.encode()) for name, value in said.items()]
            answer = httpx.get(f"{product.url}{path}", headers=headers)
            assert answer.status_code in (400, 403), (path, said)
            assert "evil" not in answer.text


def test_a_page_that_was_made_to_point_here_cannot_log_in(product: Product) -> None:
    headers = {"Host": "evil.example", "Origin": "http://evil.example"}
    answer = httpx.post(f"{product.url}/login", headers=headers, data={"login": "a", "password": "b"})
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")


def test_a_socket_is_for_our_own_names(product: Product) -> None:
    for path in ("/d/host/bokeh/ws", "/live/000000000000000000000000/socket", "/explore/ws"):
        evil: Any = {"additional_headers": {"Host": "evil.example"}, "origin": "http://evil.example"}
        with pytest.raises(InvalidStatus, match="40"):
            connect(f"{product.url.replace('http', 'ws')}{path}", **evil)


OWN = ("localhost", "LOCALHOST:1", "127.0.0.1", "127.8.9.1", "[::1]", "[::1]:80", "localhost.")


@pytest.mark.parametrize("host", OWN)
def test_this_machine_is_asked_by_its_own_names(product: Product, host: str) -> None:
    assert httpx.get(f"{product.url}/login", headers={"Host": host}).status_code == 200


def test_an_operator_lists_other_names(make_product: ProductMaker) -> None:
    server = make_product(HELIOGRAPH_ALLOWED_HOSTS="metrics.lan, .example.org", HELIOGRAPH_COLLECT_SELF="false",
                          HELIOGRAPH_PUBLIC_URL="https://charts.example.com")  # fmt: skip
    good = ("metrics.lan", "a.example.org:80", "charts.example.com")
    bad = ("example.org.evil", "lan", "xmetrics.lan", "aexample.org")
    for host in good:
        assert httpx.get(f"{server.url}/login", headers={"Host": host}).status_code == 200, host
    for host in bad:
        assert httpx.get(f"{server.url}/login", headers={"Host": host}).status_code == 403, host
    form = {"login": "a", "password": "b"}
    for origin, status in (("https://charts.example.com", 401), ("http://charts.example.com", 403)):
        assert httpx.post(f"{server.url}/login", headers={"Origin": origin}, data=form).status_code == status
    assert server.stop() == 0


def test_a_page_over_plain_http_is_not_ours_where_we_are_served_over_tls(product: Product) -> None:
    said = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "localhost"}
    plain, secure = ({**said, "Origin": f"{scheme}://localhost"} for scheme in ("http", "https"))
    form = {"login": "a", "password": "b"}
    assert httpx.post(f"{product.url}/login", headers=plain, data=form).status_code == 403
    assert httpx.post(f"{product.url}/login", headers=secure, data=form).status_code == 401
    address: Any = f"{product.url.replace('http', 'ws')}/live/000000000000000000000000/socket"
    proxied: Any = {"additional_headers": said, "origin": "http://localhost"}
    with pytest.raises(InvalidStatus, match="403"):
        connect(address, **proxied)
