"""Starts the roles as child processes, restarts one that dies or falls silent, stops them in order.

Each child holds the read end of a pipe as its standard input: when the supervisor is gone, however it went, the pipe
closes and the child stops by itself.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from time import monotonic

import structlog

from ...backoff import Backoff
from .handed import as_line, clean_environment
from .pulse import Port, core_wait_s, fell_silent

log = structlog.get_logger(__name__)
STOP_WITHIN_S = 8.0  # and two more for ourselves, before those who stop us lose patience
STACKS = signal.SIGUSR2  # a role writes the stacks of its threads to its log
STACKS_S = 0.5
# What a child exits with when trying again cannot help (bad setting, data directory in use).
FATAL_EXIT = 3


@dataclass(frozen=True, slots=True)
class Command:
    """One child: its role's name, its arguments after `python -m heliograph`, its environment, where it answers."""

    role: str
    arguments: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    handed: bool = False  # told over standard input, in an environment without anything of ours or of others
    port: Port | None = None  # None: it answers nobody, and lives while its process does


class Child:
    """One role's process, kept alive until it is told to stop."""

    def __init__(self, command: Command) -> None:
        self.command = command
        self.process: asyncio.subprocess.Process | None = None
        self.restarts = 0
        self._stopping = False

    async def keep_alive(self) -> int:
        """Run until told to stop (0), or until the process says that starting again cannot help (its exit code)."""
        backoff = Backoff()
        while not self._stopping:
            started = monotonic()
            code = await self._run_once()
            if self._stopping:
                break
            if code == FATAL_EXIT:
                return code
            backoff, wait_s = backoff.after(monotonic() - started)
            log.warning("role died", died=self.command.role, exit_code=code, restart_in_s=wait_s)
            self.restarts += 1
            await asyncio.sleep(wait_s)
        return 0

    async def _run_once(self) -> int:
        told = self.command.environment
        environment = clean_environment(os.environ) if self.command.handed else {**os.environ, **told}
        self.process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "heliograph",
            *self.command.arguments,
            stdin=asyncio.subprocess.PIPE,
            env={**environment, "HELIOGRAPH_ROLE_CHILD": "1"},
            start_new_session=True,  # Ctrl-C reaches the supervisor alone, which stops the roles in order
        )
        if self.command.handed and self.process.stdin is not None:
            self.process.stdin.write(as_line(told))
        log.info("role started", started=self.command.role, pid=self.process.pid)
        if self._stopping:
            self.process.terminate()
        watch = asyncio.create_task(self._watch(self.process, self.command.port)) if self.command.port else None
        try:
            return await self.process.wait()
        finally:
            if watch is not None:
                watch.cancel()

    async def _watch(self, process: asyncio.subprocess.Process, port: Port) -> None:
        """Kill it once it is silent, with the stacks of its threads in the log where it can still write them."""
        await fell_silent(port, lambda: core_wait_s(process.pid))
        if self._stopping:
            return
        log.error("role fell silent", silent=self.command.role, pid=process.pid)
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(STACKS)
            await asyncio.sleep(STACKS_S)
            process.kill()

    async def stop(self, deadline: float) -> None:
        """SIGTERM, then SIGKILL once the loop's clock passes `deadline`."""
        self._stopping = True
        process = self.process
        if process is None or process.returncode is not None:
            return
        process.send_signal(signal.SIGTERM)
        try:
            async with asyncio.timeout_at(deadline):
                await process.wait()
        except TimeoutError:
            log.warning("role killed", killed=self.command.role)
            process.kill()
            await process.wait()


async def supervise(commands: Sequence[Command], stop: asyncio.Event) -> int:
    """Keep all commands running until `stop` is set or one fails for good; stop them in the order given.

    Returns the exit code: 0, or that of the role that cannot run.
    """
    children = [Child(command) for command in commands]
    tasks = [asyncio.create_task(child.keep_alive(), name=child.command.role) for child in children]
    stopped = asyncio.create_task(stop.wait())
    try:
        done, _ = await asyncio.wait([*tasks, stopped], return_when=asyncio.FIRST_COMPLETED)
        codes = [task.result() for task in done if task is not stopped]
    finally:
        deadline = asyncio.get_running_loop().time() + STOP_WITHIN_S
        for child in children:
            await child.stop(deadline)
        for task in [*tasks, stopped]:
            task.cancel()
        await asyncio.gather(*tasks, stopped, return_exceptions=True)
    return max((code for code in codes if isinstance(code, int)), default=0)
