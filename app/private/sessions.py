"""The private sessions of a view process: who may begin one, and when one has to end."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

import structlog
from bokeh.util.token import check_token_signature, generate_jwt_token, generate_session_id, get_session_id
from bokeh.util.token import get_token_payload as payload_of
from tornado.websocket import WebSocketClientConnection

from ...errors import (
    ForbiddenError,
    HeliographError,
    OverloadedError,
    TooManySessionsError,
    UnauthenticatedError,
)
from ...tasks import ended
from ..auth.addresses import network_of
from ..auth.authenticator import Authenticator, Identity
from ..auth.browsers import ANONYMOUS
from ..auth.holders import Holders
from ..auth.session_ticket import SessionTickets
from ..process.telemetry import Telemetry
from ..process.work_address import EXPLORE_ROLE
from .places import WAIT_S, Places
from .workbench import Workbench

log = structlog.get_logger(__name__)
SWEEP_S = 1.0
VOID, DRAINED = 4401, 1001  # codes that sockets are closed with


class Session(Protocol):
    """The socket of a session."""

    def close(self, code: int | None = None, reason: str | None = None) -> None:
        """Close the socket with a code of WebSockets."""


@dataclass(frozen=True, slots=True)
class SessionKeys:
    """What signs the tokens of pages, which any node takes; and the tickets of the work role."""

    pages: bytes
    tickets: SessionTickets


class PrivateSessions:
    """Admits pages, then their sockets, and closes those whose person is logged out. Runs on the event loop."""

    def __init__(
        self,
        *,
        places: Places,
        keys: SessionKeys,
        workbench: Workbench,
        auth: Authenticator,
        telemetry: Telemetry,
        clock: Callable[[], float],
    ) -> None:
        self._places = places
        self._keys = keys
        self._workbench = workbench
        self._telemetry = telemetry
        self._clock = clock
        self._auth = auth
        self._open: Holders[Session, str] = Holders()
        self._keeper: asyncio.Task[None] | None = None
        self._draining = False

    def start(self) -> None:
        """Begin to look after sessions, every second."""
        self._keeper = asyncio.get_running_loop().create_task(self._keep())

    async def close(self) -> None:
        """Tell all sessions to go, and take no more."""
        self._draining = True
        await ended(self._keeper)
        self._keeper = None
        for session in tuple(self._open):
            session.close(DRAINED, "drained")
        await self._workbench.close()

    # -- the page ----------------------------------------------------------------------------------------------------

    def admit(self, identity: Identity, remote_ip: str) -> str:
        """A token for a page's socket, good for WAIT_S seconds, for which its place is kept.

        ForbiddenError, NotInstalledError; TooManySessionsError past a limit. `remote_ip` tells anonymous people apart.
        """
        self._check(identity)
        self._workbench.require()
        session = generate_session_id(self._keys.pages, signed=True)
        with self._shedding():
            self._places.reserve(session, owner(identity, remote_ip))
        self._count()
        self._workbench.wake()
        said = {"credential": identity.credential}
        return str(
            generate_jwt_token(session, self._keys.pages, signed=True, extra_payload=said, expiration=int(WAIT_S))
        )

    # -- the socket --------------------------------------------------------------------------------------------------

    def enter(self, session: Session, token: str, identity: Identity, remote_ip: str) -> None:
        """A page's socket came. UnauthenticatedError for a token that is not that person's; TooManySessionsError."""
        self._check(identity)
        session_id = self._session_id(token, identity)
        with self._shedding():
            self._places.take(session, session_id, owner(identity, remote_ip))
        self._open.add(session, identity.credential)
        self._count()

    async def connect(self, path: str, identity: Identity, said: dict[str, Any]) -> WebSocketClientConnection:
        """The work role's end of a session, which may ask in the person's name."""
        ticket = self._keys.tickets.issue(identity.credential, self._clock())
        return await self._workbench.connect(path, {**said, "ticket": ticket})

    def leave(self, session: Session) -> None:
        """The socket of a session has closed."""
        self._open.discard(session)
        self._places.free(session)
        self._count()

    def _session_id(self, token: str, identity: Identity) -> str:
        try:
            good = check_token_signature(token, self._keys.pages, signed=True)
            said = payload_of(token) if good else {}
            session_id = str(get_session_id(token)) if good else ""
        except (ValueError, KeyError, TypeError, AttributeError, AssertionError):
            good, said, session_id = False, {}, ""
        if not good or said.get("credential") != identity.credential:
            raise UnauthenticatedError("the page's token is not ours")
        if said["session_expiry"] < self._clock():
            raise UnauthenticatedError("the page's token is past its life")
        return session_id

    # -- both --------------------------------------------------------------------------------------------------------

    def _check(self, identity: Identity) -> None:
        if self._draining:
            raise OverloadedError("this server stops", retry_after_s=2)
        if identity.scope.role < EXPLORE_ROLE:
            raise ForbiddenError(f"exploring needs the role {EXPLORE_ROLE}")

    @contextlib.contextmanager
    def _shedding(self) -> Iterator[None]:
        try:
            yield
        except TooManySessionsError:
            self._telemetry.shed.labels("sessions").inc()
            raise

    def _count(self) -> None:
        self._telemetry.private_sessions.set(len(self._places))

    async def _keep(self) -> None:
        """Each second: forget pages that never came back, close sessions whose credentials are void."""
        while True:
            await asyncio.sleep(SWEEP_S)
            self._count()
            try:
                for session, _ in self._open.of(await self._auth.void(self._open.rights())):
                    session.close(VOID, "credential")
            except HeliographError as error:
                log.warning("private sessions cannot be checked", error=error.detail)


def owner(identity: Identity, remote_ip: str) -> str:
    """Whose session it is: a person, or an address where nobody logged in."""
    principal = identity.scope.principal
    return f"{principal}:{network_of(remote_ip)}" if principal == ANONYMOUS else principal
