"""Bokeh's own clients over a running server: they follow a live view, and change nothing."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import panel as pn
import pytest
from bokeh.client import ClientSession, pull_session
from bokeh.document import Document
from bokeh.models import ColumnDataSource, Div
from bokeh.util.token import generate_jwt_token
from fixtures.product import Product
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

PROTOCOLS: Any = ["bokeh"]
LOAD = {
    "dashboard_id": "bokeh",
    "title": "Bokeh",
    "panels": [
        {"panel_id": 1, "title": "CPU", "type": "timeseries", "query": {"metric": "node_load1"}},
        {"panel_id": 2, "title": "Load", "type": "stat", "query": {"metric": "node_load1"}},
    ],
    "time": {"from": "now-1m", "to": "now"},
    "refresh": "1s",
}


@pytest.fixture(scope="module")
def dashboard(product: Product) -> str:
    product.save(LOAD)
    return f"{product.url}/d/bokeh/bokeh"


@pytest.fixture
def session(dashboard: str) -> Iterator[ClientSession]:
    with pull_session(url=dashboard) as pulled:
        yield pulled


def source_of(session: ClientSession) -> ColumnDataSource:
    root = session.document.get_model_by_name("panel-1")
    assert root is not None
    run_until(session, lambda: bool(root.children))
    (source,) = root.select({"type": ColumnDataSource})
    assert isinstance(source, ColumnDataSource)
    return source


def run_until(session: ClientSession, condition: Callable[[], bool], seconds: float = 20) -> None:
    """Let the client read, as `run_forever` would."""
    deadline = time.monotonic() + seconds
    session._connection._loop_until(lambda: condition() or time.monotonic() > deadline)
    assert condition()


def read_all(socket: ClientConnection) -> None:
    while True:
        socket.recv(timeout=40)


def test_a_python_client_pulls_a_live_view_and_follows_it(session: ClientSession) -> None:
    source = source_of(session)
    first = float(list(source.data["t"])[-1])
    run_until(session, lambda: float(list(source.data["t"])[-1]) > first)
    assert len(source.data["t"]) == len(source.data["s0"])
    assert session.request_server_info()["version_info"]["bokeh"]


def test_a_panel_application_attaches_to_a_live_view(session: ClientSession) -> None:
    source = source_of(session)
    number: Any = pn.indicators.Number(value=-1)
    source.on_change("data", lambda _attr, _old, new: number.param.update(value=float(list(new["s0"])[-1])))
    shown = number.get_root(Document())
    run_until(session, lambda: number.value >= 0)
    assert f"{number.value}"[:3] in shown.text


def test_a_client_cannot_change_what_others_see(dashboard: str, session: ClientSession) -> None:
    with pytest.raises(RuntimeError, match="cannot be changed"):
        session._connection.push_doc(Document())
    source_of(session).data = {"t": [1.0], "s0": [666.0]}  # sends PATCH-DOC
    other = Document()
    other.add_root(Div(text="x"))
    with pull_session(url=dashboard) as second:
        assert 666.0 not in list(source_of(second).data["s0"])
        assert len(second.document.roots) == 2


def say_all(socket: ClientConnection, frames: list[str | bytes]) -> None:
    """Send and read on until the server closes, which it may do before all is sent."""
    for frame in frames:
        socket.send(frame)
    read_all(socket)


@pytest.mark.parametrize(
    "frames",
    [["{"], ["{}", "{}", "{}"], ['{"msgid":"1","msgtype":"x"}', "{}", "{}"], [b"x"], ["1"], ["[1]"], ["[" * 60_000]],
    ids=["cut", "empty", "unknown", "bytes", "number", "list", "deep"],
)
def test_what_is_no_message_of_the_protocol_closes_the_socket(
    product: Product, dashboard: str, frames: list[str | bytes]
) -> None:
    with connect(dashboard.replace("http", "ws") + "/ws", subprotocols=PROTOCOLS) as socket:
        with pytest.raises(ConnectionClosed) as closed:
            say_all(socket, [*frames, "{}", "{}"])
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 1008
    assert "socket failed" not in product.log.read_text()


def test_who_may_not_see_a_dashboard_gets_nothing(product: Product, dashboard: str) -> None:
    evil: Any = {"origin": "https://evil.example"}
    with pytest.raises(InvalidStatus, match="403"):
        connect(dashboard.replace("http", "ws") + "/ws", **evil)
    with connect(product.url.replace("http", "ws") + "/d/nothing/bokeh/ws", subprotocols=PROTOCOLS) as socket:
        with pytest.raises(ConnectionClosed) as closed:
            socket.recv(timeout=40)
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 4401
    assert httpx.get(f"{product.url}/d/nothing/bokeh").status_code == 404
    assert httpx.get(f"{product.url}/d/nothing/bokeh/autoload.js?bokeh-autoload-element=x").status_code == 404


def test_an_api_token_is_good_as_the_id_of_a_session(product: Product, dashboard: str) -> None:
    pulled: Any = pull_session(session_id=product.token("viewer"), url=dashboard)
    assert len(pulled.document.roots) == 2
    pulled.close()
    protocols: Any = ["bokeh", generate_jwt_token("hg_wrong", signed=False)]
    with connect(dashboard.replace("http", "ws") + "/ws", subprotocols=protocols) as socket:
        with pytest.raises(ConnectionClosed) as closed:
            socket.recv(timeout=40)
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 4401
