"""Who stands behind a request of this node's work role, which asks in the name of the person of a private session."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Mapping

from ...errors import UnauthenticatedError
from ..process.work_address import SECRET_HEADER, WorkAddress
from .addresses import is_loopback
from .authenticator import Authenticator, Identity
from .session_ticket import SCHEME, SessionTickets


class Behalf:
    """Takes a ticket from the work role of this node alone: from this machine, with the secret that both roles have."""

    def __init__(
        self,
        tickets: SessionTickets,
        auth: Authenticator,
        work: WorkAddress | None,
        host: str,
        clock: Callable[[], float],
    ) -> None:
        self._tickets = tickets
        self._auth = auth
        self._work = work
        self._host = host
        self._clock = clock

    @staticmethod
    def speaks(headers: Mapping[str, str]) -> bool:
        """Whether a request says that it asks for somebody else."""
        return headers.get("Authorization", "").partition(" ")[0].lower() == SCHEME.lower()

    async def identity(self, headers: Mapping[str, str], remote_ip: str) -> Identity:
        """The person; UnauthenticatedError for anybody but the work role, and where the credential is void by now."""
        given = headers.get(SECRET_HEADER, "").encode()
        if self._work is None or not hmac.compare_digest(given, self._work.secret.encode()):
            raise UnauthenticatedError("this is for the work role alone")
        if not (is_loopback(remote_ip) or remote_ip == self._host):
            raise UnauthenticatedError("this is for the work role alone")
        ticket = headers.get("Authorization", "").partition(" ")[2].strip()
        found = await self._auth.identity_of(self._tickets.check(ticket, self._clock()))
        if found is None:
            raise UnauthenticatedError("the login of this session has ended")
        return found
