"""Snapshots: one head of JSON with the panels asked for, and their buffers behind it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ..framed import framed, lens_of, unpack
from .panel import Outcome


def encode_snapshot(
    outcomes: Mapping[int, Outcome],
    types: Mapping[int, str],
    *,
    seq: int,
    at_ms: int,
    window: tuple[int, int],
    annotations: bytes = b"",
) -> bytes:
    """A framed message of the panels; `annotations` is JSON."""
    buffers: list[memoryview] = []
    panels = [
        b'"%d":%s' % (panel_id, _panel(outcome, types[panel_id], buffers)) for panel_id, outcome in outcomes.items()
    ]
    lens = json.dumps(lens_of(buffers))
    head = b'{"seq":%d,"at":%d,"window":[%d,%d],"lens":%s,"panels":{%s}%s}' % (
        seq,
        at_ms,
        *window,
        lens.encode(),
        b",".join(panels),
        b',"annotations":' + annotations if annotations else b"",
    )
    return framed(head, buffers)


def _panel(outcome: Outcome, type_name: str, buffers: list[memoryview]) -> bytes:
    head = {**outcome.head(), "type": type_name}
    if outcome.layout is None or outcome.drawn is None:
        return json.dumps(head, ensure_ascii=False).encode()
    head |= {"layout": outcome.layout.id, "texts": outcome.drawn.texts}
    text = json.dumps(head, ensure_ascii=False, separators=(",", ":")).encode()
    return b'%s,"doc":%s}' % (text[:-1], outcome.layout.fill(outcome.drawn.sources, buffers))


def decode_snapshot(data: bytes) -> tuple[dict[str, Any], list[bytes]]:
    """The head and the buffers; for clients in Python."""
    head, buffers = unpack(data)
    return head, [bytes(buffer) for buffer in buffers]
