"""Explore over a running server: who may, how many at once, and when a session ends."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import httpx
import pytest
from fixtures.private import begun, boot_of, logged_in, session
from fixtures.product import Product, ProductMaker
from fixtures.waiting import wait
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection

from heliograph.app.auth.secret import Keys
from heliograph.app.auth.session_ticket import SCHEME, SessionTickets
from heliograph.app.process.work_address import SECRET_HEADER


@pytest.fixture(scope="module")
def server(make_product: ProductMaker) -> Product:
    return make_product(
        HELIOGRAPH_ANONYMOUS_ROLE="viewer",
        HELIOGRAPH_COLLECT_SELF="false",
        HELIOGRAPH_MAX_PRIVATE_SESSIONS_PER_USER="2",
    )


@pytest.fixture
def editor(server: Product) -> Iterator[httpx.Client]:
    with logged_in(server, "editor") as client:
        yield client


def read_all(socket: ClientConnection) -> None:
    while True:
        socket.recv(timeout=60)


def close_code(socket: ClientConnection) -> int:
    with pytest.raises(ConnectionClosed) as closed:
        read_all(socket)
    assert closed.value.rcvd is not None
    return closed.value.rcvd.code


def sessions(server: Product) -> int:
    found = re.search(r"^heliograph_private_sessions (\d+)", httpx.get(f"{server.url}/metrics").text, re.MULTILINE)
    assert found is not None
    return int(found[1])


@pytest.mark.parametrize("path", ["/explore", "/explore?theme=dark"])
def test_explore_is_for_editors_and_above(server: Product, path: str) -> None:
    for role, status in (("viewer", 403), ("editor", 200), ("admin", 200)):
        with server.client(role) as client:
            assert client.get(path).status_code == status, role
    answer = httpx.get(f"{server.url}{path}")
    assert (answer.status_code, "Not allowed" in answer.text) == (403, True)


def test_home_leads_there_who_may(server: Product, editor: httpx.Client) -> None:
    assert 'href="/explore"' in editor.get("/").text
    assert 'href="/explore"' not in httpx.get(f"{server.url}/").text


def test_a_session_begins_with_its_pages_token_and_with_no_other(server: Product, editor: httpx.Client) -> None:
    token = boot_of(editor)["token"]
    with logged_in(server, "editor") as other, session(other, token) as socket:
        assert close_code(socket) == 4401, "another person's"
    for wrong in ("", "nonsense", token[:-1], token.replace(".", ".x")):
        with session(editor, wrong) as socket:
            assert close_code(socket) == 4401, wrong
    with pytest.raises(InvalidStatus, match="403"):
        session(editor, token, origin="https://evil.example")
    with session(editor, token) as socket:
        assert "ACK" in str(socket.recv(timeout=60))


def test_a_page_that_would_add_to_its_session_is_closed(server: Product, editor: httpx.Client) -> None:
    header = '{"msgid": "1", "msgtype": "PATCH-DOC"}'
    added = r'{"events": [{"k\u0069nd": "RootAdded", "model": {"type": "object", "name": "Column", "id": "x"}}]}'
    for said in ([header, "{}", added], ['{"msgid": "1", "msgtype": "PUSH-DOC"}']):
        with begun(editor) as socket:
            for part in said:
                socket.send(part)
            assert close_code(socket) == 1008
        wait(lambda: editor.get("/explore").status_code == 200, "a place again")


def test_a_page_that_would_have_gigabytes_made_in_its_session_is_closed(server: Product) -> None:
    large = {"type": "ndarray", "array": ["x"], "dtype": "U400000000", "shape": [1], "order": "little"}
    event = {
        "kind": "ModelChanged",
        "model": {"id": "p1"},
        "attr": "name",
        "new": {"type": "map", "entries": [[1, large]]},
    }
    grown = json.dumps({"events": [event]})
    with logged_in(server, "editor") as other, begun(other) as socket:
        for part in ('{"msgid": "1", "msgtype": "PATCH-DOC"}', "{}", grown):
            socket.send(part)
        assert close_code(socket) == 1008


def test_past_a_persons_limit_the_page_tries_again_and_a_socket_is_turned_away(
    server: Product, editor: httpx.Client
) -> None:
    spare = boot_of(editor)["token"]
    with begun(editor):
        page = editor.get("/explore")
        assert (page.status_code, int(page.headers["Retry-After"]) > 0) == (503, True)
        assert 'http-equiv="refresh"' in page.text
        assert "you have 2 private sessions" in page.text.lower()
        with session(editor, spare) as second:
            assert "ACK" in str(second.recv(timeout=60))
            with session(editor, spare) as third:
                assert close_code(third) == 4503
    shed = 'heliograph_shed_total{reason="sessions"}'
    assert shed in httpx.get(f"{server.url}/metrics").text
    wait(lambda: editor.get("/explore").status_code == 200, "a place again")


@pytest.fixture(scope="module")
def small(make_product: ProductMaker) -> Product:
    """A server for people who log in, with room for one session."""
    return make_product(HELIOGRAPH_COLLECT_SELF="false", HELIOGRAPH_MAX_PRIVATE_SESSIONS="1")


def test_a_node_has_so_many_sessions_and_counts_them(small: Product) -> None:
    with logged_in(small, "editor") as one, logged_in(small, "editor") as two:
        with begun(one):
            assert sessions(small) == 1
            page = two.get("/explore")
            assert (page.status_code, "as many people" in page.text.lower()) == (503, True)
        wait(lambda: sessions(small) == 0, "the place to be free")
        with begun(two):
            assert sessions(small) == 1


def test_who_did_not_log_in_is_sent_to_the_login(small: Product) -> None:
    answer = httpx.get(f"{small.url}/explore")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/login?next=%2Fexplore")
    with httpx.Client(base_url=small.url) as nobody, session(nobody, "x") as socket:
        assert close_code(socket) == 4401
    with logged_in(small, "editor") as client, begun(client) as socket:
        assert small.stop() == 0
        assert close_code(socket) == 1001


def test_a_logout_closes_the_sessions_of_that_person_alone(server: Product, editor: httpx.Client) -> None:
    with logged_in(server, "editor") as other, begun(editor) as socket, begun(other) as theirs:
        assert editor.post("/logout").status_code == 303
        assert close_code(socket) == 4401
        theirs.ping().wait(10)
        assert theirs.close_code is None


def test_a_revoked_token_closes_its_session(server: Product) -> None:
    with server.client("admin") as admin, server.client("editor") as bot, begun(bot) as socket:
        newest = max(one["id"] for one in admin.get("/api/v1/tokens").json()["items"])
        assert admin.delete(f"/api/v1/tokens/{newest}").status_code == 204
        assert close_code(socket) == 4401


def test_a_ticket_is_nothing_to_anybody_outside(server: Product, editor: httpx.Client) -> None:
    """Even one that is signed by the installation's own key, sent from this machine."""
    key = Keys.derive((server.data_dir / "secret.key").read_text("utf-8").strip()).ticket
    ticket = SessionTickets(key).issue("session:1:0", 2e9)
    for secret in ("", "x", "undefined"):
        headers = {"Authorization": f"{SCHEME} {ticket}", SECRET_HEADER: secret}
        for method, path in (("GET", "/api/v1/datasources"), ("POST", "/api/v1/query"), ("GET", "/")):
            answer = httpx.request(method, f"{server.url}{path}", headers=headers, follow_redirects=False)
            assert answer.status_code in (401, 302), (method, path, answer.status_code)


def test_files_of_panel_come_from_here_and_stay_with_the_browser(editor: httpx.Client) -> None:
    boot = boot_of(editor)
    for address in boot["scripts"]:
        answer = editor.get(address)
        assert (answer.status_code, "immutable" in answer.headers["Cache-Control"]) == (200, True), address
    folder = boot["scripts"][0].rpartition("/")[0]
    assert "immutable" not in editor.get(boot["scripts"][0].replace(folder, "/explore/static/other")).headers.get(
        "Cache-Control", ""
    )
    for outside in ("../handlers.py", "static/extensions/panel/../../../__init__.py", "nothing.js"):
        assert editor.get(f"{folder}/{outside}").status_code == 404
