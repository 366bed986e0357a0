"""Messages as the WebSocket frames that sockets write: encoded once for all who follow."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...components.session_wire import TEXT, ws_frame
from ..http.strict_json import strict_json


def as_frame(message: Mapping[str, Any]) -> bytes:
    """A message as the frame that is written to sockets."""
    return text_frame(strict_json(message).encode())


def text_frame(payload: bytes) -> bytes:
    """An unmasked WebSocket text frame, as a server sends it (RFC 6455, 5.2)."""
    return ws_frame(TEXT, payload)


def payload_of(frame: bytes) -> bytes:
    """What stands in a frame that `text_frame` made."""
    return frame[{126: 4, 127: 10}.get(frame[1], 2) :]
