"""How long bodies may take to come, and how many of one address may be coming."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import httpx
import pytest
from tornado.httputil import HTTPHeaders
from tornado.web import RequestHandler

from heliograph.app.http.arriving import (
    BODY_S,
    MAX_BODIES,
    MAX_SILENT,
    SHORT_BODY_S,
    Bodies,
    PatientServer,
    body_s,
    has_body,
)
from heliograph.app.http.forwarded import Application, Proxies
from heliograph.app.process.telemetry import Telemetry


def headers_of(**given: str) -> HTTPHeaders:
    return HTTPHeaders({name.replace("_", "-"): text for name, text in given.items()})


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"Content_Length": "40"}, SHORT_BODY_S),
        ({"Content_Length": str(1 << 20)}, SHORT_BODY_S + 8),
        ({"Content_Length": str(8 << 20)}, BODY_S),
        ({"Transfer_Encoding": "chunked"}, BODY_S),
        ({"Content_Length": "-1"}, SHORT_BODY_S),
    ],
)
def test_a_body_has_as_long_as_its_bytes_take_on_a_slow_line(headers: dict[str, str], expected: float) -> None:
    assert body_s(headers_of(**headers)) == pytest.approx(expected, abs=0.01)


def test_what_announces_a_body_has_one() -> None:
    assert has_body(headers_of(Content_Length="1"))
    assert has_body(headers_of(Transfer_Encoding="chunked"))
    assert not has_body(headers_of(Content_Length="0"))
    assert not has_body(headers_of())


class Echo(RequestHandler):
    def post(self) -> None:
        self.finish(self.request.body)


async def until(holds: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(20):
        while not await holds():
            await asyncio.sleep(0.01)


async def test_an_address_gets_its_room_back_when_bodies_come_or_connections_go() -> None:
    proxies = Proxies.of(["127.0.0.1"])
    bodies = Bodies(proxies.trust, Telemetry())
    application = Application([(r"/", Echo)], root="", proxies=proxies, bodies=bodies)
    server = PatientServer(application, many=lambda _: False)
    server.listen(0, "127.0.0.1")
    port = next(iter(server._sockets.values())).getsockname()[1]
    said = "POST / HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: 192.0.2.1\r\nContent-Length: 4\r\n\r\n"
    pairs = [await asyncio.open_connection("127.0.0.1", port) for _ in range(MAX_BODIES)]
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:

        async def status(address: str) -> int:
            return (await client.post("/", content=b"four", headers={"X-Forwarded-For": address})).status_code

        async def refused() -> bool:
            return await status("192.0.2.1") == 503

        async def taken() -> bool:
            return await status("192.0.2.1") == 200

        for _, writer in pairs:
            writer.write(f"{said}ab".encode())
        await until(refused)
        assert await status("192.0.2.2") == 200
        pairs[0][1].write(b"cd")
        assert (await pairs[0][0].readline()) == b"HTTP/1.1 200 OK\r\n"
        await until(taken)
        for _, writer in pairs:
            writer.close()
        await until(taken)
    assert server._silent == {}
    crowd = [await asyncio.open_connection("127.0.0.1", port) for _ in range(MAX_SILENT)]
    async with asyncio.timeout(20):
        while sum(server._silent_of.values()) < MAX_SILENT:
            await asyncio.sleep(0.01)
        reader, late = await asyncio.open_connection("127.0.0.1", port)
        assert await reader.read() == b"", "one more of them is closed at once"
    for _, writer in [*crowd, (reader, late)]:
        writer.close()

    async def gone() -> bool:
        return not server._silent and not server._silent_of

    await until(gone)
    server.stop()
    await server.close_all_connections()
