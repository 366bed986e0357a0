"""Passwords as argon2id hashes. Both functions take tens of ms of all cores: in a thread, one after another.

Who hangs up meanwhile leaves a hash that is worked out on: its turn ends with it, and no other begins beside it.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from ...errors import InvalidError
from ...tasks import to_its_end
from ...turns import FairTurns, Room

MIN_LENGTH = 8
MAX_LENGTH = 1000
_hasher = PasswordHasher()
_thread = ThreadPoolExecutor(1, "passwords")
ROOM = Room(waiting=64, waiting_of_one=8)
_turns = FairTurns(ROOM, "many people log in at this moment", "many passwords of yours wait to be checked")


async def hash_password(password: str, who: str) -> str:
    """The hash to keep, made in the turn of `who`; InvalidError for a password that is too short or too long,
    RateLimitedError where too many of theirs wait, OverloadedError where too many of all do."""
    if not MIN_LENGTH <= len(password) <= MAX_LENGTH:
        raise InvalidError(f"a password has {MIN_LENGTH} to {MAX_LENGTH} characters", path="$.password")
    async with _turns.turn(who):
        return await to_its_end(asyncio.get_running_loop().run_in_executor(_thread, _hasher.hash, password))


async def verify_password(password: str, hashed: str | None, place: str) -> bool:
    """Whether it is the password; RateLimitedError where too many of this place wait, OverloadedError of all.

    Without a hash the same time is taken, so that logins cannot be guessed by it.
    """
    async with _turns.turn(place):
        checking = asyncio.get_running_loop().run_in_executor(_thread, _verify, password[:MAX_LENGTH], hashed)
        return await to_its_end(checking)


def _verify(password: str, hashed: str | None) -> bool:
    nobody = _nobody()  # at the first try, whoever it is: a name that is not known takes no longer
    try:
        return _hasher.verify(hashed or nobody, password) and hashed is not None
    except (VerificationError, InvalidHashError):
        return False


@lru_cache(1)
def _nobody() -> str:
    return _hasher.hash("nobody has this password")
