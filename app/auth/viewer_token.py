"""What lets a tab follow a view: an HMAC over view, principal, credential and expiry."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ...errors import UnauthenticatedError
from .signed import Signer

LIFE_S = 300
MAX_LENGTH = 4000
MAX_ADDRESS = 1500  # characters; a longer one is left out


@dataclass(frozen=True, slots=True)
class ViewerToken:
    """Who may follow which view until when (seconds since the epoch).

    `address` is what the view was opened by, so that a node that does not hold it can open it too; empty where it is
    too long to be carried along.
    """

    view: str
    principal: str
    credential: str
    expires_s: int
    address: Sequence[Any] = ()


class ViewerTokens:
    """Issues and checks the tokens of viewers; no state, so that any node can."""

    def __init__(self, key: bytes) -> None:
        self._signer = Signer(key)

    def issue(self, view: str, principal: str, credential: str, now_s: float, address: Sequence[Any] = ()) -> str:
        """A token for LIFE_S seconds."""
        if len(json.dumps(address)) > MAX_ADDRESS:
            address = ()
        said = [view, principal, credential, int(now_s) + LIFE_S, address]
        return self._signer.sign(json.dumps(said, separators=(",", ":")).encode())

    def check(self, token: str, view: str, now_s: float) -> ViewerToken:
        """What the token says; UnauthenticatedError where it is forged, for another view, or past its life."""
        said = self._signer.open(token[:MAX_LENGTH])
        if said is None:
            raise UnauthenticatedError("the viewer's token is not ours")
        checked = ViewerToken(*json.loads(said))
        if checked.view != view:
            raise UnauthenticatedError("the viewer's token is for another view")
        if checked.expires_s < now_s:
            raise UnauthenticatedError("the viewer's token is past its life")
        return checked
