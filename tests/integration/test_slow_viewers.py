"""Viewers who read slowly or not at all, and tokens past their life, over real sockets to a server in this process."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import os
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from fixtures.product import free_port
from tornado.httpserver import HTTPServer

from heliograph.app.assembly import assembled
from heliograph.app.auth.authenticator import Identity
from heliograph.app.graph import ViewGraph
from heliograph.app.live import keeping
from heliograph.app.live import socket as live_socket
from heliograph.app.live.address import Address
from heliograph.app.live.frames import as_frame
from heliograph.app.live.socket import ViewSocket
from heliograph.app.live.view import View
from heliograph.app.server import listen
from heliograph.app.settings import Settings
from heliograph.scope import Role, Scope

SOMEBODY = Identity(Scope(1, Role.VIEWER), "anonymous")
NOTE = {
    "title": "Note",
    "panels": [{"panel_id": 1, "type": "text", "options": {"content": "x"}}],
    "time": {"from": "now-1m", "to": "now"},
    "refresh": "1h",
}


@dataclass
class Node:
    graph: ViewGraph
    server: HTTPServer
    port: int
    view: View

    async def connect(self, token: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """A WebSocket of which nothing is read yet but the answer to its opening."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port, limit=4096)
        key = base64.b64encode(os.urandom(16)).decode()
        writer.write(
            f"GET /live/{self.view.id}/socket?token={token} HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\n"
            f"Upgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
        )
        await reader.readuntil(b"\r\n\r\n")
        return reader, writer

    def token(self, at_s: float) -> str:
        return self.graph.live.hub.tokens.issue(self.view.id, "anonymous", "anonymous", at_s)

    def dropped(self) -> float:
        return float(self.graph.site.telemetry.viewers_dropped.labels("slow")._value.get())


@pytest.fixture
async def node(tmp_path: Path) -> AsyncIterator[Node]:
    settings = Settings.model_validate(
        {
            "data_dir": tmp_path,
            "port": free_port(),
            "anonymous_role": "viewer",
            "metrics_url": "http://127.0.0.1:9",
        }
    )
    async with assembled(settings) as graph:
        await graph.config.dashboards.create(1, NOTE, by="test", now_ms=0, dashboard_id="note")
        server = listen(graph)
        opened = await graph.live.hub.open(SOMEBODY, Address("note"))
        yield Node(graph, server, settings.port, opened.view)
        server.stop()
        await server.close_all_connections()


async def follower_of(view: View) -> ViewSocket:
    async with asyncio.timeout(10):
        while not view.followers:
            await asyncio.sleep(0.01)
    (found,) = view.followers
    assert isinstance(found, ViewSocket)
    return found


async def fall_behind(view: View, follower: ViewSocket) -> None:
    for _ in range(200):
        view.broadcast({"pad": "x" * 300_000})
        await asyncio.sleep(0)
        if follower._slow_since is not None:
            return
    raise AssertionError("the viewer took sixty megabytes")


async def test_a_slow_viewer_is_skipped_then_told_to_fetch_again_and_dropped_in_the_end(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader, writer = await node.connect(node.token(node.graph.site.clock()))
    follower = await follower_of(node.view)
    await fall_behind(node.view, follower)
    stream: Any = follower.ws_connection.stream  # type: ignore[union-attr]
    refetch = as_frame({"refetch": True})
    seen = b""
    async with asyncio.timeout(90):
        while refetch not in seen:  # it reads again
            with contextlib.suppress(TimeoutError):  # all was read that is there: the server has yet to see it
                seen = seen[-100:] + await asyncio.wait_for(reader.read(65_536), 0.1)
            if not stream._write_buffer:
                node.view.broadcast({"seq": 1})
    assert follower._slow_since is None
    monkeypatch.setattr(live_socket, "SLOW_DROP_S", 0.05)
    async with asyncio.timeout(90):
        while node.view.followers:  # it reads no more, whatever the kernel still takes for it
            node.view.broadcast({"pad": "x" * 300_000})
            await asyncio.sleep(0.02)
    assert node.dropped() == 1
    writer.close()


async def test_a_token_past_its_life_follows_nothing(node: Node) -> None:
    reader, writer = await node.connect(node.token(node.graph.site.clock() - 400))
    async with asyncio.timeout(10):
        closing = await reader.read(200)
    assert (closing[0], int.from_bytes(closing[2:4], "big")) == (0x88, 4401)
    assert not node.view.followers
    writer.close()


PING, PONG = b"\x89\x00", b"\x8a\x80\x00\x00\x00\x00"


async def test_a_viewer_that_gives_no_sign_of_life_is_cut_and_one_that_does_is_not(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "PROBE_TURNS", 1)
    monkeypatch.setattr(live_socket, "SIGN_OF_LIFE_S", 0.3)
    monkeypatch.setattr(live_socket, "PONG_WITHIN_S", 2.0)
    token = node.token(node.graph.site.clock())
    dead, dead_writer = await node.connect(token)
    alive, alive_writer = await node.connect(token)

    async def answer_pings() -> int:
        answered = 0
        while frame := await alive.readexactly(2):
            assert frame == PING
            alive_writer.write(PONG)
            answered += 1
        return answered

    answering = asyncio.create_task(answer_pings())
    async with asyncio.timeout(90):
        heard = await dead.read()  # until the server ends it
    assert heard.startswith(PING)
    assert heard.replace(PING, b"") == b""
    assert len(node.view.followers) == 1
    assert node.graph.site.telemetry.viewers_dropped.labels("dead")._value.get() == 1
    assert not answering.done()
    answering.cancel()
    for writer in (dead_writer, alive_writer):
        writer.close()
