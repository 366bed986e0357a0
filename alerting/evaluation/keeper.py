"""Which part of the rules is this node's: leases over parts, shared out among the nodes that live."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Collection, Mapping
from typing import Final

import structlog

from ...errors import HeliographError
from ...storage.config.leases import Lease, LeaseTable
from ..clock import CommonClock

log = structlog.get_logger(__name__)
PARTS: Final = 32
PREFIX: Final = "alerts/"
PRESENT: Final = "alert-node/"
LEASE_MS: Final = 15_000
RENEW_S: Final = 4.0


def part_of(group: str) -> str:
    """The lease that a group of rules is under."""
    digest = hashlib.blake2b(group.encode(), digest_size=4).digest()
    return f"{PREFIX}{int.from_bytes(digest, 'big') % PARTS:02}"


PART_NAMES: Final = tuple(f"{PREFIX}{number:02}" for number in range(PARTS))


def share(nodes: int) -> int:
    """How many parts each of so many nodes has at most."""
    return -(-PARTS // max(nodes, 1))


class Keeper:
    """Takes, renews and gives back leases, and sets the clock. `owner` is `node/start`: a node is the same after each
    of its starts."""

    def __init__(
        self,
        table: LeaseTable,
        owner: str,
        clock: CommonClock,
    ) -> None:
        self._table = table
        self._owner = owner
        self._clock = clock
        self._progress: Callable[[], int] = self.now_ms
        self._changed: Callable[[], None] = _nothing
        self._held: dict[str, Lease] = {}
        self._presence: Lease | None = None
        self._good_until_s = 0.0

    def tell(self, progress: Callable[[], int], changed: Callable[[], None]) -> None:
        """Who evaluates what is held: `progress` says how far, `changed` is called when it is more or less."""
        self._progress, self._changed = progress, changed

    @property
    def held(self) -> Mapping[str, Lease]:
        """The leases by name; none once nobody knows whether they still are ours."""
        return self._held if self._clock.steady() < self._good_until_s else {}

    @property
    def unsure(self) -> bool:
        """Whether leases were held that may be another's by now: the next renewal says. None is used meanwhile."""
        return bool(self._held) and self._clock.steady() >= self._good_until_s

    def now_ms(self) -> int:
        """The time for all nodes."""
        return self._clock.now_ms()

    @property
    def turns(self) -> int:
        """How often that time went back since this process began."""
        return self._clock.turns

    async def run(self) -> None:
        """Keep the leases for as long as the task runs."""
        while True:
            try:
                await self.turn()
            except HeliographError as error:
                log.warning("leases cannot be renewed", error=error.detail)
            except Exception:  # the next turn may do; the log has the trace
                log.exception("leases cannot be looked after")
            await asyncio.sleep(RENEW_S)

    async def turn(self) -> None:
        """Renew what is held, take what is free and our share, give back what is more than it."""
        await self._set_clock()
        asked_s = self._clock.steady()
        before = set(self.held)
        renewed = await self._table.renew(list(self._held.values()), LEASE_MS, self._progress())
        self._held = {lease.name: lease for lease in renewed}
        self._good_until_s = asked_s + LEASE_MS / 1000  # at once: what follows may wait for others who write
        await self._say_present()
        present = await self._table.owners(PRESENT)
        most = share(len(present))
        if len(self._held) > most:
            await self._give_back(sorted(self._held)[most:])
        elif len(self._held) < most:
            await self._take(most - len(self._held))
        if set(self._held) != before:
            log.info("leases", held=len(self._held), nodes=len(present))
            self._changed()

    async def close(self) -> None:
        """Give all back, so that others need not wait."""
        leases = [*self._held.values(), *([self._presence] if self._presence is not None else [])]
        progress_ms = self._progress()
        self._held, self._presence, self._good_until_s = {}, None, 0.0
        await self._table.release(leases, progress_ms)

    async def _set_clock(self) -> None:
        asked_s = self._clock.steady()
        self._clock.set(await self._table.now_ms(), asked_s)

    async def _say_present(self) -> None:
        if self._presence is not None:
            renewed = await self._table.renew([self._presence], LEASE_MS)
            self._presence = renewed[0] if renewed else None
        if self._presence is None:
            name = PRESENT + self._owner.partition("/")[0]
            taken = await self._table.take([name], self._owner, LEASE_MS)
            self._presence = taken[0] if taken else None

    async def _take(self, most: int) -> None:
        """What nobody holds, or a former start of this node."""
        others = await self._table.owners(PREFIX)
        node = self._owner.partition("/")[0] + "/"
        free = [name for name in PART_NAMES if not others.get(name) or others[name].startswith(node)]
        wanted = [name for name in free if name not in self._held][:most]
        for lease in await self._table.take(wanted, self._owner, LEASE_MS):
            self._held[lease.name] = lease

    async def _give_back(self, names: Collection[str]) -> None:
        await self._table.release([self._held.pop(name) for name in names], self._progress())


def _nothing() -> None:
    """Nobody evaluates yet."""
