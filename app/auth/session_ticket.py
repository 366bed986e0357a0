"""What lets the work role ask in a person's name: an HMAC over the name of a credential and an expiry."""

from __future__ import annotations

import base64
import hashlib
import hmac

from ...storage.errors import UnauthenticatedError

SCHEME = "Heliograph-Session"  # of the Authorization header
LIFE_S = 12 * 3600
MAX_LENGTH = 400
KIND = b"session ticket "  # signed along: a token of another kind is none of these, whatever its key


class SessionTickets:
    """Issues and checks the tickets of private sessions; no state, so that any node can."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def issue(self, credential: str, now_s: float) -> str:
        """A ticket for LIFE_S seconds; `credential` is a name such as `session:7:0`."""
        body = _encode(f"{int(now_s) + LIFE_S} {credential}".encode())
        return f"{body}.{self._sign(body)}"

    def check(self, ticket: str, now_s: float) -> str:
        """The credential that a ticket names; UnauthenticatedError where it is forged, of another kind, or too old."""
        body, _, signature = ticket[:MAX_LENGTH].partition(".")
        if not hmac.compare_digest(signature.encode(), self._sign(body).encode()):
            raise UnauthenticatedError("the session's ticket is not ours")
        expires_s, _, credential = base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)).decode().partition(" ")
        if int(expires_s) < now_s:
            raise UnauthenticatedError("the session's ticket is past its life")
        return credential

    def _sign(self, body: str) -> str:
        return _encode(hmac.digest(self._key, KIND + body.encode(), hashlib.sha256))


def _encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")
