"""Has texts parsed in a process of its own, where a parser may fail, take long or overflow its stack."""

from __future__ import annotations

import asyncio
import hashlib
import math

import structlog

from ...child import Child
from ..sources.promql_judge import ANSWER, LENGTH

log = structlog.get_logger(__name__)
PATIENCE_S = 5.0  # for a text, a start of the process included
WAIT_S = 5.0  # for the texts of others
MAX_KEPT = 10_000
JUDGE = "heliograph.datasources.sources.promql_judge"
NEVER = math.inf  # no range of such a text may be asked in pieces


class Judge:
    """One process, started when the first long text comes, asked one at a time, started anew where a text ended it."""

    def __init__(self) -> None:
        self._child = Child(JUDGE)
        self._turn = asyncio.Lock()
        self._kept: dict[bytes, float] = {}

    async def horizon(self, text: str) -> float:
        """From when on (ms) ranges of a PromQL text may be asked in pieces. Each text is judged once.

        A text that cannot be judged is never asked in pieces; nor, this once, is one for which nobody had time.
        """
        body = text.encode()
        key = hashlib.blake2b(body, digest_size=16).digest()
        if key in self._kept:
            return self._kept[key]
        try:
            async with asyncio.timeout(WAIT_S):
                await self._turn.acquire()
        except TimeoutError:
            return NEVER
        try:
            if key not in self._kept:
                found = await self._ask(body)
                if len(self._kept) >= MAX_KEPT:
                    self._kept.clear()
                self._kept[key] = found
        finally:
            self._turn.release()
        return self._kept[key]

    async def close(self) -> None:
        """End the process."""
        await self._child.close()

    async def _ask(self, body: bytes) -> float:
        try:
            async with asyncio.timeout(PATIENCE_S):
                question, answer = await self._child.started()
                question.write(LENGTH.pack(len(body)) + body)
                await question.drain()
                (found,) = ANSWER.unpack(await answer.readexactly(ANSWER.size))
                return float(found)
        except (OSError, EOFError, TimeoutError) as error:
            log.warning("a query could not be judged", error=repr(error), characters=len(body))
            await self._child.kill()
            return NEVER
        except asyncio.CancelledError:
            await self._child.kill()  # its answer would be taken for the next one's
            raise
