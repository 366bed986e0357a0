"""What all handlers of the work role share: the view role alone may ask."""

from __future__ import annotations

import hmac
from abc import ABC, abstractmethod

from tornado import web

from ...errors import HeliographError, UnauthenticatedError
from ..http.problem import problem
from ..process.work_address import SECRET_HEADER


class WorkHandler(web.RequestHandler, ABC):
    """Base of what the view role alone may ask: it knows the secret."""

    def initialize(self, secret: str) -> None:
        self._secret = secret

    async def post(self) -> None:
        try:
            given = self.request.headers.get(SECRET_HEADER, "")
            if not hmac.compare_digest(given.encode(), self._secret.encode()):
                raise UnauthenticatedError("this is for the view role alone")
            body = await self.answer()
        except HeliographError as error:
            self.set_status(error.status)
            self.finish(problem(error, ""))
            return
        self.set_header("Content-Type", "application/octet-stream")
        self.finish(body)

    @abstractmethod
    async def answer(self) -> bytes:
        """The body; HeliographError."""
