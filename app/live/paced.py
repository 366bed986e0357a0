"""What may be wanted many times at once, and is done at once and then seldom."""

from __future__ import annotations

import asyncio
from collections.abc import Callable


class Paced:
    """Calls `do` when it is called, but never twice within some seconds: what is wanted meanwhile is one call after it.

    `every_s`: that pause as it is now; one that has become shorter by the next call ends sooner.
    """

    def __init__(self, do: Callable[[], None], every_s: Callable[[], float]) -> None:
        self._do = do
        self._every_s = every_s
        self._done_s = float("-inf")
        self._later: asyncio.TimerHandle | None = None

    def __call__(self) -> None:
        loop = asyncio.get_running_loop()
        due_s = self._done_s + self._every_s()
        if self._later is not None and self._later.when() <= due_s:
            return
        self.stop()
        if loop.time() >= due_s:
            self._run()
        else:
            self._later = loop.call_at(due_s, self._run)

    def done(self) -> None:
        """It was done now by another way: the pause begins."""
        self._done_s = asyncio.get_running_loop().time()

    def stop(self) -> None:
        """Do no more of what was wanted."""
        if self._later is not None:
            self._later.cancel()
            self._later = None

    def _run(self) -> None:
        self._later = None
        self.done()
        self._do()
