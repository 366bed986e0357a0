"""Our client of the metric store, embedded or a ClickHouse server: Arrow in and out, foreign errors made ours."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Final
from urllib.parse import unquote, urlsplit

import aiohttp
import clickhouse_connect
import pyarrow as pa
from clickhouse_connect import common
from clickhouse_connect.driver.asyncclient import AsyncClient
from clickhouse_connect.driver.exceptions import ClickHouseError, DatabaseError, OperationalError
from clickhouse_connect.driver.tzutil import is_utc_timezone

from ...errors import OverloadedError, SettingsError, SourceError, SourceTimeoutError, SourceUnavailableError
from ...pathless import pathless

TIMEOUT_CODES = ("159", "160", "209")
CONNECT_S = 5
AS_TEXT: Final = {"output_format_arrow_string_as_string": 1}
BYTES_ON_LOOP = 256 * 2**10  # an answer of more is read in a thread
PERSON_HEADER = "X-Heliograph-Person"
DRIVERS_ADDRESS = re.compile(r" \(for url [^)]*\)")
NETWORK = "Network Error"  # how the driver's message begins where it did not reach the server

common.set_setting("send_integration_tags", False)  # else it looks for a library's version at each insert


class MetricClient:
    """One async client of the store at `url` (`http://user:password@host:port/`)."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise SettingsError("metrics_url: an http:// or https:// URL of a ClickHouse server")
        self._address: dict[str, Any] = {
            "host": parts.hostname,
            "port": parts.port or (8443 if parts.scheme == "https" else 8123),
            "username": unquote(parts.username or "default"),
            "password": unquote(parts.password or ""),
            "secure": parts.scheme == "https",
        }
        self._client: AsyncClient | None = None
        self._connecting = asyncio.Lock()

    async def query(
        self,
        sql: str,
        *,
        parameters: Mapping[str, Any] | None = None,
        settings: Mapping[str, Any] | None = None,
        query_id: str = "",
        person: str = "",
    ) -> pa.Table:
        """The rows of one SELECT as an Arrow table; text columns are strings.

        `person`: who wrote it, or whose question it is. The embedded store judges it itself and limits each person's.
        """
        with translated(sql):
            client = await self._connected()
            options = {**(settings or {}), **({"query_id": query_id} if query_id else {})}
            marks = {PERSON_HEADER: person} if person else None
            # As bytes: `query_arrow` streams through a thread, which takes twice the CPU.
            body = await client.raw_query(
                sql, dict(parameters or {}), {**AS_TEXT, **options}, fmt="ArrowStream", transport_settings=marks
            )
            return await asyncio.to_thread(table_of, body) if len(body) > BYTES_ON_LOOP else table_of(body)

    async def insert(self, table: str, rows: pa.Table, *, token: str = "") -> None:
        """Insert rows once: a second insert under the same `token` is taken and changes nothing."""
        settings = {"insert_deduplicate": 1, "deduplicate_blocks_in_dependent_materialized_views": 1}
        with translated():
            client = await self._connected()
            await client.insert_arrow(
                table, rows, settings={**settings, **({"insert_deduplication_token": token} if token else {})}
            )

    async def command(self, sql: str) -> None:
        """Run a statement that answers no rows; SourceError, SourceTimeoutError, SourceUnavailableError."""
        with translated():
            client = await self._connected()
            await client.command(sql)

    async def kill(self, query_id: str) -> None:
        """Stop the query of that id, if it still runs."""
        await self.command(f"KILL QUERY WHERE query_id = '{query_id}' ASYNC")

    async def close(self) -> None:
        """Give the connections back. Idempotent."""
        if self._client is not None:
            await self._client.close()
            self._client = None

    async def _connected(self) -> AsyncClient:
        async with self._connecting:
            if self._client is None:
                self._client = await clickhouse_connect.get_async_client(
                    **self._address,
                    compress=False,
                    autogenerate_session_id=False,
                    connect_timeout=CONNECT_S,
                    send_receive_timeout=60,
                    headers={
                        "User-Agent": "Heliograph"
                    },  # the driver's own tells the system's user and Python's version
                )
            return self._client


def table_of(body: bytes) -> pa.Table:
    """An answer in Arrow's stream format; instants in UTC have no zone, those of other zones keep theirs."""
    try:
        table = pa.ipc.open_stream(body).read_all()
    except pa.ArrowInvalid as error:  # the server failed after its answer had begun
        raise SourceError(readable(body[-2000:].decode("utf-8", "replace"))) from error
    columns = [
        field.with_type(pa.timestamp(field.type.unit))
        if pa.types.is_timestamp(field.type) and is_utc_timezone(field.type.tz)
        else field
        for field in table.schema
    ]
    schema = pa.schema(columns)
    return table if schema.equals(table.schema) else table.cast(schema)


class translated:  # noqa: N801 - reads as a statement: `with translated():`
    """The one place that knows the driver's errors."""

    def __init__(self, own: str = "") -> None:
        self._own = own

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        text = str(error)
        if isinstance(error, OperationalError) and NETWORK in text:
            raise SourceUnavailableError("the metric store does not answer", retry_after_s=5) from error
        if isinstance(error, DatabaseError):
            if "Code: 202." in text or "code 202" in text:
                raise OverloadedError(readable(text), retry_after_s=5) from error
            if any(f"Code: {code}." in text or f"code {code}" in text for code in TIMEOUT_CODES):
                raise SourceTimeoutError("the store stopped the query at its deadline") from error
            raise SourceError(readable(text, self._own)) from error
        if isinstance(error, (ClickHouseError, aiohttp.ClientError, OSError, TimeoutError)):
            raise SourceUnavailableError("the metric store does not answer", retry_after_s=5) from error


def readable(text: str, own: str = "") -> str:
    """ClickHouse's message without what only its developers need, without our address of it, and without its paths,
    but for those that the statement `own` names."""
    text = text.rsplit("DB::Exception:", maxsplit=1)[-1] if "DB::Exception:" in text else text
    text = DRIVERS_ADDRESS.sub("", text)
    return pathless(text.split(" (version ")[0].split("\n")[0].strip(), own)[:500]
