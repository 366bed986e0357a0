"""One budget per person: requests in a window, sockets at once, what they say on them, costly work under way.

A person is who logged in, else an address (an IPv6 network of 64 bits, which one household has). Who spends theirs is
told to wait, or waits; others do not notice.
"""

from __future__ import annotations

import asyncio
import ipaddress
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import lru_cache

from ...errors import RateLimitedError, TooManyViewersError
from ...lru import Lru
from ...storage.cache.memory import MemoryRates
from .addresses import address_of, network_of
from .authenticator import SHARE
from .browsers import ANONYMOUS
from .bucket import Bucket
from .ratelimit import rate_of

MAX_REMEMBERED = 4096
# People behind a trusted proxy that says of nobody who they are cannot be told apart: so many times what one may ask.
# Their sockets are bounded by the node's `max_viewers` alone, since a whole company may be behind it.
TOGETHER = 20
MESSAGES_PER_S = 20.0  # of one socket
MESSAGES_OF_PERSON_PER_S = 100.0  # of all sockets of a person
AT_ONCE = 4  # costly requests of a person under way: dashboards that nobody holds yet, ranges, long tables, pictures
WAITING = 100
BYTES_PER_MINUTE = 64 * 2**20  # of bodies that a person sends: eight of the largest dashboards
RETRY_AFTER_S = 5.0


@dataclass(frozen=True, slots=True)
class Person:
    """`key` names somebody in counts. `share`: as how many people they count."""

    key: str
    share: int = 1

    @property
    def is_one(self) -> bool:
        """Whether it is known to be one person, or one household."""
        return self.share == 1


@dataclass(slots=True)
class _Seats:
    taken: int
    said: Bucket


class _Turns:
    """The costly requests of one person."""

    __slots__ = ("free", "holders")

    def __init__(self, at_once: int) -> None:
        self.free = asyncio.Semaphore(at_once)
        self.holders = 0  # under way, and waiting


class Budget:
    """What everybody has spent in this process. `sockets`: what one person may have open at once."""

    def __init__(
        self,
        rate: str,
        here: MemoryRates,
        sockets: int,
        trusted_proxies: Iterable[str],
        clock: Callable[[], float],
    ) -> None:
        self._text = rate
        self._rate = rate_of(rate)
        self._here = here
        self._sockets = sockets
        self._proxies = tuple(ipaddress.ip_network(text, strict=False) for text in trusted_proxies)
        self._clock = clock
        self._seats: dict[str, _Seats] = {}
        self._turns: dict[str, _Turns] = {}
        self._sent: Lru[str, Bucket] = Lru(MAX_REMEMBERED)
        self.person = lru_cache(MAX_REMEMBERED)(self._person)

    def _person(self, principal: str, remote_ip: str) -> Person:
        """Whose budget it is: of who logged in, else of the address, for each link by itself."""
        if principal != ANONYMOUS and not principal.startswith(SHARE):
            return Person(principal)
        address = address_of(remote_ip)
        proxy = address is not None and any(address in network for network in self._proxies)
        return Person(f"{principal}:{network_of(remote_ip)}", TOGETHER if proxy else 1)

    def spend(self, person: Person) -> None:
        """Count a request; RateLimitedError, with the seconds to wait, for more than are allowed."""
        wait_s = self.wait_s(person)
        if wait_s > 0:
            raise RateLimitedError(f"more than {self._text}", retry_after_s=wait_s)

    def wait_s(self, person: Person) -> float:
        """The same as a number: 0 where the request is let in, and counted."""
        return self._here.wait_now_s(f"user/{person.key}", self._rate)

    def carry(self, person: Person, size: int) -> None:
        """Count a body of `size` bytes; RateLimitedError where this person sent more than anybody has to."""
        sent = self._sent.get(person.key)
        if sent is None:
            sent = Bucket(BYTES_PER_MINUTE * person.share / 60, self._clock, burst_s=60)
            self._sent.put(person.key, sent)
        wait_s = sent.owe(size)
        if wait_s > 0:
            sent.owe(-size)
            raise RateLimitedError(f"more than {BYTES_PER_MINUTE >> 20} MB in a minute", retry_after_s=wait_s)

    def sit(self, person: Person) -> None:
        """Count an open socket; TooManyViewersError for one more than a person may have. `leave` gives it back."""
        seats = self._seats.get(person.key)
        if seats is None:
            seats = self._seats[person.key] = _Seats(0, Bucket(MESSAGES_OF_PERSON_PER_S, self._clock))
        if person.is_one and seats.taken >= self._sockets:
            raise TooManyViewersError(
                f"you have {seats.taken} views open already: close the tab of one", retry_after_s=RETRY_AFTER_S
            )
        seats.taken += 1

    def leave(self, person: Person) -> None:
        """A socket has closed."""
        seats = self._seats[person.key]
        seats.taken -= 1
        if not seats.taken:
            del self._seats[person.key]

    def says(self, person: Person) -> bool:
        """Whether a person who has a socket may say one more thing now."""
        return not person.is_one or self._seats[person.key].said.take()

    @asynccontextmanager
    async def turn(self, person: Person) -> AsyncIterator[None]:
        """Wait until a costly request of this person may go on; RateLimitedError where too many wait already."""
        turns = self._turns.get(person.key)
        if turns is None:
            turns = self._turns[person.key] = _Turns(AT_ONCE * person.share)
        if turns.holders >= (AT_ONCE + WAITING) * person.share:
            raise RateLimitedError("many requests of yours are under way", retry_after_s=RETRY_AFTER_S)
        turns.holders += 1
        try:
            async with turns.free:
                yield
        finally:
            turns.holders -= 1
            if not turns.holders:
                del self._turns[person.key]
