"""Sessions in the work role: nothing of one is left once its socket has closed."""

from __future__ import annotations

import asyncio
import gc
import json
import weakref
from collections.abc import AsyncIterator
from typing import Any

import pytest
from bokeh.document import Document
from bokeh.util.token import generate_jwt_token, generate_session_id
from fixtures.product import free_port
from tornado.httpclient import AsyncHTTPClient, HTTPError
from tornado.websocket import WebSocketClientConnection, websocket_connect

from heliograph.app.private.workbench import Workbench
from heliograph.app.process.work_address import WorkAddress
from heliograph.app.work.answering import answering
from heliograph.app.work.applications import Applications, own_url
from heliograph.errors import NotInstalledError, WorkUnavailableError

pytest.importorskip("panel", reason="panel is not installed: pip install 'heliograph[work]'")
EXPLORE = "/explore"
SAID = {"assets": "/explore/static/1", "ticket": "x"}
ENDS_WITHIN_S = 15


@pytest.fixture
def address() -> WorkAddress:
    return WorkAddress(free_port(), "a secret of both roles")


@pytest.fixture
async def applications(address: WorkAddress) -> AsyncIterator[Applications]:
    """A running work role whose view role is away."""
    made = Applications(address, own_url("127.0.0.1", free_port()))
    async with answering(address, made):
        yield made


async def pulled(socket: WebSocketClientConnection) -> str:
    """The document of a session, as the page gets it."""
    assert "ACK" in str(await socket.read_message())
    await socket.read_message()
    await socket.read_message()
    for part in (json.dumps({"msgid": "1", "msgtype": "PULL-DOC-REQ"}), "{}", "{}"):
        await socket.write_message(part)
    parts = [str(await socket.read_message()) for _ in range(3)]
    assert "PULL-DOC-REPLY" in parts[0]
    return parts[2]


def documents() -> weakref.WeakSet[Document]:
    gc.collect()
    return weakref.WeakSet(one for one in gc.get_objects() if type(one) is Document)


async def until(condition: Any, what: str) -> None:
    for _ in range(ENDS_WITHIN_S * 10):
        if condition():
            return
        await asyncio.sleep(0.1)
    raise AssertionError(f"waited for {what}")


async def test_a_session_that_ended_leaves_no_document_and_no_task(
    applications: Applications, address: WorkAddress
) -> None:
    bench = Workbench(address)
    warm = await bench.connect(EXPLORE, SAID)
    await pulled(warm)
    warm.close()
    await until(lambda: applications.sessions == 0, "the first session to end")
    before, tasks = set(map(id, documents())), len(asyncio.all_tasks())
    sockets = [await bench.connect(EXPLORE, SAID) for _ in range(3)]
    for socket in sockets:
        assert "Built-in" not in await pulled(socket)
    assert applications.sessions == 3
    for socket in sockets:
        socket.close()
    await until(lambda: applications.sessions == 0, "the sessions to end")
    await until(lambda: {id(one) for one in documents()} <= before, "their documents to be forgotten")
    await until(lambda: len(asyncio.all_tasks()) <= tasks, "their tasks to end")
    await bench.close()


async def test_a_session_needs_a_token_that_the_view_role_signed(
    applications: Applications, address: WorkAddress
) -> None:
    await applications.load()
    own, other = address.secret.encode(), b"another secret of other roles"
    for of_session, of_token in ((other, other), (other, own), (own, other)):
        token = generate_jwt_token(generate_session_id(of_session, signed=True), of_token, signed=True)
        url = f"ws://127.0.0.1:{address.port}{EXPLORE}/ws"
        socket = await websocket_connect(url, subprotocols=["bokeh", token])
        assert await socket.read_message() is None
        socket.close()
    assert applications.sessions == 0


async def test_bokehs_own_pages_are_not_served(applications: Applications, address: WorkAddress) -> None:
    await applications.load()
    for path in (EXPLORE, f"{EXPLORE}/autoload.js", f"{EXPLORE}/metadata", "/", "/static/js/bokeh.min.js"):
        with pytest.raises(HTTPError, match="404"):
            await AsyncHTTPClient().fetch(f"http://127.0.0.1:{address.port}{path}")
    assert applications.sessions == 0


async def test_panel_is_loaded_for_the_view_role_alone(applications: Applications, address: WorkAddress) -> None:
    with pytest.raises(HTTPError, match="401"):
        await AsyncHTTPClient().fetch(f"http://127.0.0.1:{address.port}/applications", method="POST", body=b"")


async def test_a_work_role_that_is_away_or_was_never_started_is_told_apart(address: WorkAddress) -> None:
    bench = Workbench(address)
    with pytest.raises(WorkUnavailableError):
        await bench.connect(EXPLORE, SAID)
    await bench.close()
    with pytest.raises(NotInstalledError, match=r"heliograph\[work\]"):
        await Workbench(None).connect(EXPLORE, SAID)
