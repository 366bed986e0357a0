"""What goes with links beside their keeping: who has said a link's password, and when each was used last."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

import structlog

from ...errors import HeliographError
from ...storage.config.shares import Share, Shares
from ...storage.config.tokens import digest
from ...tasks import ended
from ..auth.signed import Signer

log = structlog.get_logger(__name__)
COOKIE = "heliograph_share_"  # and the link's id
PASS_S = 12 * 3600
MAX_LENGTH = 400
WRITTEN_EVERY_S = 30.0


class Passes:
    """What a browser keeps once it has said a link's password: an HMAC over the link, that password and an expiry."""

    def __init__(self, key: bytes) -> None:
        self._signer = Signer(key, b"pass of a link ")

    def issue(self, share: Share, now_s: float) -> str:
        """A pass for PASS_S seconds."""
        return self._signer.sign(f"{int(now_s) + PASS_S} {self._of(share)}".encode())

    def good(self, cookie: str | None, share: Share, now_s: float) -> bool:
        """Whether it is a pass of ours for that link, with the password that it has now."""
        said = self._signer.open(cookie[:MAX_LENGTH]) if cookie else None
        if said is None:
            return False
        expires_s, _, of = said.decode().partition(" ")
        return int(expires_s) >= now_s and of == self._of(share)

    @staticmethod
    def _of(share: Share) -> str:
        return f"{share.id} {digest(share.terms.password_hash)}"


class Uses:
    """When links were opened last: written down now and then, however many open them."""

    def __init__(self, shares: Shares, clock: Callable[[], float]) -> None:
        self._shares = shares
        self._clock = clock
        self._unwritten: dict[int, int] = {}
        self._writer: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to write down when links are used."""
        self._writer = asyncio.get_running_loop().create_task(self._write_for_ever())

    def note(self, share: Share) -> None:
        """Somebody opens it now."""
        self._unwritten[share.id] = int(self._clock() * 1000)

    def last(self, share: Share) -> int | None:
        """When it was opened last, ms; None: never."""
        return max(self._unwritten.get(share.id, 0), share.used_ms or 0) or None

    async def write(self) -> None:
        """Write down what was noted; where the database cannot be written, later."""
        noted, self._unwritten = self._unwritten, {}
        if not noted:
            return
        try:
            await self._shares.used(noted)
        except HeliographError as error:
            self._unwritten = {**noted, **self._unwritten}
            log.warning("uses of links are not written", error=error.detail)

    async def close(self) -> None:
        """End, and write down what is left."""
        await ended(self._writer)
        self._writer = None
        await self.write()

    async def _write_for_ever(self) -> None:
        while True:
            await asyncio.sleep(WRITTEN_EVERY_S)
            await self.write()


@dataclass(frozen=True, slots=True)
class Links:
    """Links as handlers get them."""

    passes: Passes
    uses: Uses
