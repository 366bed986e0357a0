"""The socket of a viewer, spoken to as a page does, and as somebody who means no good."""

from __future__ import annotations

import json
import time
from typing import Any

import httpx
import pytest
from fixtures.naming import fresh
from fixtures.product import Product, ProductMaker
from fixtures.waiting import wait
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from heliograph.app.live.snapshot import decode_snapshot


def opened(product: Product, dashboard: str = "host", **headers: str) -> dict[str, Any]:
    answer = httpx.get(f"{product.url}/live/open?dashboard={dashboard}", headers=headers)
    assert answer.status_code == 200, answer.text
    boot: dict[str, Any] = answer.json()
    return boot


def follow(product: Product, view: str, token: str, **options: Any) -> ClientConnection:
    socket: ClientConnection = connect(f"ws://127.0.0.1:{product.port}/live/{view}/socket?token={token}", **options)
    return socket


def read_all(socket: ClientConnection, messages: list[Any]) -> None:
    """Read until the socket is closed, which raises ConnectionClosed."""
    while True:
        messages.append(json.loads(socket.recv(timeout=40)))


def closed_with(socket: ClientConnection) -> int:
    """The code that the server closes with, after whatever it still says."""
    with pytest.raises(ConnectionClosed) as closed:
        read_all(socket, [])
    assert closed.value.rcvd is not None
    return closed.value.rcvd.code


def test_a_follower_gets_a_snapshot_and_the_ticks_after_it(product: Product) -> None:
    boot = opened(product)
    with follow(product, boot["view"], boot["token"]) as socket:
        socket.send(json.dumps({"want": [1, 8]}))
        answer = httpx.get(
            f"{product.url}/live/{boot['view']}/panels?ids=1,8", headers={"X-Heliograph-Token": boot["token"]}
        )
        head, buffers = decode_snapshot(answer.content)
        assert isinstance(head["panels"], dict)
        assert head["panels"].keys() == {"1", "8"}
        assert all(isinstance(buffer, bytes) for buffer in buffers)
        seqs = [json.loads(socket.recv(timeout=40))["seq"] for _ in range(3)]
        assert seqs == list(range(seqs[0], seqs[0] + 3))
        socket.send(json.dumps({"ping": 1}))
        messages = [json.loads(socket.recv(timeout=40)) for _ in range(3)]
        assert {"pong": 1} in messages


def test_viewers_are_counted_by_dashboard_for_those_who_may_see_it(product: Product) -> None:
    folder, name = fresh("secret"), fresh("watched")
    with product.client("admin") as admin, product.client("editor") as editor, product.client("viewer") as viewer:
        permissions = {"role:editor": "edit"}
        made = admin.post("/api/v1/folders", json={"uid": folder, "title": "S", "permissions": permissions})
        assert made.status_code == 201, made.text
        panels = [{"panel_id": 1, "type": "text", "options": {"content": "x"}}]
        document = {"dashboard_id": name, "title": "Watched", "folder": folder, "panels": panels, "refresh": "1s"}
        assert editor.post("/api/v1/dashboards", json=document).status_code == 201
        boot = opened(product, name, Authorization=editor.headers["Authorization"])

        def watching(client: httpx.Client) -> Any:
            return client.get("/api/v1/watching").json()["watching"].get(name)

        assert watching(editor) is None
        with follow(product, boot["view"], boot["token"]) as one, follow(product, boot["view"], boot["token"]) as other:
            for socket in (one, other):
                socket.send(json.dumps({"ping": 1}))
                socket.recv(timeout=40)
            assert watching(editor) == 2
            assert watching(viewer) is None
        wait(lambda: watching(editor) is None, "those who left to be counted no more")


def test_all_followers_of_a_view_get_the_same_bytes(product: Product) -> None:
    boot = opened(product)
    again = opened(product)
    assert boot["view"] == again["view"]
    with follow(product, boot["view"], boot["token"]) as one, follow(product, again["view"], again["token"]) as other:
        first = {json.loads(text)["seq"]: text for text in (one.recv(timeout=40) for _ in range(4))}
        second = {json.loads(text)["seq"]: text for text in (other.recv(timeout=40) for _ in range(4))}
        both = first.keys() & second.keys()
        assert both
        assert all(first[seq] == second[seq] for seq in both)


@pytest.mark.parametrize(
    "message",
    [
        "{",
        "[]",
        '"x"',
        "{}",
        '{"want": "all"}',
        '{"want": [1.5]}',
        '{"ping": 1, "x": 2}',
        '{"msgtype": "PATCH-DOC"}',
        "[" * 30_000,
        b"\x00",
    ],
)
def test_anything_but_what_a_page_says_closes_the_socket(product: Product, message: str | bytes) -> None:
    boot = opened(product)
    with follow(product, boot["view"], boot["token"]) as socket:
        socket.send(message)
        assert closed_with(socket) == 1008


def test_a_message_that_is_too_large_closes_the_socket(product: Product) -> None:
    boot = opened(product)
    with follow(product, boot["view"], boot["token"]) as socket:
        socket.send("x" * 70_000)
        assert closed_with(socket) in (1006, 1009)


def test_a_forged_token_is_refused_and_an_unknown_view_is_never_made(product: Product) -> None:
    boot = opened(product)
    with follow(product, boot["view"], boot["token"][:-2] + "xx") as socket:
        assert closed_with(socket) == 4401
    with follow(product, "0" * 24, boot["token"]) as socket:
        assert closed_with(socket) == 4401
    answer = httpx.get(f"{product.url}/live/{'0' * 24}/panels?ids=1", headers={"X-Heliograph-Token": boot["token"]})
    assert answer.status_code == 401
    assert httpx.get(f"{product.url}/live/{boot['view']}/panels?ids=1").status_code == 401


def test_a_page_of_another_origin_may_not_connect(product: Product) -> None:
    boot = opened(product)
    with pytest.raises(InvalidStatus, match="403"):
        follow(product, boot["view"], boot["token"], origin="https://evil.example")


def test_a_revoked_credential_ends_its_socket_within_seconds(product: Product) -> None:
    with product.client("admin") as admin:
        made = admin.post("/api/v1/tokens", json={"name": f"t{time.monotonic_ns()}", "role": "viewer"}).json()
        boot = opened(product, Authorization=f"Bearer {made['token']}")
        with follow(product, boot["view"], boot["token"]) as socket:
            socket.recv(timeout=40)
            assert admin.delete(f"/api/v1/tokens/{made['id']}").status_code == 204
            started = time.monotonic()
            assert closed_with(socket) == 4401
            assert time.monotonic() - started < 10


def test_a_server_that_stops_tells_its_viewers_to_move_and_ends_within_ten_seconds(make_product: ProductMaker) -> None:
    product = make_product(HELIOGRAPH_ANONYMOUS_ROLE="viewer", HELIOGRAPH_ROLE_DEMO="quiet")
    boot = opened(product)
    with follow(product, boot["view"], boot["token"]) as socket:
        socket.recv(timeout=40)
        assert product.process is not None
        product.process.terminate()
        messages: list[Any] = []
        with pytest.raises(ConnectionClosed) as closed:
            read_all(socket, messages)
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 1001
        assert "move" in messages[-1]
    assert product.process.wait(timeout=10) == 0
