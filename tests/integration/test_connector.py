"""Where data sources that people make may lead, and what becomes of their secrets, on the running product."""

from __future__ import annotations

import contextlib
import socket
import sqlite3
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from fixtures.product import Product

API = "/api/v1"
SECRET = "S3CRETpw"
HEADER = "Bearer T0PSECRET"


@dataclass
class Listener:
    """Counts who connects, and hangs up on them."""

    server: socket.socket
    reached: list[Any] = field(default_factory=list)

    @property
    def port(self) -> int:
        return int(self.server.getsockname()[1])

    def run(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, address = self.server.accept()
                self.reached.append(address)
                connection.close()


@pytest.fixture
def listener() -> Iterator[Listener]:
    """A service of this machine that nobody may reach."""
    with socket.create_server(("127.0.0.2", 0)) as server:
        made = Listener(server)
        threading.Thread(target=made.run, daemon=True).start()
        yield made


def made(admin: httpx.Client, uid: str, kind: str, url: str, **more: Any) -> httpx.Response:
    return admin.post(f"{API}/datasources", json={"uid": uid, "name": uid, "type": kind, "url": url, **more})


def test_no_kind_of_source_reaches_an_address_that_was_not_allowed(admin: httpx.Client, listener: Listener) -> None:
    kinds = admin.get(f"{API}/datasources/types").json()["items"]
    assert {"prometheus", "clickhouse", "postgresql", "sqlalchemy"} <= {one["type"] for one in kinds}
    for kind in kinds:
        scheme, _, rest = kind["url"].partition("://")
        user = f"{rest.partition('@')[0]}@" if "@" in rest else ""
        for number, host in enumerate(("127.0.0.2", "[::ffff:127.0.0.2]", "0x7f000002", "127.0.2")):
            uid = f"{kind['type']}-{number}"
            answer = made(admin, uid, kind["type"], f"{scheme}://{user}{host}:{listener.port}/x")
            if answer.status_code == 422:  # it cannot be made at all
                continue
            assert answer.status_code == 201, answer.text
            tested = admin.post(f"{API}/datasources/{uid}/test").json()
            assert tested["ok"] is False
            asked = admin.post(
                f"{API}/query", json={"datasource": uid, "query": kind["example"], "from": 0, "to": 60_000}
            )
            assert asked.status_code >= 400
    assert listener.reached == []


@pytest.mark.parametrize(
    "url",
    [
        "postgresql:///postgres?host=127.0.0.1&user=postgres",
        "postgresql://u@/postgres?host=/run/postgresql",
        "postgresql://u@/postgres",
        "postgresql:postgres",
        "postgresql://u@%2Frun%2Fpostgresql/postgres",
        "postgresql://u@example.com,%2Ftmp/postgres",
        "postgresql://example.com/postgres",
        "postgresql://u@example.com/d?host=127.0.0.1",
        "postgresql://u@example.com/d?hostaddr=127.0.0.1",
        "postgresql://u@example.com/d?service=inner",
        "postgresql://u@example.com/d?passfile=/etc/passwd",
        "postgresql://u@example.com/d?sslrootcert=/etc/passwd",
        "postgresql://u@example.com/d?sslkey=/etc/passwd&sslcert=/etc/passwd",
        "postgresql://u@example.com/d?session_preload_libraries=x",
        "postgresql://u@example.com:99999/d",
        "postgresql://u@example.com/d?sslmode=maybe",
    ],
)
def test_a_url_of_postgresql_that_reaches_into_this_machine_is_the_operators_alone(
    admin: httpx.Client, url: str
) -> None:
    refused = made(admin, "inner", "postgresql", url)
    assert (refused.status_code, refused.json()["path"]) == (422, "$.url")


@pytest.mark.parametrize("name", ["ca_file", "cert_file", "key_file"])
def test_files_of_this_machine_are_the_operators_alone(admin: httpx.Client, name: str) -> None:
    refused = made(admin, "files", "prometheus", "https://example.com", options={name: "/etc/passwd"})
    assert (refused.status_code, refused.json()["path"]) == (422, f"$.options.{name}")


SOURCES = [
    ("postgresql", f"postgresql://u:{SECRET}@db.example.com/d", {}, ["password"]),
    ("postgresql", f"postgresql://u@db.example.com/d?password={SECRET}", {}, ["url.password"]),
    ("clickhouse", f"http://u:{SECRET}@db.example.com:8123", {}, ["password"]),
    ("clickhouse", f"http://u@db.example.com:8123/?password={SECRET}", {}, ["url.password"]),
    ("prometheus", f"http://u:{SECRET}@db.example.com:9090", {}, ["password"]),
    ("prometheus", "http://db.example.com", {"headers": {"Authorization": HEADER}}, ["headers.Authorization"]),
    ("clickhouse", "http://db.example.com", {"headers": {"X-Anything": HEADER}}, ["headers.X-Anything"]),
]


@pytest.mark.parametrize(("kind", "url", "options", "names"), SOURCES)
def test_secrets_in_urls_and_headers_are_kept_like_secrets_and_never_answered(  # noqa: PLR0917
    product: Product,
    admin: httpx.Client,
    editor: httpx.Client,
    kind: str,
    url: str,
    options: dict[str, Any],
    names: list[str],
) -> None:
    answer = made(admin, "hidden", kind, url, options=options)
    try:
        assert (answer.status_code, answer.json()["secrets"]) == (201, names)
        told = answer.text + editor.get(f"{API}/datasources/hidden").text + editor.get(f"{API}/datasources").text
        told += admin.post(f"{API}/datasources/hidden/test").text
        files = b"".join(one.read_bytes() for one in product.data_dir.glob("heliograph.db*"))
        for secret in (SECRET, "T0PSECRET"):
            assert secret not in told
            assert secret.encode() not in files
            assert secret not in product.log.read_text()
    finally:
        admin.delete(f"{API}/datasources/hidden")


def test_another_server_gets_no_secret_that_was_given_for_the_first(admin: httpx.Client) -> None:
    body = {"name": "Moving", "type": "prometheus", "url": "https://one.example.com/a", "secrets": {"token": SECRET}}
    address = f"{API}/datasources/moving"
    assert admin.post(f"{API}/datasources", json={"uid": "moving", **body}).status_code == 201
    kept = {**body, "secrets": {}, "url": "https://one.example.com/b", "name": "Moved"}
    assert admin.put(address, json=kept).json()["secrets"] == ["token"]
    for change in (
        {"url": "https://two.example.com/a"},
        {"url": "http://one.example.com/a"},
        {"url": "https://one.example.com:8443/a"},
        {"url": "https://one.example.com/a", "options": {"insecure": True}},
    ):
        refused = admin.put(address, json={**kept, **change})
        assert (refused.status_code, refused.json()["path"]) == (422, "$.secrets.token"), change
    again = {**kept, "url": "https://two.example.com/a", "secrets": {"token": "another"}}
    assert admin.put(address, json=again).json()["secrets"] == ["token"]
    without = {**kept, "url": "https://three.example.com/a", "secrets": {"token": ""}}
    assert admin.put(address, json=without).json()["secrets"] == []


def test_what_a_former_version_left_open_is_sealed_at_the_next_start(
    product: Product, admin: httpx.Client, tmp_path: Path
) -> None:
    assert made(admin, "old", "postgresql", "postgresql://u@db.example.com/d").status_code == 201
    former = product.copy(tmp_path / "data")
    assert admin.delete(f"{API}/datasources/old").status_code == 204
    path = former.data_dir / "heliograph.db"
    with contextlib.closing(sqlite3.connect(path)) as database, database:
        url = f"postgresql://u:{SECRET}@db.example.com/d"
        database.execute("UPDATE datasources SET url = ? WHERE uid = 'old'", (url,))
    assert SECRET.encode() in path.read_bytes()
    former.start()
    try:
        with former.client("editor") as editor:
            found = editor.get(f"{API}/datasources/old").json()
        assert (found["url"], found["secrets"]) == ("postgresql://u@db.example.com/d", ["password"])
        for file in former.data_dir.glob("heliograph.db*"):
            assert SECRET.encode() not in file.read_bytes(), file
    finally:
        former.stop()


def test_a_socket_that_is_refused_does_not_say_which_server_refuses(product: Product) -> None:
    upgrade = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "x"}
    for headers in ({}, upgrade, {**upgrade, "Origin": "http://evil.example"}):
        answer = httpx.get(f"{product.url}/live/any/socket", headers=headers)
        assert answer.status_code >= 400
        assert answer.headers["Server"] == "Heliograph"
