"""How many requests a user may send, over all nodes that share a Redis."""

from __future__ import annotations

from limits import parse as parse_limit

from ...errors import RateLimitedError
from ...storage.cache.base import Rate, Rates

# Tries to log in, right or wrong: of an address, behind which a whole office may stand, and of one person from there.
LOGINS_OF_ADDRESS, LOGINS_OF_PERSON = "300/minute", "20/minute"


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
    """How often an address may try to log in: each try costs tens of ms of all cores."""

    def __init__(self, rates: Rates) -> None:
        self._address = RateLimit(LOGINS_OF_ADDRESS, rates)
        self._person = RateLimit(LOGINS_OF_PERSON, rates)

    async def check(self, address: str, login: str) -> None:
        """RateLimitedError past either limit."""
        await self._address.check(f"login/{address}")
        await self._person.check(f"login/{address}/{login[:200]}")
