"""One budget per person: who spends theirs is told to wait, others do not notice."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import httpx
import pytest
from fixtures.product import Product, ProductMaker
from fixtures.waiting import WAIT_S
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from heliograph.app.http.arriving import MAX_BODIES

SOCKETS, RATE = 5, 60
PANELS = [{"panel_id": 1, "type": "table", "query": {"metric": "node_load1"}}]


@pytest.fixture(scope="module")
def server(make_product: ProductMaker) -> Iterator[Product]:
    """A server that gives little to each person."""
    made = make_product(
        HELIOGRAPH_ANONYMOUS_ROLE="viewer",
        HELIOGRAPH_MAX_SOCKETS_PER_PERSON=str(SOCKETS),
        HELIOGRAPH_RATE_LIMIT=f"{RATE}/minute",
        HELIOGRAPH_COLLECT_SELF="false",
    )
    made.save({"dashboard_id": "b", "title": "B", "panels": PANELS, "refresh": "5s"})
    yield made
    made.stop()


def boot(server: Product, headers: dict[str, str]) -> dict[str, Any]:
    answer = httpx.get(f"{server.url}/live/open?dashboard=b", headers=headers)
    assert answer.status_code == 200, answer.text
    opened: dict[str, Any] = answer.json()
    return opened


def follow(server: Product, opened: dict[str, Any], headers: dict[str, str]) -> ClientConnection:
    address = f"ws://127.0.0.1:{server.port}/live/{opened['view']}/socket?token={opened['token']}"
    more: Any = {"additional_headers": headers}
    socket: ClientConnection = connect(address, **more)
    return socket


def bearer(server: Product) -> dict[str, str]:
    return {"Authorization": f"Bearer {server.token('viewer')}"}


def is_open(socket: ClientConnection) -> bool:
    """Whether the server answers a ping on it."""
    try:
        socket.send(json.dumps({"ping": 1}))
        while True:
            if json.loads(socket.recv(timeout=40)) == {"pong": 1}:
                return True
    except ConnectionClosed:
        return False


@pytest.mark.parametrize("who", ["token", "address", "household"])
def test_one_person_has_so_many_views_open_and_others_theirs(server: Product, who: str) -> None:
    mine = {
        "token": [bearer(server)] * SOCKETS,
        "address": [{"X-Forwarded-For": "203.0.113.20"}] * SOCKETS,
        "household": [{"X-Forwarded-For": f"2001:db8:7::{n}"} for n in range(SOCKETS)],
    }[who]
    other = bearer(server)
    with ExitStack() as stack:
        opened = boot(server, mine[0])
        sockets = [stack.enter_context(follow(server, opened, headers)) for headers in mine]
        assert all(is_open(socket) for socket in sockets)
        one_more = stack.enter_context(follow(server, opened, mine[-1]))
        with pytest.raises(ConnectionClosed) as closed:
            one_more.recv(timeout=40)
        assert closed.value.rcvd is not None
        assert (closed.value.rcvd.code, closed.value.rcvd.reason) == (4503, "too_many_viewers")
        assert is_open(stack.enter_context(follow(server, boot(server, other), other)))
        sockets[0].close()
        assert is_open(stack.enter_context(follow(server, opened, mine[0])))


def test_people_behind_a_proxy_that_names_nobody_have_more_together(server: Product) -> None:
    opened = boot(server, {})
    with ExitStack() as stack:
        sockets = [stack.enter_context(follow(server, opened, {})) for _ in range(SOCKETS * 2)]
        assert all(is_open(socket) for socket in sockets)


def test_who_says_more_than_a_page_ever_does_is_closed(server: Product) -> None:
    headers = bearer(server)
    opened = boot(server, headers)
    with follow(server, opened, headers) as flooding, follow(server, opened, headers) as quiet:
        with pytest.raises(ConnectionClosed) as closed:
            flood(flooding)
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 1008
        assert is_open(quiet)


def flood(socket: ClientConnection) -> None:
    """Say more than may be said, and read until the server closes."""
    for _ in range(500):
        socket.send('{"ping":1}')
    while True:
        socket.recv(timeout=40)


def test_requests_of_all_kinds_are_paid_from_one_budget(server: Product) -> None:
    headers, other = bearer(server), bearer(server)
    with httpx.Client(base_url=server.url, headers=headers, timeout=30) as client:
        opened = boot(server, headers)
        token = {"X-Heliograph-Token": opened["token"]}
        kinds = ("/api/v1/folders", "/", "/d/b", "/live/open?dashboard=b", f"/live/{opened['view']}/panels?ids=1",
                 f"/live/{opened['view']}/annotations?from=now-5m&to=now", "/d/b/bokeh")  # fmt: skip
        answers = [client.get(kinds[n % len(kinds)], headers=token) for n in range(RATE - 1)]
        assert {answer.status_code for answer in answers} == {200}
        for kind in kinds:
            refused = client.get(kind, headers=token)
            assert refused.status_code == 429, kind
            assert 0 < int(refused.headers["Retry-After"]) <= 120
    assert boot(server, other)["view"] == opened["view"]


def test_who_sends_more_bytes_than_anybody_has_to_is_told_to_wait(server: Product) -> None:
    body, headers = b"x" * 8 * 2**20, {"Authorization": f"Bearer {server.token('editor')}"}
    with httpx.Client(base_url=server.url, headers=headers, timeout=60) as editor:
        answers = [editor.post("/api/v1/dashboards", content=body) for _ in range(9)]
    assert [answer.status_code for answer in answers] == [400] * 8 + [429]
    assert 1 <= int(answers[-1].headers["Retry-After"]) <= 60


def test_a_network_that_guesses_passwords_is_told_to_wait(server: Product) -> None:
    form = {"login": "mira", "password": "a guess"}
    with httpx.Client(base_url=server.url, timeout=60) as client:
        tries = [client.post("/login", data=form, headers={"X-Forwarded-For": f"2001:db8:9::{n}"}) for n in range(21)]
        assert [answer.status_code for answer in tries] == [401] * 20 + [429]
        assert int(tries[-1].headers["Retry-After"]) > 0


async def test_many_logins_of_one_network_leave_others_theirs(server: Product) -> None:
    async with httpx.AsyncClient(base_url=server.url, timeout=60) as client:

        async def tried(address: str, login: str) -> int:
            form = {"login": login, "password": "a guess"}
            return (await client.post("/login", data=form, headers={"X-Forwarded-For": address})).status_code

        many = [asyncio.create_task(tried(f"198.51.100.{n}", f"user{n}")) for n in range(40)]
        await asyncio.wait(many, return_when=asyncio.FIRST_COMPLETED)
        assert await tried("192.0.2.9", "mira") == 401
        assert set(await asyncio.gather(*many)) == {401, 429}, "more of them than may wait are told to come again"


async def test_half_sent_requests_of_one_address_are_few_and_short(server: Product) -> None:
    """Of 150 log-ins whose bodies do not come most are refused, the others closed; nobody else notices."""
    head = "POST /login HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-For: 203.0.113.150\r\n"
    half = f"{head}Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 40\r\n\r\nlogin=mira"
    chunked = f"{head}Transfer-Encoding: chunked\r\n\r\n2\r\nlo\r\n"

    async def sent(text: str) -> bytes:
        """What is answered until the server closes: its client does not."""
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(text.encode())
        answer = b""
        try:
            answer = await reader.read(-1)
        except ConnectionResetError:
            pass
        finally:
            writer.close()
        return answer.partition(b"\r\n")[0]

    async with asyncio.timeout(WAIT_S):
        tasks = [asyncio.create_task(sent(text)) for text in (half, chunked) for _ in range(75)]
        done: set[asyncio.Task[bytes]] = set()
        while len(done) < len(tasks) - MAX_BODIES:
            ended, _ = await asyncio.wait(set(tasks) - done, return_when=asyncio.FIRST_COMPLETED)
            done |= ended
        async with httpx.AsyncClient(base_url=server.url, timeout=60) as other:
            form = {"login": "nobody", "password": "a guess"}
            tried = await other.post("/login", data=form, headers={"X-Forwarded-For": "203.0.113.151"})
        assert tried.status_code == 401
        silent = [asyncio.create_task(sent(text)) for text in ("", head)]
        answers = await asyncio.gather(*tasks, *silent)
    assert answers.count(b"HTTP/1.1 503 Overloaded") >= 1
    assert set(answers) <= {b"", b"HTTP/1.1 503 Overloaded"}


def test_a_name_is_not_sent_back_at_any_length(server: Product) -> None:
    form = {"login": "x" * 2_000_000, "password": "y", "next": f"/{'z' * 100_000}"}
    answer = httpx.post(f"{server.url}/login", data=form, headers={"X-Forwarded-For": "198.51.100.3"}, timeout=60)
    assert answer.status_code == 401
    assert len(answer.text) < 20_000
