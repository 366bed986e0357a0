"""Whether a role lives: whether it answers on its port, whatever it answers."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

EVERY_S = 2.0
SILENT = 5  # asked so often in vain, 10 s, it is taken for dead
STARVED_PART = 0.8  # of the time it waited for a core: then it is the machine that has none
STARVED = 1 / 6  # as much counts such a time: it is waited for a minute
START_S = 300.0  # until it listens: a database may have to be brought to this version first


Heard = Literal["answer", "silence", "nothing"]


@dataclass(frozen=True, slots=True)
class Port:
    """Where a role answers HTTP."""

    host: str
    number: int

    async def ask(self, within_s: float = EVERY_S) -> Heard:
        """What is heard in time: an answer, whatever it says; silence; or nothing, where nobody listens yet."""
        host = {"0.0.0.0": "127.0.0.1", "": "127.0.0.1", "::": "::1"}.get(self.host, self.host)  # noqa: S104 - not bound
        heard: Heard = "nothing"
        try:
            async with asyncio.timeout(within_s):
                reader, writer = await asyncio.open_connection(host, self.number)
                heard = "silence"
                try:
                    writer.write(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                    return "answer" if await reader.read(1) else heard
                finally:
                    writer.close()
        except (OSError, TimeoutError):
            return heard


def core_wait_s(pid: int) -> float:
    """For how long a process's first thread, that of its loop, has waited for a core; 0 where the kernel says nothing.

    Source: the kernel's Documentation/scheduler/sched-stats.rst.
    """
    try:
        return int(Path(f"/proc/{pid}/schedstat").read_text().split()[1]) / 1e9
    except (OSError, ValueError, IndexError):
        return 0.0


async def fell_silent(port: Port, waited_s: Callable[[], float], every_s: float = EVERY_S) -> None:
    """Return once a role that begins to start now answers no more, or never did.

    `waited_s`: for how long it has waited for a core until now.
    """
    in_vain, before_s = -START_S / every_s, waited_s()
    while in_vain < SILENT:
        pause = asyncio.create_task(asyncio.sleep(every_s))
        heard = await port.ask(every_s)
        await pause
        now_s = waited_s()
        starved, before_s = now_s - before_s > STARVED_PART * every_s, now_s
        if heard != "nothing":
            in_vain = max(in_vain, 0)
        in_vain = 0 if heard == "answer" else in_vain + (STARVED if starved else 1)
