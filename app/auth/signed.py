"""Texts that we signed, to be known again without being kept: an HMAC behind what is said."""

from __future__ import annotations

import base64
import hashlib
import hmac


class Signer:
    """Signs and checks with one key. `kind` is signed along: what is of another kind is not ours, whatever its key."""

    def __init__(self, key: bytes, kind: bytes = b"") -> None:
        self._key = key
        self._kind = kind

    def sign(self, said: bytes) -> str:
        """What is said with its signature, in characters that addresses and headers take."""
        body = _encode(said)
        return f"{body}.{self._signature(body)}"

    def open(self, text: str) -> bytes | None:
        """What is said in a text that we signed; None for any other."""
        body, _, signature = text.partition(".")
        if not hmac.compare_digest(signature.encode(), self._signature(body).encode()):
            return None
        return base64.urlsafe_b64decode(body + "=" * (-len(body) % 4))

    def _signature(self, body: str) -> str:
        return _encode(hmac.digest(self._key, self._kind + body.encode(), hashlib.sha256))


def _encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")
