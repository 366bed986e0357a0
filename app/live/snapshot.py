"""Snapshots: one head of JSON with the panels asked for, and their buffers behind it; encoded once for all who ask."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ...components.asking.outcome import Outcome
from ..http.framed import framed, lens_of, unpack
from ..http.packing import gzipped
from ..http.strict_json import strict_json

MAX_SNAPSHOTS = 32


class PanelHeads:
    """What is said of each panel of a view beside its data, as JSON: written anew where it differs from before."""

    def __init__(self) -> None:
        self._written: dict[int, tuple[Mapping[str, Any], bytes]] = {}

    @property
    def nbytes(self) -> int:
        """What they take, in bytes."""
        return sum(len(text) for _, text in self._written.values())

    def of(self, panel_id: int, outcome: Outcome, type_name: str) -> bytes:
        """The head of an outcome, its texts among it."""
        head = {**outcome.head(), "type": type_name}
        if outcome.layout is not None and outcome.drawn is not None:
            head |= {"layout": outcome.layout.id, "texts": outcome.drawn.texts}
        known = self._written.get(panel_id)
        if known is None or known[0] != head:
            known = self._written[panel_id] = (head, strict_json(head).encode())
        return known[1]


def encode_snapshot(
    outcomes: Mapping[int, Outcome],
    types: Mapping[int, str],
    heads: PanelHeads,
    *,
    seq: int,
    at_ms: int,
    window: tuple[int, int],
    annotations: bytes = b"",
) -> bytes:
    """A framed message of the panels; `annotations` is JSON."""
    buffers: list[memoryview] = []
    panels = [
        b'"%d":%s' % (panel_id, _panel(outcome, heads.of(panel_id, outcome, types[panel_id]), buffers))
        for panel_id, outcome in outcomes.items()
    ]
    lens = strict_json(lens_of(buffers))
    head = b'{"seq":%d,"at":%d,"window":[%d,%d],"lens":%s,"panels":{%s}%s}' % (
        seq,
        at_ms,
        *window,
        lens.encode(),
        b",".join(panels),
        b',"annotations":' + annotations if annotations else b"",
    )
    return framed(head, buffers)


def _panel(outcome: Outcome, head: bytes, buffers: list[memoryview]) -> bytes:
    if outcome.layout is None or outcome.drawn is None:
        return head
    return b'%s,"doc":%s}' % (head[:-1], outcome.layout.fill(outcome.drawn.sources, buffers))


def decode_snapshot(data: bytes) -> tuple[dict[str, Any], list[bytes]]:
    """The head and the buffers; for clients in Python."""
    head, buffers = unpack(data)
    return head, [bytes(buffer) for buffer in buffers]


class KeptSnapshots:
    """The snapshots of a view as it is now, by the panels in them: each encoded by `encode` for the first who asks."""

    def __init__(self, encode: Callable[[tuple[int, ...]], bytes]) -> None:
        self._encode = encode
        self._kept: dict[tuple[int, ...], tuple[bytes, bytes]] = {}

    @property
    def nbytes(self) -> int:
        """What is kept takes, in bytes."""
        return sum(len(plain) + len(compressed) for plain, compressed in self._kept.values())

    def known(self, wanted: tuple[int, ...], *, compressed: bool) -> bytes | None:
        """One that is encoded already."""
        found = self._kept.get(wanted)
        return found[compressed] if found is not None else None

    def get(self, wanted: tuple[int, ...], *, compressed: bool) -> bytes:
        """One as it is, or by gzip."""
        found = self._kept.get(wanted)
        if found is None:
            plain = self._encode(wanted)
            if len(self._kept) >= MAX_SNAPSHOTS:
                self._kept.clear()
            found = self._kept[wanted] = (plain, gzipped(plain))
        return found[compressed]

    def clear(self) -> None:
        """The view has changed."""
        self._kept.clear()
