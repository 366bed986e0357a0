"""Has SQL over answers run for the view role, in processes beside this one that are ended where they do not answer."""

from __future__ import annotations

import asyncio
from importlib.util import find_spec
from typing import Any, Final
from urllib.parse import unquote

import structlog

from ...child import Child
from ...errors import NotInstalledError, SourceError, SourceTimeoutError
from ...turns import FairTurns, Room
from ..process.work_address import ASKER_HEADER
from .handler import WorkHandler
from .sql_process import DEADLINE_S, LENGTH, MAX_BYTES

log = structlog.get_logger(__name__)
PROCESS: Final = "heliograph.app.work.sql_process"
GRACE_S: Final = 15.0  # until a process that should have stopped is ended; its start included
# One statement of each asker at a time, in as many processes; a page may have many panels.
PART_BYTES: Final = 4 * 2**20  # of tables, which are held while they wait
ROOM: Final = Room(at_once=2, waiting=192, waiting_of_one=48, within_s=30.0)
ENDED = "the SQL ended the process that ran it: it is nested too deeply, or takes too much memory"


class SqlDesk:
    """Processes, each asked one at a time; one is started when it is first needed, and anew after it was ended."""

    def __init__(self) -> None:
        self._free = [Child(PROCESS, MAX_BYTES) for _ in range(ROOM.at_once)]
        self._children = tuple(self._free)
        self._turns = FairTurns(ROOM, "too many answers wait for their SQL", "too much SQL of yours waits")

    async def run(self, message: bytes, who: str) -> bytes:
        """The answer to a message, in the turn of `who`; NotInstalledError, RateLimitedError where too many of theirs
        wait, OverloadedError where too many do, SourceError, SourceTimeoutError."""
        if find_spec("duckdb") is None:
            raise NotInstalledError("SQL over answers is run by DuckDB, and that is not installed")
        async with self._turns.turn(who, 1 + len(message) // PART_BYTES):
            child = self._free.pop()
            try:
                return await _asked(child, message)
            finally:
                self._free.append(child)  # the next takes the one that runs already

    async def close(self) -> None:
        """End the processes that run SQL."""
        await asyncio.gather(*(child.close() for child in self._children))


async def _asked(child: Child, message: bytes) -> bytes:
    try:
        async with asyncio.timeout(DEADLINE_S + GRACE_S):
            question, answer = await child.started()
            question.write(LENGTH.pack(len(message)) + message)
            await question.drain()
            (length,) = LENGTH.unpack(await answer.readexactly(LENGTH.size))
            return await answer.readexactly(length)
    except TimeoutError:
        await child.kill()
        raise SourceTimeoutError(f"the SQL took longer than {DEADLINE_S:g} s") from None
    except (OSError, EOFError) as error:
        log.warning("the process of SQL ended", error=repr(error))
        await child.kill()
        raise SourceError(ENDED) from None
    except asyncio.CancelledError:
        await child.kill()  # its answer would be taken for the next one's
        raise


class SqlHandler(WorkHandler):
    """`POST /sql`"""

    def initialize(self, secret: str, desk: SqlDesk | None = None) -> None:
        super().initialize(secret)
        assert desk is not None
        self.desk = desk

    async def answer(self) -> bytes:
        return await self.desk.run(self.request.body, unquote(self.request.headers.get(ASKER_HEADER, "")))


def routes(desk: SqlDesk, secret: str) -> list[Any]:
    """Running SQL over answers."""
    return [(r"/sql", SqlHandler, {"secret": secret, "desk": desk})]
