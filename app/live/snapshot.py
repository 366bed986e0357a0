"""Snapshots: one head of JSON with the panels asked for, and their buffers behind it."""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping, Sequence

from .panel import Outcome

ALIGNMENT = 8


def encode_snapshot(
    outcomes: Mapping[int, Outcome],
    types: Mapping[int, str],
    *,
    seq: int,
    at_ms: int,
    window: tuple[int, int],
    annotations: bytes = b"",
) -> bytes:
    """u32 length of the head, the head, and the buffers, each at a multiple of ALIGNMENT. `annotations` is JSON."""
    buffers: list[memoryview] = []
    panels = [
        b'"%d":%s' % (panel_id, _panel(outcome, types[panel_id], buffers)) for panel_id, outcome in outcomes.items()
    ]
    lens = json.dumps([buffer.nbytes for buffer in buffers])
    head = b'{"seq":%d,"at":%d,"window":[%d,%d],"lens":%s,"panels":{%s}%s}' % (
        seq,
        at_ms,
        *window,
        lens.encode(),
        b",".join(panels),
        b',"annotations":' + annotations if annotations else b"",
    )
    head += b" " * (-(4 + len(head)) % ALIGNMENT)
    return b"".join([struct.pack("<I", len(head)), head, *_padded(buffers)])


def _panel(outcome: Outcome, type_name: str, buffers: list[memoryview]) -> bytes:
    head = {**outcome.head(), "type": type_name}
    if outcome.layout is None or outcome.drawn is None:
        return json.dumps(head, ensure_ascii=False).encode()
    head |= {"layout": outcome.layout.id, "texts": outcome.drawn.texts}
    text = json.dumps(head, ensure_ascii=False, separators=(",", ":")).encode()
    return b'%s,"doc":%s}' % (text[:-1], outcome.layout.fill(outcome.drawn.sources, buffers))


def _padded(buffers: Sequence[memoryview]) -> list[bytes | memoryview]:
    pieces: list[bytes | memoryview] = []
    for buffer in buffers:
        pieces += [buffer, b"\0" * (-buffer.nbytes % ALIGNMENT)]
    return pieces


def decode_snapshot(data: bytes) -> tuple[dict[str, object], list[bytes]]:
    """The head and the buffers; for clients in Python."""
    (length,) = struct.unpack_from("<I", data)
    head = json.loads(data[4 : 4 + length])
    position = 4 + length
    buffers = []
    for size in head["lens"]:
        buffers.append(data[position : position + size])
        position += size + (-size % ALIGNMENT)
    return head, buffers
