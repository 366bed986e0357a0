"""ClickHouse's HTTP protocol as a source speaks it: SQL there, Arrow back, its refusals as our errors.

The drivers of ClickHouse choose themselves where they connect, take proxies from the environment and tell servers about
the machine that they run on; the protocol is a request, so it goes by the client of all HTTP sources.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import pyarrow as pa

from ...errors import HeliographError, SourceError, SourceTimeoutError
from ...storage.metrics.client import readable
from .http import Reply, SourceHttp

TIMED_OUT: Final = frozenset({"159", "160", "209"})
REFUSED: Final = frozenset({"192", "193", "194", "516"})  # unknown user, wrong password, no password, not authenticated
AS_TEXTS: Final = {"output_format_arrow_string_as_string": 1}
ON_ONE_THREAD: Final = pa.ipc.IpcReadOptions(use_threads=False)  # they are columns of kilobytes, as a rule
GRACE_S: Final = 1.0  # the server stops a query itself, and says so better


class ClickHouseHttp:
    """One server. Errors are SourceError, SourceUnavailableError and SourceTimeoutError; cancelling stops the query."""

    def __init__(self, http: SourceHttp) -> None:
        self._http = http

    async def query(self, sql: str, *, settings: Mapping[str, Any], deadline_s: float, query_id: str = "") -> pa.Table:
        """The rows of one SELECT, all of them or none."""
        arguments = {**AS_TEXTS, "wait_end_of_query": 1, **settings, **({"query_id": query_id} if query_id else {})}
        reply = await self._http.request(
            "POST",
            "",
            params=arguments,
            content=f"{sql}\nFORMAT ArrowStream".encode(),
            deadline_s=deadline_s + GRACE_S,
        )
        if reply.status_code != 200 or "x-clickhouse-exception-code" in reply.headers:
            raise self._refused(reply, deadline_s, sql)
        return await reply.parsed(_table)

    async def close(self) -> None:
        """Give the connections back. Idempotent."""
        await self._http.close()

    def _refused(self, reply: Reply, deadline_s: float, sql: str) -> HeliographError:
        """The error of a refusal, in ClickHouse's words where they are such; of another server's none is shown."""
        code = reply.headers.get("x-clickhouse-exception-code", "")
        if code in TIMED_OUT:
            return SourceTimeoutError(f"ClickHouse stopped the query after {deadline_s:g} s")
        if code in REFUSED or not code:
            return self._http.refused(reply)
        return SourceError(readable(reply.content[:10_000].decode("utf-8", "replace"), sql))


def _table(body: bytes) -> pa.Table:
    if not body:
        return pa.table({})
    try:
        return pa.ipc.open_stream(body, options=ON_ONE_THREAD).read_all()
    except pa.ArrowInvalid as error:
        raise ValueError(str(error)) from None
