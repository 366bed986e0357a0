"""Bokeh's own protocol, composed from compiled layouts: documents of many panels, events and the messages around them.

What is taken from Bokeh's wire format beside `wire`: pinned to Bokeh 3.9, and held by tests that let Bokeh read it.
"""

from __future__ import annotations

import json
import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from bokeh import __version__ as BOKEH_VERSION  # noqa: N812 - a constant by any name

from .compile import Layout
from .panels.base import Columns
from .wire import CONFIG, HOLE, HOLE_IN_JSON, NOT_FINITE, column_data

TEXT, BINARY, PING = 0x81, 0x82, 0x89
MARK: Final = "@@"  # begins the ids of a layout until they are bound to a panel
TITLE: Final = "!title"  # the hole of a plot's title
NO_COLUMNS: Columns = {}


@dataclass(frozen=True, slots=True)
class Bound:
    """A layout whose ids belong to one panel of one document."""

    parts: tuple[bytes, ...]
    holes: tuple[str, ...]
    root: str
    sources: Mapping[str, str]  # ids by name
    draws: bool  # whether the root is a plot; else it is the lone source of a panel that pages draw as HTML

    def fill(self, sources: Mapping[str, Columns], title: str, buffers: list[memoryview]) -> bytes:
        """The document with its data and title in the holes; arrays go to `buffers`."""
        pieces = [self.parts[0]]
        for hole, part in zip(self.holes, self.parts[1:], strict=True):
            text = json.dumps(title).encode() if hole == TITLE else None
            pieces += [text or column_data(sources.get(hole, NO_COLUMNS), buffers), part]
        return b"".join(pieces)


@lru_cache(4096)
def bind(layout: Layout, prefix: str) -> Bound:
    """The layout with ids that begin with `prefix`, its ranges following the data as a stock page's do."""
    parts, holes, root, sources, draws = _marked(layout)
    mark, own = f'"{MARK}'.encode(), f'"{prefix}'.encode()
    return Bound(
        tuple(part.replace(mark, own) for part in parts),
        holes,
        prefix + root,
        {name: prefix + number for name, number in sources.items()},
        draws,
    )


@lru_cache(4096)
def _marked(layout: Layout) -> tuple[tuple[bytes, ...], tuple[str, ...], str, Mapping[str, str], bool]:
    text = layout.parts[0].decode()
    for hole, part in zip(layout.holes, layout.parts[1:], strict=True):
        text += json.dumps(HOLE + hole) + part.decode()
    tree = json.loads(text)
    sources: dict[str, str] = {}
    marked = _mark(tree, sources)
    draws = tree["name"] != "ColumnDataSource"
    if draws:
        title = {"type": "object", "name": "Title", "id": f"{MARK}title", "attributes": {"text": HOLE + TITLE}}
        marked["attributes"]["title"] = title
    pieces = HOLE_IN_JSON.split(json.dumps(marked, separators=(",", ":")))
    return (
        tuple(piece.encode() for piece in pieces[0::2]),
        tuple(pieces[1::2]),
        tree["id"],
        sources,
        draws,
    )


def _mark(node: Any, sources: dict[str, str]) -> Any:
    if isinstance(node, list):
        return [_mark(item, sources) for item in node]
    if not isinstance(node, dict):
        return node
    marked = {key: value if key == "id" else _mark(value, sources) for key, value in node.items()}
    if isinstance(node.get("id"), str):
        marked["id"] = MARK + node["id"]
    if node.get("name") == "ColumnDataSource" and "attributes" in node:
        sources[node["attributes"]["name"]] = node["id"]
    if node.get("name") == "Range1d" and node.get("attributes", {}).get("name") in ("x", "y"):
        padding = {"range_padding": 0} if node["attributes"]["name"] == "x" else {}
        marked |= {"name": "DataRange1d", "attributes": {"name": node["attributes"]["name"], **padding}}
    return marked


def value(node: Any) -> Any:
    """A JSON value as Bokeh writes it: mappings as entries, numbers that are not finite as objects."""
    if isinstance(node, Mapping):
        return {"type": "map", "entries": [[str(key), value(item)] for key, item in node.items()]}
    if isinstance(node, (list, tuple)):
        return [value(item) for item in node]
    if isinstance(node, float) and not math.isfinite(node):
        return {"type": "number", "value": NOT_FINITE[str(node)]}
    return node


