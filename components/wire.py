"""What is taken from Bokeh's wire format, in one place: models as JSON with holes, columns as buffers, documents.

Nothing here is promised by Bokeh beyond a version: the tests compare every byte with what Bokeh 3.9 itself writes.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, Final

import numpy as np
from bokeh import __version__ as BOKEH_VERSION  # noqa: N812 - a constant by any name
from bokeh.core.serialization import Serializer
from bokeh.model import Model
from numpy.typing import NDArray

from ..errors import HeliographError

HOLE: Final = "\x01hole:"  # C0 controls never occur in what a layout holds
HOLE_IN_JSON: Final = re.compile(r'"\\u0001hole:([^"\\]*)"')
NATIVE: Final = frozenset(np.dtype(name) for name in ("uint8", "int8", "uint16", "int16", "uint32", "int32", "float32"))
FLOAT64: Final = np.dtype("float64")
CONFIG: Final = (
    b'{"type":"object","name":"DocumentConfig","id":"0","attributes":{"notifications":null,"reconnect_session":false}}'
)
NOT_FINITE: Final = {"nan": "nan", "inf": "+inf", "-inf": "-inf"}


class LayoutError(HeliographError):
    """A panel type's layout holds what a layout may not: data, code, or something that differs from call to call."""

    status, code, title = 500, "layout", "Impure layout"


def split_model(root: Model) -> tuple[tuple[bytes, ...], tuple[str, ...]]:
    """A model graph as JSON parts with a hole for the data of each named source between them.

    Ids are numbered in the order of first sight, so that equal graphs give equal bytes.
    """
    serializer = Serializer()
    graph = serializer.encode(root)
    if serializer.buffers:
        raise LayoutError("a layout holds no data")
    text = json.dumps(_renumbered(graph, {}), separators=(",", ":"))
    pieces = HOLE_IN_JSON.split(text)
    return tuple(piece.encode() for piece in pieces[0::2]), tuple(pieces[1::2])


def _renumbered(node: Any, ids: dict[str, str]) -> Any:
    """A new tree (Bokeh's own shares its parts): ids by first sight, the data of sources as holes, no code."""
    if isinstance(node, (list, tuple)):
        return [_renumbered(item, ids) for item in node]
    if not isinstance(node, dict):
        return node
    if str(node.get("name", "")).startswith("CustomJS"):
        raise LayoutError("a layout holds no code")
    if isinstance(node.get("id"), str):
        node = {**node, "id": ids.setdefault(node["id"], str(len(ids) + 1))}
    if node.get("name") == "ColumnDataSource" and "id" in node:
        attributes = node["attributes"]
        node = {**node, "attributes": {**attributes, "data": HOLE + attributes["name"]}}
    return {key: value if key == "id" else _renumbered(value, ids) for key, value in node.items()}


def column_data(columns: Mapping[str, Any], buffers: list[memoryview]) -> bytes:
    """The `data` of a source: arrays of numbers in buffers, which it appends, all other columns as lists."""
    entries = []
    for name, column in columns.items():
        array = native(column)
        if array is None:
            written = _with_arrays(column, buffers) if has_arrays(column) else json_list(column)
            entries.append(b"[%s,%s]" % (json.dumps(name).encode(), written))
            continue
        head, tail = _array_frame(name, array.dtype, array.shape)
        entries.append(b"%s%d%s" % (head, len(buffers), tail))
        buffers.append(np.ascontiguousarray(array).data.cast("B"))
    return b'{"type":"map","entries":[%s]}' % b",".join(entries) if entries else b'{"type":"map"}'


def _with_arrays(value: Any, buffers: list[memoryview]) -> bytes:
    """A value that may hold arrays at any depth, such as images and the rings of polygons: each in a buffer."""
    if has_arrays(value):
        return b"[%s]" % b",".join([_with_arrays(one, buffers) for one in value])
    array = native(value)
    if array is None:
        return json_list(value.tolist()) if isinstance(value, np.ndarray) else json_list([value])[1:-1]
    head, tail = _array_frame("", array.dtype, array.shape)
    buffers.append(np.ascontiguousarray(array).data.cast("B"))
    return b"%s%d%s" % (head.removeprefix(b'["",'), len(buffers) - 1, tail.removesuffix(b"]"))


def has_arrays(column: Any) -> bool:
    """Whether the values of a list are, or hold, arrays."""
    if not isinstance(column, (list, tuple)):
        return False
    nested = [one for one in column if isinstance(one, (list, tuple, np.ndarray))]
    return any(isinstance(one, np.ndarray) or has_arrays(one) for one in nested)


def native(column: Any) -> NDArray[Any] | None:
    """The array that goes into a buffer, or None where the column goes as a list."""
    if not isinstance(column, np.ndarray) or column.dtype.kind not in "fiu":
        return None
    return column if column.dtype in NATIVE or column.dtype == FLOAT64 else column.astype(np.float64)


@lru_cache(8192)
def _array_frame(name: str, dtype: np.dtype[Any], shape: tuple[int, ...]) -> tuple[bytes, bytes]:
    quoted, sizes = json.dumps(name).encode(), json.dumps(list(shape)).encode()
    head = b'[%s,{"type":"ndarray","array":{"type":"bytes","data":{"id":"' % quoted
    return head, b'"}},"shape":%s,"dtype":"%s","order":"little"}]' % (sizes, dtype.name.encode())


def json_list(column: Sequence[Any]) -> bytes:
    """A list as Bokeh writes it: numbers that are not finite as objects."""
    values = column.tolist() if isinstance(column, np.ndarray) else list(column)
    return json.dumps([_plain(value) for value in values], separators=(",", ":")).encode()


def _plain(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return {"type": "number", "value": NOT_FINITE[str(value)]}
    return [_plain(one) for one in value] if isinstance(value, (list, tuple)) else value


def document(root: bytes) -> bytes:
    """A document of one root, as `Document.to_json` gives it and `Document.from_json` takes it."""
    return b'{"version":"%s","title":"","config":%s,"roots":[%s]}' % (BOKEH_VERSION.encode(), CONFIG, root)
