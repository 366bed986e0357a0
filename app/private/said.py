"""What the page of a private session may say in Bokeh's protocol: it changes the document, and adds nothing to it.

A message is a header, metadata and content, all JSON, then a header and bytes for each of its buffers. They are read
here by the very parser that Bokeh reads them with, and none of them has room for what is not looked at: were the two
ever at different places of a message, there would be nothing to take one part for another.
"""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Generator
from typing import Any, Final

from ...errors import MalformedError

# What pages ask and say; a pushed document would take the place of the session's own.
KINDS: Final = frozenset({"PULL-DOC-REQ", "PATCH-DOC", "ACK", "OK"})
HEADER: Final = frozenset({"msgid", "msgtype", "reqid", "num_buffers"})
# A document that a page could add roots to would grow without end. Models in values are what the page was sent last.
EVENTS: Final = frozenset({"ModelChanged", "MessageSent", "ColumnDataChanged", "ColumnsPatched"})
MAX_BUFFERS: Final = 16
MAX_UNPACKED: Final = (
    4 * 2**20
)  # bytes of all that is packed in one message, of which a few may be a thousand times more
# Types of the arrays that BokehJS sends: of others one item may be as large as its name says.
ARRAYS: Final = frozenset({"bool", "object", "float32", "float64"}) | {
    f"{sign}int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64)
}
ADDS: Final = "a page adds nothing to a session"
FOREIGN: Final = "not a message of this protocol"


class PageSaid:
    """Follows the messages of one page, part by part."""

    def __init__(self) -> None:
        self._parts = _messages()
        next(self._parts)

    def check(self, part: str | bytes) -> None:
        """MalformedError for what no page of ours says; nothing may be checked after that."""
        try:
            self._parts.send(part)
        except (ValueError, RecursionError):
            raise MalformedError(FOREIGN) from None


def _messages() -> Generator[None, str | bytes, None]:
    while True:
        header = _object((yield), HEADER)
        kind, buffers = header.get("msgtype"), header.get("num_buffers", 0)
        if kind not in KINDS or type(buffers) is not int or not 0 <= buffers <= MAX_BUFFERS:
            raise MalformedError(FOREIGN)
        _object((yield), frozenset())
        content = _object((yield), frozenset({"events"} if kind == "PATCH-DOC" else ()))
        _check_values(content)
        for event in _listed(content.get("events", [])):
            if event.get("kind") not in EVENTS:
                raise MalformedError(ADDS)
        for _ in range(buffers):
            _object((yield), frozenset({"id"}))
            if not isinstance((yield), bytes):
                raise MalformedError(FOREIGN)


def _check_values(content: Any) -> None:
    """MalformedError for an array of anything but plain values, and for bytes that unpack to more than a page has,
    however deep they stand."""
    left, room = [content], MAX_UNPACKED
    while left:
        value = left.pop()
        if isinstance(value, dict):
            if value.get("type") == "bytes" and isinstance(value.get("data"), str):
                room -= _unpacked(value["data"], room)
            if "dtype" in value and not (isinstance(value["dtype"], str) and value["dtype"] in ARRAYS):
                raise MalformedError(FOREIGN)
            left += value.values()
        elif isinstance(value, list):
            left += value


def _unpacked(text: str, room: int) -> int:
    """How many bytes Bokeh would make of a text; MalformedError for more than there is room for."""
    stream = zlib.decompressobj(zlib.MAX_WBITS | 16)
    try:
        size = len(stream.decompress(base64.b64decode(text), room + 1))
    except zlib.error:
        raise MalformedError(FOREIGN) from None
    if size > room or not stream.eof or stream.unused_data:
        raise MalformedError(FOREIGN)
    return size


def _object(part: str | bytes, names: frozenset[str]) -> dict[str, Any]:
    """The JSON object of a part, with no other names than these."""
    found = json.loads(part) if isinstance(part, str) else None
    if not isinstance(found, dict) or found.keys() - names:
        raise MalformedError(FOREIGN)
    return found


def _listed(found: Any) -> list[dict[str, Any]]:
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise MalformedError(FOREIGN)
    return found
