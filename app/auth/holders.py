"""Who goes on by which credential, so that all of them are looked after at once and end with it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Generic, TypeVar

from .authenticator import Authenticator

T = TypeVar("T")


class Holders(Generic[T]):
    """Sockets by the names of their credentials, in the order in which they came."""

    def __init__(self, auth: Authenticator) -> None:
        self._auth = auth
        self._credentials: dict[T, str] = {}
        self._held: Counter[str] = Counter()

    def __len__(self) -> int:
        return len(self._credentials)

    def __iter__(self) -> Iterator[T]:
        return iter(self._credentials)

    def add(self, holder: T, credential: str) -> None:
        self._credentials[holder] = credential
        self._held[credential] += 1

    def discard(self, holder: T) -> None:
        """It is gone; nothing where it was not there."""
        credential = self._credentials.pop(holder, None)
        if credential is not None:
            self._held[credential] -= 1
            if not self._held[credential]:
                del self._held[credential]

    async def void(self) -> tuple[T, ...]:
        """Those whose credentials are not good any more."""
        gone = await self._auth.void(self._held.keys()) if self._held else ()
        return tuple(holder for holder, credential in self._credentials.items() if credential in gone) if gone else ()
