"""HTTP to data sources: one guarded client with credentials, TLS and limits; foreign errors become ours here."""

from __future__ import annotations

import asyncio
import re
import ssl
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Any, Final, TypeVar
from urllib.parse import unquote

import httpx
from pydantic import Field

from ...declared import Spec
from ...errors import HeliographError, InvalidError, SourceError, SourceTimeoutError, SourceUnavailableError
from ...storage.config.datasources import StoredSource
from .connector import USER_AGENT, Connector
from .reading import Reading, Stopped, bounded_json, never
from .unpacking import ENCODING, LOOP_BYTES, Gathered

CONNECT_WITHIN_S: Final = 5.0
KEEP_ALIVE_S: Final = 30.0
MAX_ANSWER_BYTES: Final = 128 * 1024 * 1024
MAX_CONNECTIONS: Final = 20
LONGEST_WAIT_S: Final = 3600.0  # that a server may ask for
MAX_REFUSAL: Final = 1_000_000  # bytes of a refusal that are looked at for its reason
UNEXPECTED: Final = "the answer is not what was expected: does the URL lead to the source?"
T = TypeVar("T")
HEADER: Final = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
OWN_HEADERS: Final = frozenset({"host", "content-length", "transfer-encoding", "connection"})


@dataclass(frozen=True, slots=True)
class Tls:
    """Files of PEM: the authority that signed the server's certificate, and what this client shows of itself."""

    ca: str = ""
    cert: str = ""
    key: str = ""
    insecure: bool = False  # the server's certificate is not checked

    def context(self) -> ssl.SSLContext:
        """Reads the files, so it blocks; SourceError where they cannot be used."""
        try:
            context = ssl.create_default_context(cafile=self.ca or None)
            if self.insecure:
                context.check_hostname = False
                context.verify_mode = ssl.CERT_NONE
            if self.cert:
                context.load_cert_chain(self.cert, self.key or None, password=_no_password)
        except (OSError, ValueError) as error:
            raise SourceError(f"the TLS files cannot be used: {error}") from None
        return context


def _no_password() -> str:
    """Without this OpenSSL would ask the terminal for the key's password."""
    raise ValueError("the key is encrypted")


@dataclass(frozen=True, slots=True)
class Reply:
    """A whole answer of a source."""

    status_code: int
    headers: httpx.Headers
    content: bytes

    async def json(self) -> Any:
        """The document in it; SourceError where it is none. Large ones are read in a thread."""
        return await self.parsed(bounded_json)

    async def parsed(self, parse: Callable[[bytes], T]) -> T:
        """What `parse` makes of the content, in a thread where it is large; SourceError where it cannot read it."""
        with _expected():
            if len(self.content) <= LOOP_BYTES:
                return parse(self.content)
            return await asyncio.to_thread(parse, self.content)

    async def parsed_in_turn(self, parse: Callable[[bytes, Stopped], T], reading: Reading, who: str) -> T:
        """The same of an answer whose size others decide: a large one is read in the turn of `who`, and no further
        once nobody waits for it."""
        with _expected():
            if len(self.content) <= LOOP_BYTES:
                return parse(self.content, never)
            return await reading.run_stoppable(who, lambda stopped: parse(self.content, stopped))


@contextmanager
def _expected() -> Iterator[None]:
    """SourceError where an answer cannot be read."""
    try:
        yield
    except (ValueError, LookupError, TypeError, AttributeError, OverflowError, RecursionError) as error:
        raise SourceError(UNEXPECTED) from error


