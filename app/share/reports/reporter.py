"""Who sends reports: every node looks, and the one that takes a report's lease makes it, once for all of them."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

import structlog

from ....errors import HeliographError
from ....storage.config.leases import Lease, LeaseLostError, LeaseTable
from ....storage.config.reports import Report, Reports
from ....tasks import ended
from .making import ReportMaker
from .schedule import due_after

log = structlog.get_logger(__name__)
LOOK_S: Final = 2.0
WITHIN_S: Final = 240.0
LEASE_MS: Final = 300_000  # longer than a report takes: whoever dies with one leaves it to another node
DAY_MS: Final = 86_400_000


class Reporter:
    """Sends what is due, one report after another."""

    def __init__(self, reports: Reports, leases: LeaseTable, maker: ReportMaker, clock: Callable[[], float]) -> None:
        self._reports = reports
        self._leases = leases
        self._maker = maker
        self._clock = clock
        self._owner = f"report-{secrets.token_hex(8)}/1"
        self._running: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to look for reports that are due."""
        self._running = asyncio.get_running_loop().create_task(self._run())

    async def close(self) -> None:
        """What is under way is made anew by whoever looks next."""
        await ended(self._running)

    async def _run(self) -> None:
        while True:
            sent = False
            try:
                sent = await self.look()
            except HeliographError as error:
                log.warning("reports cannot be read", error=error.detail)
            except Exception:  # the next look may do; the log has the trace
                log.exception("a look for reports failed")
            await asyncio.sleep(0 if sent else LOOK_S)

    async def look(self) -> bool:
        """Send what is due now and nobody else sends, one of each maker: whoever has many holds up nobody else's.
        Whether something was sent."""
        sent = False
        for reports in by_maker(await self._reports.due(self._now_ms())):
            for report in reports:
                if await self._sent(report):
                    sent = True
                    break
        return sent

    async def _sent(self, report: Report) -> bool:
        """Send a report, unless another node does, or has done since we read of it."""
        sent = False
        for lease in await self._leases.take([f"report/{report.id}"], self._owner, LEASE_MS):
            try:
                for still in await self._reports.due(self._now_ms(), report.id):
                    await self._send(lease, still)
                    sent = True
            finally:
                await self._leases.release([lease])
        return sent

    async def _send(self, lease: Lease, report: Report) -> None:
        try:
            async with asyncio.timeout(WITHIN_S):
                ended = await self._maker.make(report)
        except TimeoutError:
            ended = replace(report, sent=False, message=f"it took longer than {WITHIN_S:.0f} s")
        now_ms = self._now_ms()
        try:
            due_ms = due_after(report.plan, now_ms)
        except HeliographError:  # zones and dates that there were may be gone with an update of the system
            due_ms = now_ms + DAY_MS
        try:
            await self._reports.ended(lease, ended, ended_ms=now_ms, due_ms=due_ms)
        except LeaseLostError:
            log.warning("a report took too long: another node has it", report=report.id)

    def _now_ms(self) -> int:
        return int(self._clock() * 1000)


def by_maker(due: Sequence[Report]) -> Sequence[Sequence[Report]]:
    """The reports of each maker, the longest due first; so are the makers by what is due of them first."""
    found: dict[tuple[int, str], list[Report]] = {}
    for report in sorted(due, key=lambda one: one.due_ms):
        found.setdefault((report.org, report.created_by), []).append(report)
    return list(found.values())
