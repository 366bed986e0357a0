"""A process of ours beside this one, spoken to over its standard input and output."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from collections.abc import Mapping

STOP_S = 2.0
MAX_PIPE_BYTES = 64 * 2**10
# What a child inherits of its parent's environment: how Python, libraries and the terminal behave.
INHERITED = frozenset({
    "PATH", "HOME", "USER", "LANG", "LANGUAGE", "TZ", "TMPDIR", "TERM", "VIRTUAL_ENV", "LD_LIBRARY_PATH", "MALLOC_CONF",
    "COVERAGE_PROCESS_START", "OMP_NUM_THREADS", "NUMBA_NUM_THREADS", "XDG_CACHE_HOME",
})  # fmt: skip
INHERITED_PREFIXES = ("LC_", "PYTHON", "NUMBA_")


def plain_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """An environment without anything that an operator said to us, or to others: no secret stands in it."""
    return {key: value for key, value in environ.items() if key in INHERITED or key.startswith(INHERITED_PREFIXES)}


class Child:
    """Runs `python -m module`, started when it is first needed, and anew after it was killed. It gets no secret.

    `limit`: bytes of its output that are held unread. It is to end where its standard input does.
    """

    def __init__(self, module: str, limit: int = MAX_PIPE_BYTES) -> None:
        self._module = module
        self._limit = limit
        self._process: asyncio.subprocess.Process | None = None

    async def started(self) -> tuple[asyncio.StreamWriter, asyncio.StreamReader]:
        """Its standard input and output; OSError where it cannot be started."""
        if self._process is None:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                self._module,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                env=plain_environment(os.environ),
                limit=self._limit,
            )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        return self._process.stdin, self._process.stdout

    async def close(self) -> None:
        """Let it end, for STOP_S seconds."""
        process, self._process = self._process, None
        if process is None:
            return
        assert process.stdin is not None
        process.stdin.close()
        try:
            async with asyncio.timeout(STOP_S):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()

    async def kill(self) -> None:
        """End it at once: it does not answer, or its answer would be taken for that of the next question."""
        process, self._process = self._process, None
        if process is not None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await asyncio.shield(process.wait())
