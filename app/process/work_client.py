"""How the view role asks the work role of its node: over loopback, with the secret that both know."""

from __future__ import annotations

import ssl

import httpx

from .work_address import SECRET_HEADER, WorkAddress

CONNECT_WITHIN_S = 2.0


class WorkClient:
    """Opened with the first question. Errors are httpx's: who asks says what they mean for what was asked."""

    def __init__(self, address: WorkAddress, answer_within_s: float) -> None:
        self._address = address
        self._timeout = httpx.Timeout(answer_within_s, connect=CONNECT_WITHIN_S)
        self._client: httpx.AsyncClient | None = None

    async def post(self, path: str, body: bytes) -> httpx.Response:
        """The answer of whatever status; httpx.TimeoutException, or another httpx.HTTPError where nobody answers."""
        if self._client is None:
            self._client = httpx.AsyncClient(
                base_url=self._address.url,
                timeout=self._timeout,
                headers={SECRET_HEADER: self._address.secret},
                trust_env=False,
                # On loopback there are no certificates: loading those that are trusted would hold the loop up.
                verify=ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT),
            )
        return await self._client.post(path, content=body)

    async def close(self) -> None:
        """Give the connections back. Idempotent."""
        if self._client is not None:
            await self._client.aclose()
            self._client = None
