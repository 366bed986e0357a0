"""Session cookies: signed, with the user's id and epoch; an epoch that has passed makes them void."""

from __future__ import annotations

from dataclasses import dataclass

from tornado.web import create_signed_value, decode_signed_value

from ...storage.config.users import User

COOKIE = "heliograph_session"
LIFE_DAYS = 30


@dataclass(frozen=True, slots=True)
class Session:
    """What a cookie says: who, and as of which epoch of theirs."""

    user_id: int
    epoch: int


class Sessions:
    """Issues and reads session cookies with one key."""

    def __init__(self, key: bytes) -> None:
        self._key = key.hex()

    def issue(self, user: User) -> str:
        """The cookie's value for a user who has just proved who they are."""
        return create_signed_value(self._key, COOKIE, f"{user.id}:{user.epoch}").decode()

    def read(self, cookie: str | None) -> Session | None:
        """What an authentic cookie that is not too old says, else None."""
        if not cookie:
            return None
        value = decode_signed_value(self._key, COOKIE, cookie, max_age_days=LIFE_DAYS)
        if value is None:
            return None
        user_id, _, epoch = value.decode().partition(":")
        return Session(int(user_id), int(epoch))
