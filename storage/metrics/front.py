"""The part of ClickHouse's HTTP protocol that clickhouse-connect speaks, over the embedded engine, on loopback."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hmac
import json
import re
from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from functools import partial
from typing import Any, cast

import cramjam
from tornado import web
from tornado.iostream import StreamClosedError

from ...errors import OverloadedError, RateLimitedError
from .client import PERSON_HEADER
from .engine import INSERT, Engine, EngineError, Outcome
from .lanes import Lanes, people_settings

MAX_BODY_BYTES = 2**30
# Arguments of the protocol itself; all others are settings of the query.
PROTOCOL = frozenset({
    "query", "query_id", "database", "default_format", "session_id", "session_timeout", "session_check",
    "compress", "decompress", "enable_http_compression", "client_protocol_version", "wait_end_of_query",
    "send_progress_in_http_headers", "http_headers_progress_interval_ms", "http_write_exception_in_output_format",
    "role", "user", "password", "quota_key", "cancel_http_readonly_queries_on_client_close",
})  # fmt: skip
# An INSERT with its data behind it: what is after the format's line is not text.
INSERT_HEAD = re.compile(rb"\s*(INSERT\s+INTO\s[^\n]{1,65536}?\bFORMAT\s+\w+)[ \t\r]*\n", re.IGNORECASE)
KILL = re.compile(
    r"^\s*KILL\s+QUERY\s+WHERE\s+query_id\s*=\s*'([A-Za-z0-9_.:-]{1,128})'\s*(?:SYNC|ASYNC)?\s*$", re.IGNORECASE
)
CODECS = {
    "gzip": cramjam.gzip,
    "deflate": cramjam.deflate,
    "br": cramjam.brotli,
    "lz4": cramjam.lz4,
    "zstd": cramjam.zstd,
}
TOO_MANY = 202  # ClickHouse's own number for too many statements at once
PREFERRED = ("zstd", "lz4", "gzip")
COMPRESS_ABOVE_BYTES = 1024


class QueryHandler(web.RequestHandler):
    """One statement, as `query` argument or body, with parameters, settings, format and compression."""

    def initialize(self, engine: Engine, lanes: Lanes, secret: str) -> None:
        self._engine = engine
        self._lanes = lanes
        self._gone = False
        self._secret = secret
        self._running = ""

    def prepare(self) -> None:
        if not hmac.compare_digest(self._given_secret().encode(), self._secret.encode()):
            self.set_status(401)
            self._refuse(516, "Authentication failed")

    def _given_secret(self) -> str:
        headers = self.request.headers
        if "X-ClickHouse-Key" in headers:
            return headers["X-ClickHouse-Key"]
        kind, _, value = headers.get("Authorization", "").partition(" ")
        if kind.lower() == "basic":
            try:
                return base64.b64decode(value).decode().partition(":")[2]
            except ValueError:
                return ""
        return str(self.get_query_argument("password", ""))

    async def get(self) -> None:
        await self.post()

    async def post(self) -> None:
        arguments = {key: values[-1].decode() for key, values in self.request.query_arguments.items()}
        try:
            body = decompress(self.request.body, self.request.headers.get("Content-Encoding", ""))
            statement, data = split_statement(arguments, body)
            outcome = await self._run(statement, data, arguments)
        except EngineError as error:
            self.set_status(500)
            self._refuse(error.number, error.detail)
            return
        except (RateLimitedError, OverloadedError) as error:
            self.set_status(500)
            self._refuse(TOO_MANY, error.detail)
            return
        self._answer(outcome, arguments)

    async def _run(self, statement: str, data: bytes, arguments: Mapping[str, str]) -> Outcome:
        person = self.request.headers.get(PERSON_HEADER, "")
        if person:
            return await self._run_for(person, statement, data, arguments)
        loop = asyncio.get_running_loop()
        if match := KILL.match(statement):
            await loop.run_in_executor(None, self._engine.kill, match[1])
            return Outcome(b"")
        run = partial(
            self._engine.run,
            statement,
            default_format=arguments.get("default_format", "TabSeparated"),
            parameters={key[6:]: value for key, value in arguments.items() if key.startswith("param_")},
            settings={"priority": "1", **settings_of(arguments)},
            query_id=arguments.get("query_id", ""),
            body=data,
        )
        writes = bool(data) or INSERT.match(statement) is not None
        return await self._in(self._lanes.writers if writes else self._lanes.readers, run, arguments)

    async def _run_for(self, person: str, statement: str, data: bytes, arguments: Mapping[str, str]) -> Outcome:
        """A statement that somebody wrote: no data, no parameters, limits of ours."""
        if data or any(key.startswith("param_") for key in arguments):
            raise EngineError("Code: 497. DB::Exception: data and parameters are not allowed")
        run = partial(
            self._engine.run,
            statement,
            default_format=arguments.get("default_format", "TabSeparated"),
            settings=people_settings(settings_of(arguments)),
            query_id=arguments.get("query_id", ""),
            of_a_person=True,
        )
        async with self._lanes.person(person, lambda: self._gone) as pool:
            return await self._in(pool, run, arguments)

    async def _in(self, pool: Executor, run: Callable[[], Outcome], arguments: Mapping[str, str]) -> Outcome:
        self._running = arguments.get("query_id", "")
        try:
            return await asyncio.get_running_loop().run_in_executor(pool, self._if_awaited, run)
        finally:
            self._running = ""

    def _if_awaited(self, run: Callable[[], Outcome]) -> Outcome:
        """Run, unless whoever asked went while it waited for a worker."""
        if self._gone:
            raise EngineError("Code: 394. DB::Exception: nobody waits for the answer")
        return run()

    def _answer(self, outcome: Outcome, arguments: Mapping[str, str]) -> None:
        self.set_header("Content-Type", "application/octet-stream")
        self.set_header("X-ClickHouse-Summary", summary(outcome))
        self.set_header("X-ClickHouse-Query-Id", arguments.get("query_id", ""))
        self.set_header("X-ClickHouse-Format", arguments.get("default_format", "TabSeparated"))
        self.set_header("X-ClickHouse-Timezone", "UTC")
        body = outcome.body
        codec = wanted_codec(self.request.headers.get("Accept-Encoding", ""), arguments)
        if codec and len(body) > COMPRESS_ABOVE_BYTES:
            self.set_header("Content-Encoding", codec)
            body = bytes(CODECS[codec].compress(body))
        self.finish(body)

    def _refuse(self, number: int, message: str) -> None:
        self.set_header("X-ClickHouse-Exception-Code", str(number))
        self.set_header("Content-Type", "text/plain; charset=utf-8")
        text = message if message.startswith("Code:") else f"Code: {number}. DB::Exception: {message}"
        with contextlib.suppress(StreamClosedError):
            self.finish(text + "\n")

    def on_connection_close(self) -> None:
        """Nobody waits for the answer any more: stop the statement, as a ClickHouse server does when asked to."""
        self._gone = True
        if self._running:
            asyncio.get_running_loop().run_in_executor(None, self._engine.kill, self._running)


class PingHandler(web.RequestHandler):
    """`GET /ping`, as of a ClickHouse server."""

    def get(self) -> None:
        self.finish("Ok.\n")


def settings_of(arguments: Mapping[str, str]) -> dict[str, str]:
    """The arguments that are settings of the statement."""
    return {key: value for key, value in arguments.items() if key not in PROTOCOL and not key.startswith("param_")}


def split_statement(arguments: Mapping[str, str], body: bytes) -> tuple[str, bytes]:
    """The statement and the data for it: with a `query` argument the body is data, else it is the statement."""
    if "query" not in arguments:
        match = INSERT_HEAD.match(body)
        return (_text(match[1]), body[match.end() :]) if match else (_text(body), b"")
    statement = arguments["query"]
    if not re.search(r"\bFORMAT\s+\w+\s*$", statement, re.IGNORECASE) and body:
        # What ClickHouse does: the body goes on where the argument ends.
        head, _, rest = body.partition(b"\n")
        return f"{statement} {_text(head)}", rest
    return statement, body


def _text(body: bytes) -> str:
    try:
        return body.decode()
    except UnicodeDecodeError:
        raise EngineError("Code: 62. the statement is not UTF-8") from None


def decompress(body: bytes, encoding: str) -> bytes:
    """The body as it was before `Content-Encoding`; EngineError for one that is unknown or broken."""
    if not encoding or encoding == "identity" or not body:
        return body
    if encoding not in CODECS:
        raise EngineError(f"Code: 48. unknown Content-Encoding {encoding}")
    try:
        return bytes(CODECS[encoding].decompress(body))
    except Exception:  # noqa: BLE001 - cramjam's own DecompressionError is not importable by type in all versions
        raise EngineError("Code: 271. the body cannot be decompressed") from None


def wanted_codec(accepted: str, arguments: Mapping[str, str]) -> str:
    """How the answer is compressed: only where the query asks for it, as ClickHouse does."""
    if arguments.get("enable_http_compression") != "1":
        return ""
    offered = {part.split(";")[0].strip() for part in accepted.split(",")}
    return next((codec for codec in PREFERRED if codec in offered), "")


def summary(outcome: Outcome) -> str:
    """ClickHouse's `X-ClickHouse-Summary` of a statement: counts as texts, `elapsed_ns`."""
    return json.dumps(
        {
            "read_rows": str(outcome.rows_read),
            "read_bytes": str(outcome.bytes_read),
            "written_rows": str(outcome.rows_written),
            "written_bytes": str(outcome.bytes_written),
            "elapsed_ns": str(int(outcome.elapsed_s * 1e9)),
        }
    )


def make_application(engine: Engine, secret: str, lanes: Lanes) -> web.Application:
    """ClickHouse's HTTP protocol over the engine, for who knows the secret."""
    settings = cast(dict[str, Any], {"log_function": lambda _handler: None})
    return web.Application(
        [("/ping", PingHandler), ("/.*", QueryHandler, {"engine": engine, "lanes": lanes, "secret": secret})],
        **settings,
    )
