"""The part of ClickHouse's HTTP protocol that clickhouse-connect speaks, over the embedded engine, on loopback."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hmac
import json
import re
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, cast

import cramjam
from tornado import web
from tornado.iostream import StreamClosedError

from .engine import Engine, EngineError, Outcome

MAX_BODY_BYTES = 2**30
WORKERS = 8
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
PREFERRED = ("zstd", "lz4", "gzip")
COMPRESS_ABOVE_BYTES = 1024


class QueryHandler(web.RequestHandler):
    """One statement, as `query` argument or body, with parameters, settings, format and compression."""

    def initialize(self, engine: Engine, pool: ThreadPoolExecutor, secret: str) -> None:
        self._engine = engine
        self._pool = pool
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
        self._answer(outcome, arguments)

    async def _run(self, statement: str, data: bytes, arguments: Mapping[str, str]) -> Outcome:
        loop = asyncio.get_running_loop()
        if match := KILL.match(statement):
            await loop.run_in_executor(None, self._engine.kill, match[1])
            return Outcome(b"")
        self._running = arguments.get("query_id", "")
        run = partial(
            self._engine.run,
            statement,
            default_format=arguments.get("default_format", "TabSeparated"),
            parameters={key[6:]: value for key, value in arguments.items() if key.startswith("param_")},
            settings={k: v for k, v in arguments.items() if k not in PROTOCOL and not k.startswith("param_")},
            query_id=self._running,
            body=data,
        )
        try:
            return await loop.run_in_executor(self._pool, run)
        finally:
            self._running = ""

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
        if self._running:
            asyncio.get_running_loop().run_in_executor(None, self._engine.kill, self._running)


class PingHandler(web.RequestHandler):
    def get(self) -> None:
        self.finish("Ok.\n")


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
    return json.dumps(
        {
            "read_rows": str(outcome.rows_read),
            "read_bytes": str(outcome.bytes_read),
            "written_rows": str(outcome.rows_written),
            "written_bytes": str(outcome.bytes_written),
            "elapsed_ns": str(int(outcome.elapsed_s * 1e9)),
        }
    )


def make_application(engine: Engine, secret: str, pool: ThreadPoolExecutor) -> web.Application:
    settings = cast(dict[str, Any], {"log_function": lambda _handler: None})
    return web.Application(
        [("/ping", PingHandler), ("/.*", QueryHandler, {"engine": engine, "pool": pool, "secret": secret})], **settings
    )
