"""One HTTP client for sources: base URL, credentials, time limits; httpx's errors made ours in this one place."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from typing import Any

import httpx

from ...storage.errors import HeliographError, InvalidError, SourceError, SourceTimeoutError, SourceUnavailableError

CONNECT_S = 5.0
MAX_CONNECTIONS = 20


class SourceHttp:
    """Asks one server. `name` is what it is called in messages."""

    def __init__(
        self,
        name: str,
        url: str,
        *,
        user: str = "",
        password: str = "",
        token: str = "",
        headers: Mapping[str, str] | None = None,
        ca_file: str = "",
    ) -> None:
        if not url.startswith(("http://", "https://")):
            raise InvalidError(f"the URL of a {name} source begins with http:// or https://", path="$.url")
        self._name = name
        own = dict(headers or {})
        if token:
            own["Authorization"] = f"Bearer {token}"
        self._client = httpx.AsyncClient(
            base_url=url.rstrip("/") + "/",
            headers=own,
            auth=httpx.BasicAuth(user, password) if user else None,
            verify=_trust(ca_file),
            follow_redirects=False,
            limits=httpx.Limits(max_connections=MAX_CONNECTIONS),
        )

    async def request(
        self, method: str, path: str, *, deadline_s: float, data: Mapping[str, Any] | None = None
    ) -> httpx.Response:
        """The answer, whatever its status; `data` goes as a form, or as arguments of a GET."""
        arguments = {"params": data} if method == "GET" else {"data": data}
        timeout = httpx.Timeout(deadline_s, connect=min(CONNECT_S, deadline_s))
        try:
            return await self._client.request(method, path.lstrip("/"), timeout=timeout, **arguments)  # type: ignore[arg-type]
        except httpx.TimeoutException as error:
            raise self._late(error, deadline_s) from error
        except httpx.TransportError as error:
            raise SourceUnavailableError(f"{self._name} does not answer", retry_after_s=10) from error

    def refused(self, answer: httpx.Response, reason: str = "") -> HeliographError:
        """The error of an answer that is none."""
        if answer.status_code in (401, 403):
            return SourceUnavailableError(f"{self._name} refuses our credentials", retry_after_s=60)
        if answer.status_code >= 500 or answer.status_code == 429 or 300 <= answer.status_code < 400:
            text = f"{self._name} answers with status {answer.status_code}"
            return SourceUnavailableError(f"{text}: {reason}"[:500] if reason else text, retry_after_s=10)
        return SourceError((reason or f"{self._name} answers with status {answer.status_code}")[:500])

    async def close(self) -> None:
        await self._client.aclose()

    def _late(self, error: httpx.TimeoutException, deadline_s: float) -> HeliographError:
        if isinstance(error, httpx.ConnectTimeout):
            return SourceUnavailableError(f"{self._name} does not answer", retry_after_s=10)
        return SourceTimeoutError(f"{self._name} did not answer within {deadline_s:g} s")


def _trust(ca_file: str) -> ssl.SSLContext | bool:
    if not ca_file:
        return True
    try:
        return ssl.create_default_context(cafile=ca_file)
    except (OSError, ssl.SSLError) as error:
        raise InvalidError(f"ca_file: {error}", path="$.options.ca_file") from None
