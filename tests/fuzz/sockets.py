"""Hostile sockets: broken HTTP, broken WebSocket frames, messages of no meaning, clients that stop half way."""

from __future__ import annotations

import asyncio
import contextlib
import random
import time

import httpx
import websockets
from fixtures.product import Product

from .api import TEXTS
from .pages import TOKEN, VIEW

MESSAGES: tuple[str | bytes, ...] = (
    "",
    "{}",
    "[]",
    "null",
    "1",
    '{"want": [1]}',
    '{"want": null}',
    '{"want": [1e999]}',
    '{"want": ["1"]}',
    '{"want": [' + "1," * 600 + "1]}",
    '{"ping": 1}',
    '{"ping": "x"}',
    '{"ping": 99999999999999999999}',
    "[" * 50_000,
    '{"a":' * 5000,
    b"\x00\xff" * 1000,
    "y" * 60_000,
    "z" * 300_000,
    '{"msgid":"1","msgtype":"PATCH-DOC"}',
    '{"msgid":"1","msgtype":"PULL-DOC-REQ","num_buffers":9}',
    '{"num_buffers": -1}',
    "\ud800".encode("utf-8", "surrogatepass"),
    *(text for text in TEXTS if text.isprintable()),
)
RAW = (
    b"GET / HTTP/1.1\r\n\r\n",
    b"GET /\r\n\r\n",
    b"\x16\x03\x01\x02\x00" + b"\x00" * 300,
    b"GET " + b"/" * 70_000 + b" HTTP/1.1\r\n\r\n",
    b"POST /api/v1/query HTTP/1.1\r\nHost: localhost\r\nContent-Length: 999999999999\r\n\r\n",
    b"POST /api/v1/query HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nfffffffff\r\n",
    b"POST /login HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nabcde",
    b"GET / HTTP/1.1\r\nHost: localhost\r\n" + b"X: y\r\n" * 5000 + b"\r\n",
    b"GET / HTTP/9.9\r\nHost: a\r\n\r\n",
    b"GET /%00%ff%zz HTTP/1.1\r\nHost: localhost\r\n\r\n",
    b"OPTIONS * HTTP/1.1\r\nHost: localhost\r\n\r\n",
    b"CONNECT localhost:22 HTTP/1.1\r\nHost: localhost\r\n\r\n",
    b"GET http://[::1 HTTP/1.1\r\nHost: localhost\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: localhost\r\nCookie: " + b"\xff" * 100 + b"\r\n\r\n",
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    b"POST /login HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\n\r\n",
    b"POST /login HTTP/1.1\r\nHost: localhost\r\nContent-Type: multipart/form-data; boundary=x\r\n"
    b"Content-Length: 9\r\n\r\n--x\r\n\r\n--",
    b"POST /login HTTP/1.1\r\nHost: localhost\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\n\x1f\x8b\x08\x00",
    b"\r\n" * 5000,
)
FRAMES = (
    b"\x81\xfe",
    b"\x88\x80\x00\x00\x00\x00",
    b"\x8f\x80abcd",
    b"\xff\xff" + b"\xff" * 8,
    b"\x01\x85abcd\x00\x00\x00\x00\x00" * 3,
    b"\x89\xfe\x00\xff",
    b"\x81\x05hello",
    b"\x82\xff\x7f" + b"\xff" * 7,
)


HANDSHAKE = "\r\n".join(
    (
        "GET {path} HTTP/1.1",
        "Host: 127.0.0.1:{port}",
        "Origin: http://127.0.0.1:{port}",
        "Upgrade: websocket",
        "Connection: Upgrade",
        "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==",
        "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits=99",
        "",
        "",
    )
)


class Sockets:
    """A seeded run, eight at a time."""

    def __init__(self, product: Product, seed: int) -> None:
        self._product = product
        self._chance = random.Random(seed)
        self._token = product.token("viewer")
        self.tried = 0

    def run(self, until: float) -> None:
        """Until the clock of this machine says so."""
        asyncio.run(self._all(until))

    async def _all(self, until: float) -> None:
        await asyncio.gather(*(self._seat(until) for _ in range(8)))

    async def _seat(self, until: float) -> None:
        while time.monotonic() < until:
            attack = self._chance.choice((self._raw, self._talk, self._talk, self._bokeh, self._frames))
            with contextlib.suppress(OSError, TimeoutError, websockets.WebSocketException, httpx.HTTPError, EOFError):
                async with asyncio.timeout(6):
                    await attack()
            self.tried += 1

    async def _open(self) -> str:
        headers = {"Authorization": f"Bearer {self._token}"}
        async with httpx.AsyncClient(base_url=self._product.url, headers=headers, timeout=10) as client:
            text = (
                await client.get(
                    "/live/open", params={"dashboard": "host", "from": f"now-{self._chance.randint(1, 20)}m"}
                )
            ).text
        view, token = VIEW.search(text), TOKEN.search(text)
        return f"/live/{view[1]}/socket?token={token[1]}" if view and token else "/live/" + "0" * 24 + "/socket?token=x"

    async def _raw(self) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", self._product.port)
        try:
            writer.write(self._chance.choice(RAW))
            if self._chance.random() < 0.5:
                writer.write(self._chance.randbytes(self._chance.randint(1, 2000)))
            if self._chance.random() < 0.3:
                return  # hangs up before it is answered
            async with asyncio.timeout(2):
                while await reader.read(65_536):
                    pass
        finally:
            writer.transport.abort()

    async def _talk(self) -> None:
        await self._say(await self._open())

    async def _bokeh(self) -> None:
        await self._say("/d/host/bokeh/ws")

    async def _say(self, path: str) -> None:
        address = f"ws://127.0.0.1:{self._product.port}{path}"
        protocols = [
            websockets.Subprotocol(one)
            for one in ("bokeh", self._chance.choice(("x", "a.b.c", "\u00e9".encode().hex())))
        ]
        async with websockets.connect(
            address, origin=websockets.Origin(self._product.url), subprotocols=protocols, max_size=None
        ) as socket:
            for _ in range(self._chance.randint(1, 30)):
                await socket.send(self._chance.choice(MESSAGES))
            if self._chance.random() < 0.5:
                await asyncio.sleep(self._chance.random() * 3)  # reads nothing meanwhile

    async def _frames(self) -> None:
        """An honest handshake, then bytes that are no frames."""
        path = await self._open()
        reader, writer = await asyncio.open_connection("127.0.0.1", self._product.port)
        try:
            writer.write(HANDSHAKE.format(path=path, port=self._product.port).encode())
            await reader.read(1000)
            for _ in range(self._chance.randint(1, 5)):
                writer.write(self._chance.choice(FRAMES) + self._chance.randbytes(self._chance.randint(0, 200)))
            async with asyncio.timeout(2):
                while await reader.read(65_536):
                    pass
        finally:
            writer.transport.abort()
