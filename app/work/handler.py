"""What all handlers of the work role share: the view role alone may ask."""

from __future__ import annotations

import asyncio
import hmac
from abc import ABC, abstractmethod
from typing import Any

from tornado import web

from ...errors import HeliographError, UnauthenticatedError
from ..http.problem import problem
from ..process.work_address import SECRET_HEADER


class WorkHandler(web.RequestHandler, ABC):
    """Base of what the view role alone may ask: it knows the secret."""

    def initialize(self, secret: str) -> None:
        self._secret = secret
        self._gone = False
        self._answering: asyncio.Task[Any] | None = None

    async def post(self) -> None:
        self._answering = asyncio.current_task()
        try:
            given = self.request.headers.get(SECRET_HEADER, "")
            if not hmac.compare_digest(given.encode(), self._secret.encode()):
                raise UnauthenticatedError("this is for the view role alone")
            body = await self.answer()
        except HeliographError as error:
            self.set_status(error.status)
            self.finish(problem(error, ""))
            return
        except asyncio.CancelledError:
            if self._gone:
                return
            raise
        finally:
            self._answering = None
        self.set_header("Content-Type", "application/octet-stream")
        self.finish(body)

    def on_connection_close(self) -> None:
        """Nobody waits for the answer any more: what waits for its turn gives it up."""
        self._gone = True
        if self._answering is not None:
            self._answering.cancel()

    @abstractmethod
    async def answer(self) -> bytes:
        """The body; HeliographError."""
