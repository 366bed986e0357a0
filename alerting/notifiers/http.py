"""Posting to a receiver: one address, judged and pinned, a bounded wait, a bounded answer, no redirects."""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import httpx
from pydantic import Field

from ...datasources.sources.connector import USER_AGENT, Connector
from ...datasources.sources.http import Tls, allowed_headers, without_user
from ...errors import HeliographError, InvalidError
from ...storage.config.datasources import StoredSource
from .base import MAX_ANSWER, ContactOptions, NotifyError, Receipt

LONGEST_WAIT_S: Final = 3600.0  # that a receiver may ask for
AGAIN: Final = frozenset({408, 425, 429})  # statuses of requests that are right, but came at a bad time


@dataclass(frozen=True, slots=True)
class Answer:
    """What a receiver answered."""

    status: int
    headers: httpx.Headers
    text: str


class HttpContactOptions(ContactOptions):
    """Options of contact points that are asked over HTTP."""

    headers: dict[str, str] = Field(
        default_factory=dict, max_length=50, description="Extra HTTP headers; their values are stored as secrets."
    )
    user: str = Field(
        "", max_length=200, description="User name for basic authentication; its password is the secret `password`."
    )
    insecure: bool = Field(False, description="Skip verification of the server's certificate.")


class Post:
    """Posts to one URL. InvalidError at construction where it is none."""

    def __init__(self, url: str, connector: Connector, timeout_s: float, *, insecure: bool = False) -> None:
        self._url = parsed_url(url)
        self._connector = connector
        self._timeout_s = timeout_s
        self._tls = Tls(insecure=insecure)

    async def __call__(self, content: bytes, headers: Mapping[str, str], auth: httpx.BasicAuth | None = None) -> Answer:
        """The answer, whatever its status; NotifyError where there is none."""
        host = self._url.host
        try:
            async with asyncio.timeout(self._timeout_s):
                return await self._post(content, headers, auth)
        except HeliographError as error:  # the guard's
            raise NotifyError(error.detail, retryable=error.retryable) from None
        except (TimeoutError, httpx.TimeoutException):
            raise NotifyError(f"{host} did not answer within {self._timeout_s:g} s", retryable=True) from None
        except httpx.ConnectError as error:
            raise NotifyError(f"{host} does not answer: {_reason(error)}", retryable=True) from None
        except httpx.HTTPError as error:
            raise NotifyError(f"the connection to {host} broke: {_reason(error)}", retryable=True) from None

    async def _post(self, content: bytes, headers: Mapping[str, str], auth: httpx.BasicAuth | None) -> Answer:
        secure = self._url.scheme == "https"
        context = await asyncio.to_thread(self._tls.context) if secure else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        transport = self._connector.http(context, httpx.Limits(max_connections=1))
        sent = {"User-Agent": USER_AGENT, "Content-Type": "application/json", **headers}
        async with (
            httpx.AsyncClient(transport=transport, timeout=self._timeout_s, trust_env=False, auth=auth) as client,
            client.stream("POST", self._url, content=content, headers=sent) as response,
        ):
            return Answer(response.status_code, response.headers, await _beginning(response))


async def _beginning(response: httpx.Response) -> str:
    """As much of an answer as is kept; the rest is not read."""
    found = b""
    async for part in response.aiter_raw():
        found += part
        if len(found) >= MAX_ANSWER:
            break
    return found[:MAX_ANSWER].decode("utf-8", "replace")


def parsed_url(url: str) -> httpx.URL:
    """The URL of a receiver; InvalidError where it is none."""
    try:
        parsed = httpx.URL(url)
    except httpx.InvalidURL:
        raise InvalidError("the URL cannot be read", path="$.url") from None
    if parsed.scheme not in ("http", "https") or not parsed.host:
        raise InvalidError("the URL begins with http:// or https://", path="$.url")
    if parsed.userinfo:
        raise InvalidError("a user belongs into the options, a password among the secrets", path="$.url")
    return parsed


def receipt(answer: Answer, host: str) -> Receipt:
    """That a receiver took it; NotifyError where it did not, which says whether to try again."""
    if 200 <= answer.status < 300:
        return Receipt(f"{host} answered {answer.status}", answer.text)
    raise refused(answer, host)


def refused(answer: Answer, host: str) -> NotifyError:
    """The error of an answer that is none."""
    if 300 <= answer.status < 400:
        where = answer.headers.get("location", "elsewhere")[:300]
        return NotifyError(f"{host} redirects to {where}", retryable=False, answer=answer.text)
    again = answer.status in AGAIN or answer.status >= 500
    told = answer.headers.get("retry-after", "")
    wait_s = min(float(told), LONGEST_WAIT_S) if again and told.isdecimal() and told.isascii() else None
    return NotifyError(f"{host} answered {answer.status}", retryable=again, answer=answer.text, wait_s=wait_s)


def _reason(error: httpx.HTTPError) -> str:
    return (str(error) or type(error).__name__)[:300]


Credentials = tuple[str, httpx.BasicAuth | None, dict[str, str]]


def encoded(document: Any) -> bytes:
    """JSON as it goes over the wire."""
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def credentials(
    stored: StoredSource, options: HttpContactOptions
) -> tuple[str, httpx.BasicAuth | None, dict[str, str]]:
    """The URL without its user, basic authentication, and the headers; a bearer token goes before a password."""
    url, user = without_user(stored.url)
    headers = dict(allowed_headers(options.headers))
    token, user = stored.secrets.get("token", ""), options.user or user
    if token:
        headers["Authorization"] = f"Bearer {token}"
    auth = httpx.BasicAuth(user, stored.secrets.get("password", "")) if user and not token else None
    return url, auth, headers
