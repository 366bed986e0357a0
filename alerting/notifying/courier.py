"""Delivers what groups said: at least once, in the order of each group, again where that can help."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import Callable
from dataclasses import replace
from typing import Final

import structlog

from ...backoff import spread_s
from ...errors import HeliographError
from ...storage.config.datasources import StoredSource
from ...storage.config.notifications import DEAD, DELIVERED, Delivery
from ...storage.config.repositories import Telling
from ..grouping.notification import Notification
from ..notifiers.base import Notifier, NotifyError, Receipt
from ..notifiers.registry import NotifierKinds
from .arrangements import contact_of
from .ledger import Ledger

log = structlog.get_logger(__name__)
LOOK_S: Final = 1.0
UNDER_WAY: Final = 64  # notifications at once
PER_CONTACT: Final = 8
FIRST_WAIT_S: Final = 1.0
LONGEST_WAIT_S: Final = 300.0
DEFAULT_RETRY_MS: Final = 3_600_000


def kept(text: str) -> str:
    """What a receiver said, as any database keeps it."""
    return text.replace("\0", "\ufffd").encode("utf-8", "replace").decode()


def delivered(one: Delivery, receipt: Receipt, now_ms: int) -> Delivery:
    """It has arrived."""
    message, answer = kept(receipt.message), kept(receipt.answer)
    return replace(one, state=DELIVERED, tries=one.tries + 1, ended_ms=now_ms, message=message, answer=answer)


def failed(one: Delivery, error: NotifyError, retry_ms: int, now_ms: int, chance: float) -> Delivery:
    """It has not: it is tried again after a while, or put aside where that cannot help any more."""
    tried = replace(one, tries=one.tries + 1, message=kept(error.reason), answer=kept(error.answer))
    wait_s = max(spread_s(one.tries, FIRST_WAIT_S, LONGEST_WAIT_S, chance), error.wait_s or 0.0)
    due_ms = now_ms + int(wait_s * 1000)
    if not error.retryable or due_ms - one.since_ms > retry_ms:
        return replace(tried, state=DEAD, ended_ms=now_ms)
    return replace(tried, due_ms=due_ms)


class Courier:
    """Delivers while `delivers` says that this node does. `told(contact point, outcome)` counts."""

    def __init__(
        self,
        telling: Telling,
        kinds: NotifierKinds,
        now_ms: Callable[[], int],
        delivers: Callable[[], bool],
        *,
        said: asyncio.Event,
        told: Callable[[str, str], None],
    ) -> None:
        self._telling = telling
        self._kinds = kinds
        self._now_ms = now_ms
        self._delivers = delivers
        self._said = said
        self._told = told
        self._ledger = Ledger(telling.notifications)
        self._under_way: dict[int, tuple[int, str]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._notifiers: dict[tuple[int, str], tuple[StoredSource, Notifier]] = {}

    async def run(self) -> None:
        """Deliver for as long as the task runs."""
        while True:
            try:
                if self._delivers():
                    await self._look()
            except HeliographError as error:
                log.warning("notifications cannot be read", error=error.detail)
            except Exception as error:  # the next turn may do; the log has the trace
                log.error("a look for notifications failed", exc_info=error)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._said.wait(), LOOK_S)
            self._said.clear()

    async def close(self) -> None:
        """What is under way is sent again by whoever comes next, under the same key."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._ledger.close()
        for _, notifier in self._notifiers.values():
            await notifier.close()

    async def _look(self) -> None:
        """Start what is due, of each contact point so many at once: who hangs keeps nobody else waiting."""
        now_ms = self._now_ms()
        while len(self._under_way) < UNDER_WAY:
            places = list(self._under_way.values())
            busy = {place for place in places if places.count(place) >= PER_CONTACT}
            found = await self._telling.notifications.sendable(
                now_ms, PER_CONTACT, without=busy, under_way=self._under_way
            )
            for one in found:
                if list(self._under_way.values()).count((one.org, one.contact_point)) < PER_CONTACT:
                    self._start(one)
            if len(found) < PER_CONTACT:
                return  # that was all

    def _start(self, one: Delivery) -> None:
        self._under_way[one.id] = (one.org, one.contact_point)
        task = asyncio.create_task(self._deliver(one))
        self._tasks.add(task)

        def ended(_: asyncio.Task[None]) -> None:
            self._tasks.discard(task)
            self._under_way.pop(one.id, None)
            self._said.set()

        task.add_done_callback(ended)

    async def _deliver(self, one: Delivery) -> None:
        retry_ms, outcome = DEFAULT_RETRY_MS, "delivered"
        try:
            notifier, retry_ms = await self._notifier(one)
            after = delivered(one, await notifier.send(Notification.of_json(one.payload)), self._now_ms())
        except NotifyError as error:
            after = self._failed(one, error, retry_ms)
        except HeliographError as error:  # the config database
            log.warning("a notification cannot be sent", key=one.key, error=error.detail)
            return
        except Exception as error:  # whatever a notifier raises, its notification is tried again
            log.error("a notifier failed", contact=one.contact_point, key=one.key, exc_info=error)
            reason = f"the notifier failed: {type(error).__name__}"
            after = self._failed(one, NotifyError(reason, retryable=True), retry_ms)
        if after.state != DELIVERED:
            outcome = "dead" if after.state == DEAD else "retried"
            log.warning("a notification did not arrive", contact=one.contact_point, key=one.key, reason=after.message)
        self._told(one.contact_point, outcome)
        await self._ledger.write(after)

    def _failed(self, one: Delivery, error: NotifyError, retry_ms: int) -> Delivery:
        return failed(one, error, retry_ms, self._now_ms(), random.random())  # noqa: S311 - no secret

    async def _notifier(self, one: Delivery) -> tuple[Notifier, int]:
        """The notifier of a contact point as it stands now, and how long it is to try."""
        contact = await contact_of(self._telling, one.org, one.contact_point)
        if contact is None:
            raise NotifyError(f"there is no contact point {one.contact_point} any more", retryable=False)
        place = (one.org, one.contact_point)
        known = self._notifiers.get(place)
        if known is None or known[0] != contact:
            try:
                made = self._kinds.make(contact)
            except (HeliographError, ValueError) as error:
                raise NotifyError(f"the contact point cannot be used: {error}"[:500], retryable=False) from None
            if known is not None:
                await known[1].close()
            known = self._notifiers[place] = (contact, made)
        return known[1], self._kinds.options(contact).retry_ms
