"""Takes events from the evaluating half and lets groups speak; what changed and what was said is one transaction."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import structlog

from ...errors import HeliographError
from ...storage.config.alert_rows import AlertEvent
from ...storage.config.alert_states import MAX_EVENTS, AlertStates
from ...storage.config.leases import Lease, LeaseLostError, LeaseTable
from ...storage.config.notifications import Delivery, StoredGroup, Turn
from ...storage.config.repositories import Telling
from ..grouping.group import Group, Said
from ..grouping.notification import notification
from ..notifiers.registry import NotifierKinds
from .arrangements import Arrangement, Arrangements, contact_of
from .desk import Desk

log = structlog.get_logger(__name__)
LEASE: Final = "notifications"
LEASE_MS: Final = 25_000
LAST_WORDS_MS: Final = 11_000  # what is sent before the lease may be over has arrived, or not, by then
RENEW_MS: Final = 4000
TURN_S: Final = 1.0
NOTHING: Final = Arrangement()


@dataclass(frozen=True, slots=True)
class Place:
    """Who tells, by which clock, and under which address people reach this server."""

    owner: str
    now_ms: Callable[[], int]
    external_url: str = ""
    turns: Callable[[], int] = lambda: 0  # how often that clock was set back


class Dispatcher:
    """One of all nodes runs it at a time; the lease says which."""

    def __init__(
        self, telling: Telling, alerts: AlertStates, leases: LeaseTable, kinds: NotifierKinds, place: Place
    ) -> None:
        self._telling = telling
        self._alerts = alerts
        self._leases = leases
        self._kinds = kinds
        self._place = place
        self._arrangements = Arrangements(telling)
        self._desks: dict[int, Desk] | None = None
        self._seen = 0
        self._lease: Lease | None = None
        self._good_until_ms = self._renew_at_ms = self._turns = 0
        self.said = asyncio.Event()  # set where there is something new to deliver

    @property
    def delivers(self) -> bool:
        """Whether this is the one who tells, for long enough that nobody else tells what comes after it meanwhile."""
        return self._lease is not None and self._place.now_ms() < self._good_until_ms - LAST_WORDS_MS

    async def run(self) -> None:
        """Tell for as long as the task runs."""
        while True:
            try:
                await self.turn()
            except HeliographError as error:
                self._forget()
                log.warning("alerts cannot be told", error=error.detail)
            except LeaseLostError:
                self._forget()
                self._lease = None
            except Exception as error:  # the next turn may do; the log has the trace
                log.error("a turn of telling failed", exc_info=error)
            await asyncio.sleep(TURN_S)

    async def close(self) -> None:
        """Give the lease back, so that nobody need wait for its end."""
        lease, self._lease = self._lease, None
        if lease is not None:
            await self._leases.release([lease])

    async def turn(self) -> None:
        """One look at everything. After an error nothing of it holds, nor where the clock was set back: what is written
        down is read again."""
        if self._turns != self._place.turns():
            self._turns = self._place.turns()
            self._forget()
            self._renew_at_ms = 0
        if not await self._held():
            return
        try:
            await self._tell()
        except BaseException:  # a cancel too may have left half of it
            self._forget()
            raise

    def _forget(self) -> None:
        self._desks = None

    async def _held(self) -> bool:
        now_ms = self._place.now_ms()
        if self._lease is not None and now_ms < self._renew_at_ms:
            return True
        if self._lease is not None:
            found = await self._leases.renew([self._lease], LEASE_MS)
        else:
            found = await self._leases.take([LEASE], self._place.owner, LEASE_MS)
        if not found:
            self._lease = None
            self._forget()
            return False
        if self._lease is None:
            log.info("tells of alerts")
        self._lease = found[0]
        self._good_until_ms, self._renew_at_ms = now_ms + LEASE_MS, now_ms + RENEW_MS
        return True

    async def _tell(self) -> None:
        now_ms = self._place.now_ms()
        arranged = await self._arrangements.read(now_ms)
        desks, moved = await self._open(arranged, now_ms)
        barrier = [desk.arrange(arranged.get(org, NOTHING), now_ms) for org, desk in desks.items()]
        seen, ended = await self._take(desks, arranged, now_ms)
        said: list[Delivery] = []
        for org, desk in desks.items():
            tells_ends = await self._hearing(org, desk)
            # In a thread: where thousands of alerts fire at once, evaluations go on beside it.
            spoken = await asyncio.to_thread(desk.speak, now_ms, tells_ends)
            said += [self._delivery(org, group, one, now_ms) for group, one in spoken]
        await self._write(desks, said, seen, ended, moved or any(barrier), now_ms)

    async def _open(self, arranged: Mapping[int, Arrangement], now_ms: int) -> tuple[dict[int, Desk], bool]:
        """The desks as they were left, by whoever told before; whether the policy has changed since then."""
        moved = False
        if self._desks is None:
            await self._telling.notifications.set_back(now_ms)
            self._seen = await self._telling.notifications.seen()
            groups: dict[int, list[Group]] = {}
            for one in await self._telling.notifications.groups():
                group = Group.of_json(one.key, one.contact_point, one.due_ms, one.state)
                groups.setdefault(one.org, []).append(group)
            self._desks = {}
            for org, found in groups.items():
                desk = self._desks[org] = Desk(arranged.get(org, NOTHING), found, now_ms)
                desk.groups.follow(desk.arrangement.root, now_ms)
                moved = moved or bool(desk.groups.changed)
        return self._desks, moved

    async def _take(
        self, desks: dict[int, Desk], arranged: Mapping[int, Arrangement], now_ms: int
    ) -> tuple[int, frozenset[int]]:
        """All events that are new; the last one's id, and the silences that end with them."""
        seen, ended = self._seen, frozenset[int]()
        while True:
            events = await self._alerts.events_after(seen)
            by_org: dict[int, list[AlertEvent]] = {}
            for event in events:
                by_org.setdefault(event.org, []).append(event)
            for org, found in by_org.items():
                if org not in desks:
                    desks[org] = Desk(arranged.get(org, NOTHING), (), now_ms)
                ended |= await asyncio.to_thread(desks[org].take, found, now_ms)
            if events:
                seen = events[-1].id
            if len(events) < MAX_EVENTS:
                return seen, ended

    async def _hearing(self, org: int, desk: Desk) -> Callable[[str], bool]:
        """Which contact points hear of alerts that have ended."""
        now_ms, found = self._place.now_ms(), dict[str, bool]()
        for uid in {group.contact_point for group in desk.groups if group.due_ms <= now_ms}:
            contact = await contact_of(self._telling, org, uid)
            found[uid] = contact is None or self._kinds.tells_ends(contact)
        return lambda uid: found.get(uid, True)

    def _delivery(self, org: int, group: Group, said: Said, now_ms: int) -> Delivery:
        told = notification(group, said, now_ms, self._place.external_url)
        return Delivery(
            org=org,
            key=said.key,
            group_key=group.key,
            contact_point=group.contact_point,
            status=said.status,
            payload=told.as_json(),
            created_ms=now_ms,
            since_ms=now_ms,
            due_ms=now_ms,
        )

    async def _write(  # noqa: PLR0917 - what a turn comes to
        self,
        desks: Mapping[int, Desk],
        said: list[Delivery],
        seen: int,
        ended: frozenset[int],
        barrier: bool,
        now_ms: int,
    ) -> None:
        groups: list[StoredGroup] = []
        gone: list[tuple[int, str]] = []
        for org, desk in desks.items():
            for key in desk.groups.changed:
                group = desk.groups.get(key)
                if group is None:
                    gone.append((org, key))
                else:
                    groups.append(StoredGroup(org, key, group.contact_point, group.due_ms, group.as_json()))
            desk.groups.changed.clear()
        turn = Turn(groups, gone, said, seen if seen != self._seen else None, ended, barrier)
        if turn.empty:
            return
        assert self._lease is not None
        await self._telling.notifications.write(self._lease, turn, now_ms)
        self._seen = seen
        if said:
            self.said.set()