class SourceHttp:
    """Asks one server. `name` is what it is called in messages.

    Requests fail as SourceError, SourceUnavailableError or SourceTimeoutError only. Cancelling one closes its
    connection, so that the source may stop.
    """

    def __init__(
        self,
        name: str,
        url: str,
        connector: Connector,
        *,
        user: str = "",
        password: str = "",
        token: str = "",
        headers: Mapping[str, str] | None = None,
        ca_file: str = "",
        cert_file: str = "",
        key_file: str = "",
        insecure: bool = False,
        max_bytes: int = MAX_ANSWER_BYTES,
    ) -> None:
        self._name = name
        self._url = _checked(url, name)
        self._headers = httpx.Headers({"User-Agent": USER_AGENT, "Accept-Encoding": ENCODING})
        self._headers.update(allowed_headers(headers or {}))
        if token:
            self._headers["Authorization"] = f"Bearer {token}"
        basic = user and "Authorization" not in self._headers  # a token or a key says who asks already
        self._auth = httpx.BasicAuth(user, password) if basic else None
        self._tls = Tls(ca_file, cert_file, key_file, insecure)
        self._connector = connector
        self._max_bytes = max_bytes
        self._client: httpx.AsyncClient | None = None
        self._opening = asyncio.Lock()

    async def request(
        self,
        method: str,
        path: str,
        *,
        deadline_s: float,
        data: Mapping[str, Any] | None = None,
        params: Mapping[str, Any] | None = None,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        """The whole answer, whatever its status.

        `path` is below the source's URL, whatever it looks like. `data` goes as a form, or as arguments of a GET;
        `params` as arguments of any method, `content` as the body. `headers` go beside the source's own, which count.
        """
        arguments: dict[str, Any] = {"params": data} if method == "GET" else {"data": data}
        if content is not None:
            arguments = {"params": params, "content": content}
        if headers:
            arguments["headers"] = {name: text for name, text in headers.items() if name not in self._headers}
        async with self._translated(deadline_s):
            client = await self._opened()
            async with client.stream(method, self._below(path), **arguments) as response:
                return Reply(response.status_code, response.headers, await self._read(response))

    @property
    def url(self) -> httpx.URL:
        """Below which it asks; it ends with a slash."""
        return self._url

    def _below(self, path: str) -> httpx.URL:
        """Joined as text: what looks like an address of its own is a path of this server's all the same."""
        return self._url.copy_with(raw_path=self._url.raw_path + path.lstrip("/").encode("ascii"))

    def refused(self, answer: Reply, reason: str = "") -> HeliographError:
        """The error of an answer that is none; `reason` in the source's own words."""
        status, name = answer.status_code, self._name
        if 300 <= status < 400:
            where = answer.headers.get("location", "elsewhere")
            return SourceUnavailableError(f"{name} redirects to {where}: is that its URL?"[:500], retry_after_s=10)
        if status in (401, 403):
            return SourceUnavailableError(f"{name} refuses our credentials", retry_after_s=60)
        text = f"{name} answers with status {status}"
        if status == 504:
            return SourceTimeoutError(reason[:500] or text)
        if status in (408, 425, 429) or status >= 500:
            told = answer.headers.get("retry-after", "")
            wait_s = min(float(told), LONGEST_WAIT_S) if told.isdecimal() and told.isascii() else 10.0
            return SourceUnavailableError(f"{text}: {reason}"[:500] if reason else text, retry_after_s=wait_s)
        return SourceError((reason or text)[:500])

    async def close(self) -> None:
        """Give the connections back; the next question opens new ones."""
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()

    @asynccontextmanager
    async def _translated(self, deadline_s: float) -> AsyncIterator[None]:
        try:
            async with asyncio.timeout(deadline_s):
                yield
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            raise SourceUnavailableError(f"{self._name} does not answer", retry_after_s=10) from error
        except (TimeoutError, httpx.TimeoutException) as error:
            raise SourceTimeoutError(f"{self._name} did not answer within {deadline_s:g} s") from error
        except httpx.HTTPError as error:
            raise SourceUnavailableError(f"the connection to {self._name} broke", retry_after_s=10) from error

    async def _opened(self) -> httpx.AsyncClient:
        """The client, made when it is first needed: reading certificates takes tens of milliseconds."""
        async with self._opening:
            if self._client is None:
                self._client = await self._open()
            return self._client

    async def _open(self) -> httpx.AsyncClient:
        # The bare context trusts nobody: it costs nothing to make, and plain HTTP never asks it.
        secure = self._url.scheme == "https"
        context = await asyncio.to_thread(self._tls.context) if secure else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        limits = httpx.Limits(max_connections=MAX_CONNECTIONS, keepalive_expiry=KEEP_ALIVE_S)
        return httpx.AsyncClient(
            base_url=self._url,
            auth=self._auth,
            headers=self._headers,
            # The deadline bounds the whole; only an address that does not answer is given up earlier.
            timeout=httpx.Timeout(None, connect=CONNECT_WITHIN_S),
            transport=self._connector.http(context, limits),
            trust_env=False,
        )

    async def _read(self, response: httpx.Response) -> bytes:
        try:
            gathered = Gathered(response.headers.get("content-encoding", ""), self._max_bytes)
            async for part in response.aiter_raw():
                if not await gathered.take(part):
                    raise SourceError(f"{self._name} answers more than {self._max_bytes} bytes")
            return await gathered.content()
        except ValueError as error:
            raise SourceError(f"{self._name} sent an answer that cannot be unpacked: {error}") from None


def without_user(url: str) -> tuple[str, str]:
    """The URL without the name of a user, and that name; its password is among the secrets by then."""
    head, slashes, rest = url.partition("://")
    place, slash, path = rest.partition("/")
    user, _, host = place.rpartition("@")
    return f"{head}{slashes}{host}{slash}{path}", unquote(user.partition(":")[0])


class HttpOptions(Spec):
    """What all sources over HTTP have: who asks, and how the server is trusted. Secrets: `password`, `token`."""

    headers: dict[str, str] = Field(
        default_factory=dict,
        max_length=50,
        description="Sent with each request, such as `X-Scope-OrgID`; their values are kept as secrets.",
    )
    user: str = Field("", description="User of basic authentication; its password is the secret `password`.")
    ca_file: str = Field("", description="File of the authority (PEM) that signed the server's certificate.")
    cert_file: str = Field("", description="File of this client's certificate (PEM).")
    key_file: str = Field("", description="File of the key to it (PEM), unless the certificate's file holds it.")
    insecure: bool = Field(False, description="Do not check the server's certificate.")
    max_bytes: int = Field(MAX_ANSWER_BYTES, ge=1000, le=2**30, description="A longer answer, unpacked, is refused.")


def source_http(name: str, stored: StoredSource, options: HttpOptions, connector: Connector) -> SourceHttp:
    """The client of a configured source."""
    url, user = without_user(stored.url)
    return SourceHttp(
        name,
        url,
        connector,
        user=options.user or user,
        password=stored.secrets.get("password", ""),
        token=stored.secrets.get("token", ""),
        headers=options.headers,
        ca_file=options.ca_file,
        cert_file=options.cert_file,
        key_file=options.key_file,
        insecure=options.insecure,
        max_bytes=options.max_bytes,
    )


def _checked(url: str, name: str) -> httpx.URL:
    try:
        parsed = httpx.URL(url.rstrip("/") + "/")
    except httpx.InvalidURL:  # what it says of it may be a part of a password
        raise InvalidError(f"the URL of a {name} source cannot be read", path="$.url") from None
    if parsed.scheme not in ("http", "https") or not parsed.host:
        raise InvalidError(f"the URL of a {name} source begins with http:// or https://", path="$.url")
    if parsed.query or parsed.fragment:
        raise InvalidError(f"the URL of a {name} source has no arguments", path="$.url")
    if parsed.userinfo:
        raise InvalidError("credentials belong into user and password, not into the URL", path="$.url")
    return parsed


def allowed_headers(headers: Mapping[str, str]) -> Mapping[str, str]:
    """Headers that a person set; the connection's own are not theirs."""
    for header, value in headers.items():
        if HEADER.fullmatch(header) is None or header.lower() in OWN_HEADERS or not (value.isascii() and _plain(value)):
            raise InvalidError(f"the header {header!r} cannot be set", path="$.options.headers")
    return headers


def _plain(value: str) -> bool:
    return not value or value.isprintable()
