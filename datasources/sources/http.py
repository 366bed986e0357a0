"""HTTP to data sources: one guarded client with credentials, TLS and limits; foreign errors become ours here."""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

import httpx

from ...storage.errors import HeliographError, InvalidError, SourceError, SourceTimeoutError, SourceUnavailableError
from .network import NetworkGuard, resolve

CONNECT_WITHIN_S: Final = 5.0
KEEP_ALIVE_S: Final = 30.0
MAX_ANSWER_BYTES: Final = 128 * 1024 * 1024
MAX_CONNECTIONS: Final = 20
LOOP_BYTES: Final = 64 * 1024  # what is parsed on the loop itself: under a millisecond
T = TypeVar("T")
OWN_HEADERS: Final = frozenset({"host", "content-length", "transfer-encoding", "connection"})


@dataclass(frozen=True, slots=True)
class Tls:
    """Files of PEM: the authority that signed the server's certificate, and what this client shows of itself."""

    ca: str = ""
    cert: str = ""
    key: str = ""
    insecure: bool = False  # the server's certificate is not checked

    def context(self) -> ssl.SSLContext:
        """Reads the files, so it blocks; InvalidError where they cannot be used."""
        try:
            context = ssl.create_default_context(cafile=self.ca or None)
            if self.insecure:
                context.check_hostname = False
                context.verify_mode = ssl.CERT_NONE
            if self.cert:
                context.load_cert_chain(self.cert, self.key or None, password=_no_password)
        except (OSError, ValueError) as error:
            raise InvalidError(f"the TLS files cannot be used: {error}", path="$.options") from None
        return context


