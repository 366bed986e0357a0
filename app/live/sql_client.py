"""Asks the work role of this node for the rows of SQL over answers."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from typing import Any, Final

import httpx

from ...datasources.expressions.asking import NO_SQL
from ...errors import (
    HeliographError,
    OverloadedError,
    RateLimitedError,
    SourceError,
    SourceTimeoutError,
)
from ..http.framed import pack, unpack
from ..process.work_address import WorkAddress
from ..process.work_client import RETRY_AFTER_S, WorkClient

ANSWER_WITHIN_S = 60.0
FAULTS: Final[Mapping[str, type[HeliographError]]] = {
    error.code: error for error in (OverloadedError, RateLimitedError, SourceError, SourceTimeoutError)
}


class SqlClient:
    """`address` is None where no work role was started."""

    def __init__(self, address: WorkAddress | None) -> None:
        self._client = WorkClient(address, answer_within_s=ANSWER_WITHIN_S, does="runs SQL", missing=NO_SQL)

    async def run(self, sql: str, tables: Mapping[str, bytes], who: str) -> bytes:
        """The rows as a stream of Arrow, worked out in the turn of `who`; SourceError, SourceTimeoutError,
        RateLimitedError, OverloadedError, NotInstalledError, WorkUnavailableError."""
        self._client.require()
        head = {"sql": sql, "tables": list(tables)}
        body = await asyncio.to_thread(pack, head, [memoryview(data) for data in tables.values()])
        try:
            answer = await self._client.post("/sql", body, who)
        except TimeoutError:
            raise SourceTimeoutError("the SQL takes longer than it should") from None
        if answer.status_code != httpx.codes.OK:
            raise _fault(answer)
        found, buffers = unpack(answer.content)
        if "error" in found:
            raise FAULTS.get(str(found.get("code")), SourceError)(str(found["error"]))
        return bytes(buffers[0])

    async def close(self) -> None:
        """Give the connections back. Idempotent."""
        await self._client.close()


def _fault(answer: httpx.Response) -> HeliographError:
    """What the work role says of a message that it does not run."""
    try:
        problem: Any = json.loads(answer.content)
        kind = FAULTS.get(problem["code"], SourceError)
        return kind(str(problem["detail"]), retry_after_s=RETRY_AFTER_S if kind.retryable else None)
    except (ValueError, KeyError, TypeError):
        return SourceError("the SQL could not be run; the server's log says why")
