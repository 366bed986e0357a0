"""Has SQL over answers run for the view role, in a process beside this one that is ended where it does not answer."""

from __future__ import annotations

import asyncio
from importlib.util import find_spec
from typing import Any, Final

import structlog

from ...child import Child
from ...errors import NotInstalledError, OverloadedError, SourceError, SourceTimeoutError
from .handler import WorkHandler
from .sql_process import DEADLINE_S, LENGTH, MAX_BYTES

log = structlog.get_logger(__name__)
PROCESS: Final = "heliograph.app.work.sql_process"
GRACE_S: Final = 15.0  # until a process that should have stopped is ended; its start included
MAX_WAITING: Final = 16
ENDED = "the SQL ended the process that ran it: it is nested too deeply, or takes too much memory"


class SqlDesk:
    """One process, asked one at a time; started when it is first needed, and anew after it was ended."""

    def __init__(self) -> None:
        self._child = Child(PROCESS, MAX_BYTES)
        self._turn = asyncio.Lock()
        self._waiting = 0

    async def run(self, message: bytes) -> bytes:
        """The answer to a message; NotInstalledError, OverloadedError, SourceError, SourceTimeoutError."""
        if find_spec("duckdb") is None:
            raise NotInstalledError("SQL over answers is run by DuckDB, and that is not installed")
        if self._waiting >= MAX_WAITING:
            raise OverloadedError("too many answers wait for their SQL", retry_after_s=5)
        self._waiting += 1
        try:
            async with self._turn:
                return await self._ask(message)
        finally:
            self._waiting -= 1

    async def _ask(self, message: bytes) -> bytes:
        try:
            async with asyncio.timeout(DEADLINE_S + GRACE_S):
                question, answer = await self._child.started()
                question.write(LENGTH.pack(len(message)) + message)
                await question.drain()
                (length,) = LENGTH.unpack(await answer.readexactly(LENGTH.size))
                return await answer.readexactly(length)
        except TimeoutError:
            await self._child.kill()
            raise SourceTimeoutError(f"the SQL took longer than {DEADLINE_S:g} s") from None
        except (OSError, EOFError) as error:
            log.warning("the process of SQL ended", error=repr(error))
            await self._child.kill()
            raise SourceError(ENDED) from None
        except asyncio.CancelledError:
            await self._child.kill()  # its answer would be taken for the next one's
            raise

    async def close(self) -> None:
        """End the process that runs SQL."""
        await self._child.close()


class SqlHandler(WorkHandler):
    """`POST /sql`"""

    def initialize(self, secret: str, desk: SqlDesk | None = None) -> None:
        super().initialize(secret)
        assert desk is not None
        self.desk = desk

    async def answer(self) -> bytes:
        return await self.desk.run(self.request.body)


def routes(desk: SqlDesk, secret: str) -> list[Any]:
    """Running SQL over answers."""
    return [(r"/sql", SqlHandler, {"secret": secret, "desk": desk})]
