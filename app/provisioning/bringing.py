"""Brings what files hold into the database, by one node at a time, whenever they change."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from typing import Final

import structlog

from ...errors import HeliographError
from ...scope import DEFAULT_ORG
from ...storage.config.leases import Lease, LeaseLostError
from ...storage.config.provisioned import IdsTakenError, Wanted
from ...storage.config.repositories import Repositories
from .finding import FileFault, Found, Place
from .status import brought, read_status, refused, write_status
from .whole import Files, Whole

log = structlog.get_logger(__name__)
BY: Final = "files"
LEASE: Final = "provisioning"
LEASE_MS: Final = 60_000
Seen = tuple[Sequence[Found], Sequence[FileFault]]


class Bringer:
    """One process that may bring files. `look` is called again and again; only the one with the lease does anything."""

    def __init__(
        self,
        config: Repositories,
        files: Files,
        places: Sequence[Place],
        owner: str,
        clock: Callable[[], float],
    ) -> None:
        self._config = config
        self._files = files
        self._places = places
        self._owner = owner
        self._clock = clock
        self._lease: Lease | None = None
        self._seen: Seen | None = None
        self._said: Sequence[FileFault] = ()

    async def look(self) -> bool:
        """Bring the files where they are others than those that were seen last; whether something was done."""
        if not await self._held():
            return False
        seen = await asyncio.to_thread(self._files.look)
        if seen == self._seen:
            return False
        whole = await asyncio.to_thread(self._files.read, *seen)
        taken = [] if whole.faults else await self._put(whole)
        faults = [*whole.faults, *taken]
        self._seen = seen if not taken else None  # an id may be given up without a file being written
        if not taken or faults != self._said:
            await self._say(whole, faults)
        self._said = faults
        return True

    async def _held(self) -> bool:
        """Whether this is the process that brings files. One that has just come to it looks at all of them."""
        leases = self._config.leases
        if self._lease is not None:
            renewed = await leases.renew([self._lease], LEASE_MS)
            self._lease = renewed[0] if renewed else None
        if self._lease is None:
            taken = await leases.take([LEASE], self._owner, LEASE_MS)
            self._lease, self._seen = (taken[0] if taken else None), None
        return self._lease is not None

    async def _put(self, whole: Whole) -> list[FileFault]:
        """All of it at once; what is in the way, where it is an id of somebody else."""
        assert self._lease is not None
        now_ms = int(self._clock() * 1000)
        try:
            changes = await self._config.provisioned.put(
                DEFAULT_ORG, whole.wanted, lease=self._lease, by=BY, now_ms=now_ms
            )
        except IdsTakenError as error:
            return [FileFault(one.origin, one.path, one.detail) for one in error.taken]
        log.info(
            "files brought",
            files=whole.files,
            made=changes.made,
            changed=changes.changed,
            gone=changes.gone,
            rules=changes.rules,
        )
        return []

    async def _say(self, whole: Whole, faults: Sequence[FileFault]) -> None:
        """In the log and for pages."""
        for fault in faults[:20]:
            log.error("files are not taken", file=fault.file, path=fault.path, fault=fault.detail)
        for warning in whole.warnings[:20]:
            log.warning("of a file", file=warning.file, path=warning.path, said=warning.detail)
        before = await read_status(self._config.meta)
        now_ms = int(self._clock() * 1000)
        status = refused(before, faults, self._places) if faults else brought(whole, self._places, now_ms)
        await write_status(self._config.meta, status)

    async def close(self) -> None:
        """Let another node do it at once."""
        if self._lease is not None:
            with contextlib.suppress(HeliographError):
                await self._config.leases.release([self._lease])


async def bring_for_ever(bringer: Bringer, woken: asyncio.Event) -> None:
    """Look now and each time that `woken` is set, during a look too; a database that is away is waited for."""
    while True:
        woken.clear()
        try:
            await bringer.look()
        except LeaseLostError:
            log.info("another node brings the files")
        except HeliographError as error:
            log.warning("files cannot be brought", error=error.detail)
        await woken.wait()


async def let_go(config: Repositories, owner: str, now_ms: int) -> None:
    """Where no folder is named any more: what files brought goes to the deleted ones, unless another node has some."""
    if (await read_status(config.meta))["brought_at"] is None:
        return
    taken = await config.leases.take([LEASE], owner, LEASE_MS)
    if taken:
        await config.provisioned.put(DEFAULT_ORG, Wanted(), lease=taken[0], by=BY, now_ms=now_ms)
        await write_status(config.meta, {})
        await config.leases.release(taken)
        log.info("nothing is provisioned by files any more")
