"""The API of this node's view role, as private sessions ask it in the name of their person."""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import Mapping
from typing import Any

import httpx

from ...errors import HeliographError, SourceUnavailableError
from ..auth.session_ticket import SCHEME
from ..process.work_address import SECRET_HEADER

ANSWER_WITHIN_S = 60.0
CONNECT_WITHIN_S = 3.0
REF = "A"
LOOP_BYTES = 2**18  # of an answer that is read on the loop, which all sessions share
AWAY = "Heliograph itself does not answer at this moment"


class ProblemError(HeliographError):
    """What the API answered instead of what was asked: a title, and a sentence that says more."""

    def __init__(self, title: str, detail: str) -> None:
        super().__init__(detail)
        self.heading = title

    @classmethod
    def of_document(cls, problem: Mapping[str, Any]) -> ProblemError:
        """Of an answer of type `application/problem+json`."""
        return cls(str(problem.get("title", "")), told(problem))


class Api:
    """One client of the API at `url`; each call names the ticket of its person."""

    def __init__(self, url: str, secret: str) -> None:
        self._url = url
        self._secret = secret
        self._client: httpx.AsyncClient | None = None

    async def sources(self, ticket: str) -> list[dict[str, Any]]:
        """The data sources of the person's org; ProblemError."""
        items = (await self._ask(ticket, "GET", "/api/v1/datasources"))["items"]
        return list(items)

    async def query(self, ticket: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """The answer to one query of `POST /api/v1/query`, its series with their names; ProblemError."""
        document = await self._ask(ticket, "POST", "/api/v1/query", {"queries": [{**body, "ref": REF}]})
        answer = dict(document["results"][REF])
        if "error" in answer:
            raise ProblemError.of_document(answer["error"])
        return answer

    async def _ask(self, ticket: str, method: str, path: str, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
        headers = {"Authorization": f"{SCHEME} {ticket}", SECRET_HEADER: self._secret}
        try:
            answer = await self._opened().request(method, path, json=body, headers=headers)
            large = len(answer.content) > LOOP_BYTES
            document = await asyncio.to_thread(json.loads, answer.content) if large else json.loads(answer.content)
        except (httpx.HTTPError, ValueError):
            raise ProblemError(SourceUnavailableError.title, AWAY) from None
        if answer.status_code != httpx.codes.OK:
            raise ProblemError.of_document(document)
        return dict(document)

    def _opened(self) -> httpx.AsyncClient:
        if self._client is None:
            timeout = httpx.Timeout(ANSWER_WITHIN_S, connect=CONNECT_WITHIN_S)
            # On loopback there are no certificates to trust.
            nothing = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            self._client = httpx.AsyncClient(base_url=self._url, timeout=timeout, trust_env=False, verify=nothing)
        return self._client

    async def close(self) -> None:
        """Give the connections back. Idempotent."""
        if self._client is not None:
            await self._client.aclose()
            self._client = None


def told(problem: Mapping[str, Any]) -> str:
    """The detail of a problem, with the place in the request where it names one."""
    detail, path = str(problem.get("detail", "")), problem.get("path")
    return f"{detail} ({path})" if path else detail
