"""What lets the work role ask in a person's name: an HMAC over the name of a credential and an expiry."""

from __future__ import annotations

from ...errors import UnauthenticatedError
from .signed import Signer

SCHEME = "Heliograph-Session"  # of the Authorization header
LIFE_S = 12 * 3600
MAX_LENGTH = 400
KIND = b"session ticket "


class SessionTickets:
    """Issues and checks the tickets of private sessions; no state, so that any node can."""

    def __init__(self, key: bytes) -> None:
        self._signer = Signer(key, KIND)

    def issue(self, credential: str, now_s: float) -> str:
        """A ticket for LIFE_S seconds; `credential` is a name such as `session:7:0`."""
        return self._signer.sign(f"{int(now_s) + LIFE_S} {credential}".encode())

    def check(self, ticket: str, now_s: float) -> str:
        """The credential that a ticket names; UnauthenticatedError where it is forged, of another kind, or too old."""
        said = self._signer.open(ticket[:MAX_LENGTH])
        if said is None:
            raise UnauthenticatedError("the session's ticket is not ours")
        expires_s, _, credential = said.decode().partition(" ")
        if int(expires_s) < now_s:
            raise UnauthenticatedError("the session's ticket is past its life")
        return credential