def _no_password() -> str:
    """Without this OpenSSL would ask the terminal for the key's password."""
    raise ValueError("the key is encrypted")


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a source is and how this server shows who it is. A token goes before user and password."""

    url: str
    user: str = ""
    password: str = field(default="", repr=False)
    token: str = field(default="", repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    tls: Tls = Tls()
    provisioned: bool = False

    def __post_init__(self) -> None:
        try:
            url = httpx.URL(self.url)
        except httpx.InvalidURL as error:
            raise InvalidError(f"this is not a URL: {error}", path="$.url") from None
        if url.scheme not in ("http", "https") or not url.host:
            raise InvalidError("the URL of this source starts with http:// or https:// and names a host", path="$.url")
        if url.userinfo:
            raise InvalidError("credentials belong into user and password, not into the URL", path="$.url")
        for name, value in self.headers.items():
            if name.lower() in OWN_HEADERS or not name.isascii() or not f"{name}{value}".isprintable():
                raise InvalidError(f"the header {name!r} cannot be set", path="$.options.headers")

    @property
    def auth(self) -> httpx.Auth | None:
        if self.token or not self.user:
            return None
        return httpx.BasicAuth(self.user, self.password)

    @property
    def all_headers(self) -> dict[str, str]:
        bearer = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        return {"User-Agent": "heliograph", "Accept": "application/json", **self.headers, **bearer}


@dataclass(frozen=True, slots=True)
class Reply:
    """A whole answer of a source."""

    status: int
    headers: httpx.Headers
    body: bytes

    async def json(self) -> Any:
        """The document in it; SourceError where it is none. Large ones are read in a thread."""
        return await self.parsed(json.loads)

    async def parsed(self, parse: Callable[[bytes], T]) -> T:
        """What `parse` makes of the body, in a thread where it is large; SourceError where it cannot read it."""
        try:
            if len(self.body) <= LOOP_BYTES:
                return parse(self.body)
            return await asyncio.to_thread(parse, self.body)
        except (ValueError, KeyError, IndexError, TypeError) as error:
            raise SourceError("the answer is not what was expected: does the URL lead to the source?") from error


# What a source says of a refusal in its own format; None where it says nothing.
Explain = Callable[[Reply], HeliographError | None]


class GuardedTransport(httpx.AsyncBaseTransport):
    """Connects to the very addresses that the guard has judged, whatever the name resolves to a moment later."""

    def __init__(self, inner: httpx.AsyncBaseTransport, guard: NetworkGuard, *, provisioned: bool) -> None:
        self._inner = inner
        self._guard = guard
        self._provisioned = provisioned

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        host = request.url.host
        addresses = await resolve(host)
        if not all(self._guard.permits(address, provisioned=self._provisioned) for address in addresses):
            raise SourceError(f"{host} lies in a network that allowed_networks does not name")
        failure: httpx.TransportError = httpx.ConnectError(f"{host} has no address")
        for address in addresses:
            pinned = httpx.Request(
                request.method,
                request.url.copy_with(host=str(address)),
                headers=request.headers,
                stream=request.stream,
                extensions={**request.extensions, "sni_hostname": host},
            )
            try:
                return await self._inner.handle_async_request(pinned)
            except (httpx.ConnectError, httpx.ConnectTimeout) as error:
                failure = error
        raise failure

    async def aclose(self) -> None:
        await self._inner.aclose()


class HttpClient:
    """Requests to one endpoint. They fail as SourceError, SourceUnavailableError or SourceTimeoutError only.

    `name` is what messages call the source. Cancelling a request closes its connection, so that the source may stop.
    """

    def __init__(
        self,
        name: str,
        endpoint: Endpoint,
        guard: NetworkGuard,
        explain: Explain = lambda _: None,
        *,
        max_bytes: int = MAX_ANSWER_BYTES,
    ) -> None:
        self._name = name
        self._endpoint = endpoint
        self._guard = guard
        self._explain = explain
        self._max_bytes = max_bytes
        self._client: httpx.AsyncClient | None = None
        self._opening = asyncio.Lock()

    async def get(self, path: str, params: Mapping[str, Any], deadline_s: float) -> Reply:
        return await self.request("GET", path, deadline_s, params=params)

    async def post(self, path: str, form: Mapping[str, Any], deadline_s: float) -> Reply:
        return await self.request("POST", path, deadline_s, data=form)

    async def request(self, method: str, path: str, deadline_s: float, **content: Any) -> Reply:
        """One request with httpx's `params`, `data`, `json` or `content`, whole within `deadline_s` seconds."""
        async with self._translated(deadline_s):
            client = await self._opened()
            async with client.stream(method, path.lstrip("/"), **content) as response:
                reply = Reply(response.status_code, response.headers, await self._read(response))
        if reply.status >= 300:
            raise self._explain(reply) or self._refused(reply)
        return reply

    async def close(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()

    @asynccontextmanager
    async def _translated(self, deadline_s: float) -> AsyncIterator[None]:
        try:
            async with asyncio.timeout(deadline_s):
                yield
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            raise SourceUnavailableError(f"{self._name} cannot be reached: {_reason(error)}") from error
        except (TimeoutError, httpx.TimeoutException) as error:
            raise SourceTimeoutError(f"{self._name} did not answer within {deadline_s:g} s") from error
        except httpx.DecodingError as error:
            raise SourceError(f"{self._name} sent an answer that cannot be unpacked") from error
        except httpx.HTTPError as error:
            raise SourceUnavailableError(f"the connection to {self._name} broke: {_reason(error)}") from error

    async def _opened(self) -> httpx.AsyncClient:
        if self._client is not None:
            return self._client
        async with self._opening:
            if self._client is None:
                self._client = await self._open()
            return self._client

    async def _open(self) -> httpx.AsyncClient:
        endpoint = self._endpoint
        secure = endpoint.url.lower().startswith("https:")
        # The bare context trusts nobody: it costs nothing to make, and plain HTTP never asks it.
        context = await asyncio.to_thread(endpoint.tls.context) if secure else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        limits = httpx.Limits(max_connections=MAX_CONNECTIONS, keepalive_expiry=KEEP_ALIVE_S)
        inner = httpx.AsyncHTTPTransport(verify=context, limits=limits, trust_env=False)
        return httpx.AsyncClient(
            base_url=endpoint.url,
            auth=endpoint.auth,
            headers=endpoint.all_headers,
            # The deadline bounds the whole; only an address that does not answer is given up earlier.
            timeout=httpx.Timeout(None, connect=CONNECT_WITHIN_S),
            transport=GuardedTransport(inner, self._guard, provisioned=endpoint.provisioned),
            trust_env=False,
        )

    async def _read(self, response: httpx.Response) -> bytes:
        parts = bytearray()
        async for part in response.aiter_bytes():
            parts += part
            if len(parts) > self._max_bytes:
                raise SourceError(f"{self._name} answered more than {self._max_bytes // 1024 // 1024} MB")
        return bytes(parts)

    def _refused(self, reply: Reply) -> HeliographError:
        status, name = reply.status, self._name
        if status < 400:
            return SourceError(f"{name} redirects to {reply.headers.get('location', 'nowhere')}: set that as its URL")
        if status in (401, 403):
            return SourceError(f"{name} refuses the credentials ({status})")
        if status == 504:
            return SourceTimeoutError(f"{name} took too long ({status})")
        if status in (408, 425, 429) or status >= 500:
            return SourceUnavailableError(f"{name} answers {status}", retry_after_s=_retry_after(reply))
        return SourceError(f"{name} answers {status}: does the URL lead to the source?")


def _retry_after(reply: Reply) -> float | None:
    text = reply.headers.get("retry-after", "")
    return float(text) if text.isdigit() else None


def _reason(error: Exception) -> str:
    """httpx leaves some messages empty."""
    return str(error) or type(error).__name__
