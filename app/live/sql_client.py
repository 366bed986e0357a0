"""Asks the work role of this node for the rows of SQL over answers."""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import Mapping
from typing import Any, Final

import httpx

from ...datasources.expressions.asking import NO_SQL
from ...errors import (
    HeliographError,
    NotInstalledError,
    OverloadedError,
    SourceError,
    SourceTimeoutError,
    WorkUnavailableError,
)
from ..http.framed import pack, unpack
from ..process.work_address import SECRET_HEADER, WorkAddress

ANSWER_WITHIN_S = 60.0
CONNECT_WITHIN_S = 2.0
RETRY_AFTER_S = 3.0
FAULTS: Final[Mapping[str, type[HeliographError]]] = {
    error.code: error for error in (OverloadedError, SourceError, SourceTimeoutError)
}


class SqlClient:
    """One client of the work role. `address` is None where no such role was started."""

    def __init__(self, address: WorkAddress | None) -> None:
        self._address = address
        self._client: httpx.AsyncClient | None = None

    async def run(self, sql: str, tables: Mapping[str, bytes]) -> bytes:
        """The rows as a stream of Arrow; SourceError, SourceTimeoutError, NotInstalledError, WorkUnavailableError."""
        if self._address is None:
            raise NotInstalledError(NO_SQL)
        head = {"sql": sql, "tables": list(tables)}
        body = await asyncio.to_thread(pack, head, [memoryview(data) for data in tables.values()])
        try:
            answer = await self._opened(self._address).post("/sql", content=body)
        except httpx.TimeoutException:
            raise SourceTimeoutError("the SQL takes longer than it should") from None
        except httpx.HTTPError:
            raise WorkUnavailableError("the process that runs SQL is starting", retry_after_s=RETRY_AFTER_S) from None
        if answer.status_code != httpx.codes.OK:
            raise _fault(answer)
        found, buffers = unpack(answer.content)
        if "error" in found:
            raise FAULTS.get(str(found.get("code")), SourceError)(str(found["error"]))
        return bytes(buffers[0])

    def _opened(self, address: WorkAddress) -> httpx.AsyncClient:
        if self._client is None:
            # On loopback there are no certificates to trust.
            self._client = httpx.AsyncClient(
                base_url=address.url,
                timeout=httpx.Timeout(ANSWER_WITHIN_S, connect=CONNECT_WITHIN_S),
                headers={SECRET_HEADER: address.secret},
                trust_env=False,
                verify=ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT),
            )
        return self._client

    async def close(self) -> None:
        if self._client is not None:
            await self._client.aclose()
            self._client = None


def _fault(answer: httpx.Response) -> HeliographError:
    """What the work role says of a message that it does not run."""
    if answer.status_code == NotInstalledError.status:
        return NotInstalledError(NO_SQL)
    try:
        problem: Any = json.loads(answer.content)
        return FAULTS.get(problem["code"], SourceError)(str(problem["detail"]))
    except (ValueError, KeyError, TypeError):
        return SourceError("the SQL could not be run; the server's log says why")
