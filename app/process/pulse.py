"""Whether a role lives: whether it answers on its port, whatever it answers."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Literal

EVERY_S = 2.0
SILENT = 5  # asked so often in vain, 10 s, it is taken for dead
START_S = 300.0  # until it listens: a database may have to be brought to this version first


Heard = Literal["answer", "silence", "nothing"]


@dataclass(frozen=True, slots=True)
class Port:
    """Where a role answers HTTP."""

    host: str
    number: int

    async def ask(self) -> Heard:
        """What is heard within EVERY_S: an answer, whatever it says; silence; or nothing, where nobody listens yet."""
        host = {"0.0.0.0": "127.0.0.1", "": "127.0.0.1", "::": "::1"}.get(self.host, self.host)  # noqa: S104 - not bound
        heard: Heard = "nothing"
        try:
            async with asyncio.timeout(EVERY_S):
                reader, writer = await asyncio.open_connection(host, self.number)
                heard = "silence"
                try:
                    writer.write(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                    return "answer" if await reader.read(1) else heard
                finally:
                    writer.close()
        except (OSError, TimeoutError):
            return heard


async def fell_silent(port: Port) -> None:
    """Return once a role that begins to start now answers no more, or never did."""
    in_vain = -int(START_S / EVERY_S)
    while in_vain < SILENT:
        waited = asyncio.create_task(asyncio.sleep(EVERY_S))
        heard = await port.ask()
        if heard != "nothing":
            in_vain = max(in_vain, 0)
        in_vain = 0 if heard == "answer" else in_vain + 1
        await waited
