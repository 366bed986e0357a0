"""Framed messages: u32 length of a head of JSON, the head, and buffers behind it, each at a multiple of ALIGNMENT.

Snapshots have this form, and what the view and work roles send each other (docs/live-protocol.md); `lens` in the head
are the buffers' lengths in bytes.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...errors import MalformedError
from .strict_json import strict_json

ALIGNMENT = 8
LENGTH = struct.Struct("<I")


def buffer_of(array: NDArray[Any]) -> memoryview:
    """The bytes of a contiguous array, as they lie in memory."""
    return array.reshape(-1).view(np.uint8).data


def lens_of(buffers: Sequence[memoryview]) -> list[int]:
    """What a head says of its buffers as `lens`."""
    return [buffer.nbytes for buffer in buffers]


def pack(head: Mapping[str, Any], buffers: Sequence[memoryview]) -> bytes:
    """One message of contiguous buffers."""
    return framed(strict_json({**head, "lens": lens_of(buffers)}).encode(), buffers)


def framed(text: bytes, buffers: Sequence[memoryview]) -> bytes:
    """The same of a head that is written already, with its `lens`."""
    text += b" " * (-(LENGTH.size + len(text)) % ALIGNMENT)
    pieces: list[bytes | memoryview] = [LENGTH.pack(len(text)), text]
    for buffer in buffers:
        pieces += [buffer, b"\0" * (-buffer.nbytes % ALIGNMENT)]
    return b"".join(pieces)


def unpack(message: bytes) -> tuple[dict[str, Any], list[memoryview]]:
    """The head and views of the buffers; MalformedError for what is no such message."""
    try:
        (length,) = LENGTH.unpack_from(message)
        head = json.loads(message[LENGTH.size : LENGTH.size + length])
        position, buffers = LENGTH.size + length, []
        for size in head["lens"]:
            if not 0 <= size <= len(message) - position:
                raise ValueError("a buffer is cut")
            buffers.append(memoryview(message)[position : position + size])
            position += size + (-size % ALIGNMENT)
    except (struct.error, ValueError, KeyError, TypeError) as error:
        raise MalformedError("this is no framed message") from error
    return head, buffers
