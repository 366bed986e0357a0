"""How many requests a user may send, over all nodes that share a Redis."""

from __future__ import annotations

from limits import parse as parse_limit

from ...errors import RateLimitedError
from ...storage.cache.base import Rate, Rates
from .addresses import network_of
from .tries import Accounts

# Tries to log in, right or wrong: of a network, behind which a whole office may stand, and of one person from there.
LOGINS_OF_NETWORK, LOGINS_OF_PERSON = "120/minute", "20/minute"
V4_BITS = 24  # whoever has one address of IPv4 of a provider easily has others near it
MAX_LOGIN = 200


class RateLimit:
    """The limit of each user, such as `6000/minute`, in a moving window."""

    def __init__(self, text: str, rates: Rates) -> None:
        self._limit = parse_limit(text)
        self._rate = rate_of(text)
        self._rates = rates

    async def check(self, who: str) -> None:
        """RateLimitedError, with the seconds to wait, for more requests than are allowed."""
        wait_s = await self._rates.wait_s(f"user/{who}", self._rate)
        if wait_s > 0:
            raise RateLimitedError(f"more than {self._limit}", retry_after_s=wait_s)


def rate_of(text: str) -> Rate:
    """A rate in the form of the library `limits`."""
    limit = parse_limit(text)
    return Rate(limit.amount, limit.get_expiry())


class LoginLimit:
    """How often anybody may try to log in: from a network, as one person from an address, as one person from anywhere.

    Each try costs tens of ms of all cores.
    """

    def __init__(self, rates: Rates, accounts: Accounts) -> None:
        self._network = RateLimit(LOGINS_OF_NETWORK, rates)
        self._person = RateLimit(LOGINS_OF_PERSON, rates)
        self.accounts = accounts

    async def check(self, address: str, login: str) -> None:
        """RateLimitedError past any of these."""
        login = login[:MAX_LOGIN]
        await self._network.check(f"login/{place_of(address)}")
        await self._person.check(f"login/{network_of(address)}/{login}")
        self.accounts.check(login, network_of(address))

    def tried(self, address: str, login: str, *, good: bool) -> None:
        """What came of a try."""
        login = login[:MAX_LOGIN]
        if good:
            self.accounts.succeeded(login, network_of(address))
        else:
            self.accounts.failed(login)


def place_of(address: str) -> str:
    """The network whose tries wait together."""
    return network_of(address, V4_BITS)
