"""The HTTP client of sources, against small real servers: credentials, TLS, limits, and where it may not go."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import random
import ssl
import threading
import tracemalloc
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from fixtures.certificates import certificate
from fixtures.contexts import LOOPBACK, connector_of, context_of

from heliograph.datasources.sources.base import SourceQuery
from heliograph.datasources.sources.http import SourceHttp
from heliograph.datasources.sources.prometheus import PrometheusSource
from heliograph.datasources.sources.unpacking import LOOP_BYTES, Gathered
from heliograph.datasources.timerange import TimeRange
from heliograph.errors import InvalidError, SourceError, SourceTimeoutError, SourceUnavailableError
from heliograph.scope import Role, Scope
from heliograph.storage.config.datasources import StoredSource

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
CLOSED_WITHIN_S = 10


@dataclass
class Server:
    """What a server on a free port was asked; `hung_up` is set when its caller closes."""

    port: int = 0
    requests: list[str] = field(default_factory=list)
    hung_up: asyncio.Event = field(default_factory=asyncio.Event)
    handlers: set[asyncio.Task[Any]] = field(default_factory=set)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@asynccontextmanager
async def serving(answer: bytes, tls: ssl.SSLContext | None = None) -> AsyncIterator[Server]:
    """A server that answers each request with these bytes; with none it never answers."""
    seen = Server()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.handlers.add(asyncio.current_task())  # type: ignore[arg-type]
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                seen.requests.append(head.decode("latin-1"))
                if answer:
                    writer.write(answer)
                    await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            seen.hung_up.set()
        finally:
            writer.close()
            with contextlib.suppress(ConnectionError, ssl.SSLError):
                await writer.wait_closed()

    server = await asyncio.start_server(handle, "127.0.0.1", 0, ssl=tls)
    seen.port = server.sockets[0].getsockname()[1]
    try:
        yield seen
        if seen.handlers:  # they end when their callers hang up
            await asyncio.wait_for(asyncio.gather(*seen.handlers), CLOSED_WITHIN_S)
    finally:
        server.close()
        await server.wait_closed()


@asynccontextmanager
async def asking(
    url: str, allowed: Sequence[str] = LOOPBACK, *, provisioned: bool = False, **options: Any
) -> AsyncIterator[Callable[..., Awaitable[Any]]]:
    http = SourceHttp("The source", url, connector_of(allowed, provisioned=provisioned), **options)

    async def get(deadline_s: float = 10, path: str = "x") -> Any:
        return await http.request("GET", path, deadline_s=deadline_s)

    try:
        yield get
    finally:
        await http.close()


async def test_user_and_password_headers_and_the_urls_path_are_sent() -> None:
    async with serving(OK) as server:
        options: dict[str, Any] = {"user": "ann", "password": "pw", "headers": {"X-Scope-OrgID": "7"}}
        async with asking(f"{server.url}/prom/", **options) as get:
            assert await (await get(path="api/v1/query")).json() == {}
        head = server.requests[0]
        assert head.startswith("GET /prom/api/v1/query HTTP/1.1\r\n")
        assert "Authorization: Basic YW5uOnB3\r\n" in head
        assert "X-Scope-OrgID: 7\r\n" in head
        assert f"Host: 127.0.0.1:{server.port}\r\n" in head


async def test_a_token_goes_before_user_and_password() -> None:
    async with serving(OK) as server:
        async with asking(server.url, user="ann", password="pw", token="secret") as get:
            await get()
        assert "Authorization: Bearer secret\r\n" in server.requests[0]
        assert "Basic" not in server.requests[0]


async def test_the_host_of_the_url_is_asked_for_at_the_address_that_was_checked() -> None:
    async with serving(OK) as server:
        async with asking(f"http://localhost:{server.port}") as get:
            await get()
        assert f"Host: localhost:{server.port}\r\n" in server.requests[0]


@pytest.mark.parametrize("allowed", [(), ("0.0.0.0/0", "::/0")])
@pytest.mark.parametrize("host", ["169.254.169.254", "[fd00:ec2::254]", "[::ffff:169.254.169.254]"])
async def test_metadata_addresses_are_never_asked(host: str, allowed: tuple[str, ...]) -> None:
    async with asking(f"http://{host}/", allowed, provisioned=True) as get:
        with pytest.raises(SourceError, match="allowed_networks"):
            await get()


async def test_private_networks_are_asked_only_where_they_are_allowed() -> None:
    async with serving(OK) as server:
        for allowed, provisioned, reached in (
            ((), False, False),
            (("10.0.0.0/8",), False, False),
            (LOOPBACK, False, True),
            ((), True, True),
        ):
            async with asking(server.url, allowed, provisioned=provisioned) as get:
                if reached:
                    assert (await get()).status_code == 200
                else:
                    with pytest.raises(SourceError, match="allowed_networks"):
                        await get()
        assert len(server.requests) == 2


async def test_a_server_that_never_answers_is_a_timeout_and_is_hung_up_on() -> None:
    async with serving(b"") as server, asking(server.url) as get:
        with pytest.raises(SourceTimeoutError, match=r"within 0\.2 s"):
            await get(deadline_s=0.2)
        await asyncio.wait_for(server.hung_up.wait(), CLOSED_WITHIN_S)


async def test_the_deadline_holds_for_an_answer_that_trickles() -> None:
    async with serving(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{") as server, asking(server.url) as get:
        with pytest.raises(SourceTimeoutError):
            await get(deadline_s=0.2)


async def test_cancelling_closes_the_request() -> None:
    async with serving(b"") as server, asking(server.url) as get:
        task = asyncio.ensure_future(get())
        while not server.requests:
            await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await asyncio.wait_for(server.hung_up.wait(), CLOSED_WITHIN_S)


async def test_nobody_at_the_address_is_unavailable() -> None:
    async with serving(OK) as server:
        pass
    async with asking(server.url) as get:
        with pytest.raises(SourceUnavailableError):
            await get()


async def test_a_connection_that_breaks_is_unavailable() -> None:
    async with serving(b"no HTTP at all\r\n\r\n") as server, asking(server.url) as get:
        with pytest.raises(SourceUnavailableError):
            await get()


async def test_more_than_the_limit_is_refused() -> None:
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n" + b"x" * 5000
    async with serving(answer) as server, asking(server.url, max_bytes=1000) as get:
        with pytest.raises(SourceError, match="1000 bytes"):
            await get()


def packed(body: bytes, encoding: str = "gzip") -> bytes:
    head = f"HTTP/1.1 200 OK\r\nContent-Encoding: {encoding}\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


@pytest.mark.parametrize("size", [0, 10, 100_000, 3_000_000])
@pytest.mark.parametrize("encoding", ["gzip", "X-GZIP"])
async def test_a_packed_answer_is_unpacked(size: int, encoding: str) -> None:
    content = random.Random(size).randbytes(size // 2) + bytes(size // 2)
    async with serving(packed(gzip.compress(content), encoding)) as server, asking(server.url) as get:
        assert (await get()).content == content
        assert "accept-encoding: gzip\r\n" in server.requests[0].lower()


async def test_a_packed_answer_without_a_body_is_empty() -> None:
    async with serving(packed(b"")) as server, asking(server.url) as get:
        assert (await get()).content == b""


async def test_no_more_of_a_packed_answer_is_unpacked_than_the_limit() -> None:
    packer = zlib.compressobj(wbits=zlib.MAX_WBITS | 16)
    bomb = b"".join(packer.compress(bytes(1_000_000)) for _ in range(300)) + packer.flush()
    async with serving(packed(bomb)) as server, asking(server.url, max_bytes=1_000_000) as get:
        tracemalloc.start()
        try:
            with pytest.raises(SourceError, match="more than 1000000 bytes"):
                await get()
            assert tracemalloc.get_traced_memory()[1] < 10_000_000
        finally:
            tracemalloc.stop()


async def test_the_loop_unpacks_little_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    here: list[int] = []
    there: list[int] = []
    unpack = Gathered._unpacked

    def counted(self: Gathered, part: bytes, most: int) -> bytes:
        made = unpack(self, part, most)
        (here if threading.current_thread() is threading.main_thread() else there).append(len(made))
        return made

    monkeypatch.setattr(Gathered, "_unpacked", counted)
    async with serving(packed(gzip.compress(bytes(20_000_000)))) as server, asking(server.url) as get:
        assert len((await get()).content) == 20_000_000
    assert max(here) <= LOOP_BYTES
    assert sum(here) + sum(there) == 20_000_000


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (packed(gzip.compress(b"{}" * 1000, mtime=0)[:-9]), "the end is missing"),
        (packed(b"{}"), "cannot be unpacked"),
        (packed(b"{}", "br"), "'br'"),
        (packed(b"{}", "gzip, gzip"), "'gzip, gzip'"),
    ],
)
async def test_an_answer_that_cannot_be_unpacked_is_refused(answer: bytes, said: str) -> None:
    async with serving(answer) as server, asking(server.url) as get:
        with pytest.raises(SourceError, match=said):
            await get()


async def test_what_is_no_json_is_refused() -> None:
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n<html>"
    async with serving(answer) as server, asking(server.url) as get:
        with pytest.raises(SourceError, match="URL"):
            await (await get()).json()


@pytest.mark.parametrize(
    "result",
    [
        '[{"metric": null, "values": "x"}]',
        '[{"metric": [], "values": [[1, "2"]]}]',
        '[{"metric": {}, "values": [["a", "b"]]}]',
        '[{"metric": {}, "values": [1]}]',
        "[null]",
        '{"a": 1}',
        "7",
    ],
)
async def test_an_answer_of_another_shape_is_refused(result: str) -> None:
    body = f'{{"status": "success", "data": {{"resultType": "matrix", "result": {result}}}}}'.encode()
    query = SourceQuery(
        "up", range=TimeRange(0, 10_000), step_s=1, max_points=10, scope=Scope(1, Role.EDITOR), query_id="q"
    )
    async with serving(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)) as server:
        stored = StoredSource("p", "P", "prometheus", server.url, {"http_method": "GET"})
        source = PrometheusSource(stored, context_of(stored))
        try:
            with pytest.raises(SourceError, match="not what was expected"):
                await source.query(query)
        finally:
            await source.close()


@pytest.mark.parametrize(
    ("status", "headers", "error", "said"),
    [
        ("302 Found", "Location: /login\r\n", SourceUnavailableError, "/login"),
        ("401 Unauthorized", "", SourceUnavailableError, "credentials"),
        ("404 Not Found", "", SourceError, "404"),
        ("429 Too Many Requests", "Retry-After: 7\r\n", SourceUnavailableError, "429"),
        ("502 Bad Gateway", "", SourceUnavailableError, "502"),
        ("504 Gateway Timeout", "", SourceTimeoutError, "504"),
    ],
)
async def test_refusals_are_ours(status: str, headers: str, error: type[SourceError], said: str) -> None:
    answer = f"HTTP/1.1 {status}\r\n{headers}Content-Length: 0\r\n\r\n".encode()
    async with serving(answer) as server:
        http = SourceHttp("The source", server.url, connector_of())
        refusal = http.refused(await http.request("GET", "x", deadline_s=10))
        await http.close()
    assert type(refusal) is error
    assert said in refusal.detail
    if "Retry-After" in headers:
        assert refusal.retry_after_s == 7


@pytest.mark.parametrize(
    ("url", "options"),
    [
        ("file:///etc/passwd", {}),
        ("localhost:9090", {}),
        ("http://", {}),
        ("http://ann:pw@localhost", {}),
        ("http://localhost/?api_key=pw", {}),
        ("http://localhost:pw", {}),
        ("http://localhost", {"headers": {"Host": "elsewhere"}}),
        ("http://localhost", {"headers": {"X-A": "1\r\nX-B: 2"}}),
        ("http://localhost", {"headers": {"X A": "1"}}),
    ],
)
def test_an_endpoint_that_cannot_be_is_refused_without_its_secret(url: str, options: dict[str, Any]) -> None:
    with pytest.raises(InvalidError) as caught:
        SourceHttp("The source", url, connector_of(), **options)
    assert "pw" not in caught.value.detail


async def test_tls_is_checked_against_the_authority_and_shows_the_clients_certificate(tmp_path: Path) -> None:
    server_cert, server_key = certificate(tmp_path, "server")
    client_cert, client_key = certificate(tmp_path, "client")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(server_cert, server_key)
    context.load_verify_locations(client_cert)
    context.verify_mode = ssl.CERT_REQUIRED
    shown: dict[str, Any] = {"ca_file": server_cert, "cert_file": client_cert, "key_file": client_key}
    async with serving(OK, context) as server:
        url = f"https://localhost:{server.port}"
        async with asking(url, **shown) as get:
            assert (await get()).status_code == 200
        async with asking(url, **{**shown, "ca_file": ""}, insecure=True) as get:
            assert (await get()).status_code == 200
        for lacking in ("ca_file", "cert_file"):
            async with asking(url, **{**shown, lacking: ""}) as get:
                with pytest.raises(SourceUnavailableError):
                    await get()


async def test_a_tls_file_that_is_none_is_said() -> None:
    async with asking("https://127.0.0.1:1", ca_file="/nowhere/ca.pem") as get:
        with pytest.raises(SourceError, match="TLS"):
            await get()
