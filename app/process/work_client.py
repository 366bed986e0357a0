"""How the view role asks the work role of its node: over loopback, with the secret that both know."""

from __future__ import annotations

import asyncio
import ssl
from urllib.parse import quote

import httpx

from ...errors import HeliographError, NotInstalledError, WorkUnavailableError
from ...tasks import ended
from .work_address import ASKER_HEADER, SECRET_HEADER, WorkAddress

CONNECT_WITHIN_S = 2.0
RETRY_AFTER_S = 3.0


class WorkClient:
    """Asks for one kind of work. Opened with the first question, and used on one event loop.

    `address` is None where no such role was started; `does` ends the sentence "the process that …", and `missing` says
    what to install.
    """

    def __init__(self, address: WorkAddress | None, *, answer_within_s: float, does: str, missing: str) -> None:
        self._address = address
        self._timeout = httpx.Timeout(answer_within_s, connect=CONNECT_WITHIN_S)
        self._does = does
        self._missing = missing
        self._client: httpx.AsyncClient | None = None
        self._awake: set[str] = set()
        self.waking: asyncio.Task[None] | None = None

    def require(self) -> WorkAddress:
        """Where the role answers; NotInstalledError where there is none."""
        if self._address is None:
            raise NotInstalledError(self._missing)
        return self._address

    async def post(self, path: str, body: bytes = b"", who: str = "") -> httpx.Response:
        """The answer, worked out in the turn of `who`, of any status but that of NotInstalledError, which is raised.

        TimeoutError where it takes longer than `answer_within_s`, WorkUnavailableError where nobody answers.
        """
        client = self._opened(self.require())
        try:
            answer = await client.post(path, content=body, headers={ASKER_HEADER: quote(who)})
        except (httpx.ReadTimeout, httpx.WriteTimeout, httpx.PoolTimeout):
            raise TimeoutError(f"the process that {self._does} takes longer than it should") from None
        except httpx.HTTPError:
            raise self.away() from None
        if answer.status_code == NotInstalledError.status:
            raise NotInstalledError(self._missing)
        return answer

    def away(self) -> WorkUnavailableError:
        """The error that says so; the role has to be woken again."""
        self._awake.clear()
        return WorkUnavailableError(f"the process that {self._does} is starting", retry_after_s=RETRY_AFTER_S)

    def wake(self, path: str) -> None:
        """Have the role load what takes seconds, by that path once, and not waited for. Never raises."""
        if self._address is None or path in self._awake or self.waking is not None:
            return
        self.waking = asyncio.get_running_loop().create_task(self._wake(path))

    async def _wake(self, path: str) -> None:
        try:
            if (await self.post(path)).status_code == httpx.codes.OK:
                self._awake.add(path)
        except (HeliographError, TimeoutError):
            pass  # who asks for the work itself is told
        finally:
            self.waking = None

    def _opened(self, address: WorkAddress) -> httpx.AsyncClient:
        if self._client is None:
            self._client = httpx.AsyncClient(
                base_url=address.url,
                timeout=self._timeout,
                headers={SECRET_HEADER: address.secret},
                trust_env=False,
                # On loopback there are no certificates: loading those that are trusted would hold the loop up.
                verify=ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT),
            )
        return self._client

    async def close(self) -> None:
        """Give the connections back. Idempotent."""
        await ended(self.waking)
        if self._client is not None:
            await self._client.aclose()
            self._client = None
