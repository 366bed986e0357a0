"""Questions to a process of ours, and its answers: pickles with their length before them, over pipes.

Both ends are one program: who asks started who answers, and nobody else reaches either.
"""

from __future__ import annotations

import asyncio
import pickle
import signal
import struct
import sys
from collections.abc import Callable, Sequence
from typing import Any, BinaryIO, Final

from ...child import Child
from ...errors import HeliographError

LENGTH: Final = struct.Struct("<I")
MAX_PIPE_BYTES: Final = 64 * 2**20


class NoAnswerError(Exception):
    """The process is gone, or took too long and was ended; the next question starts it anew."""


class Questions:
    """`python -m module`, started when it is first needed and asked one question at a time, each for `answer_s`."""

    def __init__(self, module: str, answer_s: float) -> None:
        self._child = Child(module, MAX_PIPE_BYTES)
        self._answer_s = answer_s
        self._turn = asyncio.Lock()
        self._asked: set[asyncio.Task[bytes]] = set()

    async def start(self) -> None:
        """Start the process; it needs a second until it answers, which the first question waits for."""
        await self._child.started()

    async def close(self) -> None:
        """End the process, and what waits for it."""
        for task in tuple(self._asked):
            task.cancel()
        await self._child.close()

    async def ask(self, question: Any) -> Any:
        """The process's answer; NoAnswerError where there is none. It is read even where nobody waits any more."""
        try:
            message = await asyncio.to_thread(framed, question)
        except pickle.PickleError as error:
            raise NoAnswerError(repr(error)) from error
        task = asyncio.get_running_loop().create_task(self._answered(message))
        self._asked.add(task)
        task.add_done_callback(self._done)
        return await asyncio.to_thread(pickle.loads, await asyncio.shield(task))

    def _done(self, task: asyncio.Task[bytes]) -> None:
        self._asked.discard(task)
        if not task.cancelled():
            task.exception()  # who asked may have gone

    async def _answered(self, message: bytes) -> bytes:
        async with self._turn:
            try:
                async with asyncio.timeout(self._answer_s):
                    asked, answered = await self._child.started()
                    asked.write(message)
                    await asked.drain()
                    (length,) = LENGTH.unpack(await answered.readexactly(LENGTH.size))
                    return await answered.readexactly(length)
            except (OSError, EOFError, TimeoutError) as error:
                await self._child.kill()
                raise NoAnswerError(repr(error)) from error


def framed(document: Any) -> bytes:
    """One message."""
    body = pickle.dumps(document)
    return LENGTH.pack(len(body)) + body


def serve(answer: Callable[..., Any]) -> None:
    """Call `answer` with the parts of each question that standard input brings, until it ends with the parent.

    Where it raises, the answer is the text of why.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal's goes to the parent too, who ends this process
    source: BinaryIO = sys.stdin.buffer
    sink, sys.stdout = sys.stdout.buffer, sys.stderr  # what a library prints is no answer
    while head := source.read(LENGTH.size):
        question = pickle.loads(source.read(LENGTH.unpack(head)[0]))  # noqa: S301 - from our parent alone
        sink.write(framed(_told(answer, question)))
        sink.flush()


def _told(answer: Callable[..., Any], question: Sequence[Any]) -> Any:
    try:
        return answer(*question)
    except HeliographError as error:
        return error.detail
    except Exception as error:  # noqa: BLE001 - the asker's panel shows it; the process goes on for all others
        return f"{type(error).__name__}: {error}"