def dumped(node: Any) -> bytes:
    """Compact JSON."""
    return json.dumps(node, separators=(",", ":")).encode()


def container(panel_id: int, height: int, tags: bytes, child: bytes) -> bytes:
    """The root of one panel, which stays when its plot is another: a column named `panel-<id>`."""
    return (
        b'{"type":"object","name":"Column","id":"%(name)s","attributes":{"name":"%(name)s","height":%(height)d,'
        b'"sizing_mode":"stretch_width","tags":%(tags)s,"children":[%(child)s]}}'
    ) % {b"name": b"panel-%d" % panel_id, b"height": height, b"tags": tags, b"child": child}


def session_document(title: str, roots: Sequence[bytes]) -> bytes:
    """A document of Bokeh's protocol as JSON, of roots that are JSON already."""
    return b'{"version":"%s","title":%s,"config":%s,"roots":[%s]}' % (
        BOKEH_VERSION.encode(),
        dumped(title),
        CONFIG.replace(b'"id":"0"', b'"id":"config"'),
        b",".join(roots),
    )


# -- events --------------------------------------------------------------------------------------------------------


def changed(model: str, attribute: str, new: bytes) -> bytes:
    """The event of Bokeh's protocol that sets an attribute of a model."""
    return b'{"kind":"ModelChanged","model":{"id":%s},"attr":%s,"new":%s}' % (dumped(model), dumped(attribute), new)


def source_events(model: str, change: Mapping[str, Any], numeric: Collection[str]) -> list[bytes]:
    """What our own message says of a source, as events: null in a column of numbers is NaN."""
    head = b'"model":{"id":%s},"attr":"data"' % dumped(model)
    events = []
    if "replace" in change:
        columns = _columns(change["replace"], numeric)
        events.append(b'{"kind":"ColumnDataChanged",%s,"data":%s,"cols":null}' % (head, columns))
    if "patch" in change:
        entries = [
            [name, [[index, _number(item, name in numeric)] for index, item in pairs]]
            for name, pairs in change["patch"].items()
        ]
        events.append(
            b'{"kind":"ColumnsPatched",%s,"patches":{"type":"map","entries":%s}}' % (head, dumped(value(entries)))
        )
    if "stream" in change:
        columns = _columns(change["stream"], numeric)
        events.append(b'{"kind":"ColumnsStreamed",%s,"data":%s,"rollover":%d}' % (head, columns, change["rollover"]))
    return events


def _columns(columns: Mapping[str, Sequence[Any]], numeric: Collection[str]) -> bytes:
    entries = [[name, [_number(item, name in numeric) for item in column]] for name, column in columns.items()]
    return dumped({"type": "map", "entries": value(entries)})


def _number(item: Any, numeric: bool) -> Any:
    return math.nan if item is None and numeric else item


# -- messages ------------------------------------------------------------------------------------------------------


def message(
    kind: str, content: bytes, *, number: int, request: str | None = None, buffers: Sequence[memoryview] = ()
) -> bytes:
    """A whole message as WebSocket frames: header, metadata, content, and a pair of frames for each buffer."""
    header: dict[str, Any] = {"msgid": str(number), "msgtype": kind}
    if request is not None:
        header["reqid"] = request
    if buffers:
        header["num_buffers"] = len(buffers)
    pieces = [ws_frame(TEXT, dumped(header)), ws_frame(TEXT, b"{}"), ws_frame(TEXT, content)]
    for index, buffer in enumerate(buffers):
        pieces += [ws_frame(TEXT, b'{"id":"%d"}' % index), ws_frame(BINARY, bytes(buffer))]
    return b"".join(pieces)


def ws_frame(opcode: int, payload: bytes) -> bytes:
    """An unmasked WebSocket frame, as a server sends it (RFC 6455, 5.2)."""
    length = len(payload)
    if length < 126:
        return bytes((opcode, length)) + payload
    if length < 65_536:
        return bytes((opcode, 126)) + length.to_bytes(2, "big") + payload
    return bytes((opcode, 127)) + length.to_bytes(8, "big") + payload
