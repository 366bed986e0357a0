"""Layouts compiled to bytes: Bokeh models are built once for each (type, options, shape) of a process."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Any

from ..lru import Lru
from .panels.base import Columns, PanelOptions, PanelType
from .wire import LayoutError, column_data, document

MAX_LAYOUTS = 4096
NO_COLUMNS: Columns = {}


@dataclass(frozen=True, slots=True)
class Layout:
    """A panel's models as bytes with holes. `id` names the bytes: equal layouts have equal ids on every node."""

    id: str
    parts: tuple[bytes, ...]
    holes: tuple[str, ...]

    @property
    def nbytes(self) -> int:
        """What its parts take, in bytes."""
        return sum(map(len, self.parts))

    def fill(self, sources: Mapping[str, Columns], buffers: list[memoryview]) -> bytes:
        """The document with its sources filled in; arrays are appended to `buffers`."""
        pieces = [self.parts[0]]
        for hole, part in zip(self.holes, self.parts[1:], strict=True):
            pieces += [column_data(sources.get(hole, NO_COLUMNS), buffers), part]
        return document(b"".join(pieces))


def compile_layout(
    panel_type: PanelType[Any], options: PanelOptions, shape: Hashable, *, proven: bool = False
) -> Layout:
    """Compile once and compare with a second time: LayoutError where the two differ. `proven`: a type that was."""
    parts, holes = panel_type.parts(options, shape)
    if not proven and (parts, holes) != panel_type.parts(options, shape):
        raise LayoutError(f"the layout of {panel_type.name} differs from call to call")
    digest = hashlib.blake2b(b"\0".join(parts), digest_size=8)
    return Layout(digest.hexdigest(), parts, holes)


class LayoutCache:
    """The compiled layouts of a process, the least used leaving first. Safe to use from several threads."""

    def __init__(self, limit: int = MAX_LAYOUTS) -> None:
        self._layouts: Lru[tuple[str, str, Hashable], Layout] = Lru(limit)
        self._lock = threading.Lock()

    def known(self, panel_type: PanelType[Any], options: PanelOptions, shape: Hashable) -> Layout | None:
        """The layout, where it was compiled before."""
        key = _key(panel_type, options, shape)
        with self._lock:
            return self._layouts.get(key)

    def get(self, panel_type: PanelType[Any], options: PanelOptions, shape: Hashable) -> Layout:
        """The layout, compiled now where it is new: that takes tens of ms, so call it from a thread."""
        layout = self.known(panel_type, options, shape)
        if layout is not None:
            return layout
        layout = compile_layout(panel_type, options, shape)
        self.put(panel_type, options, shape, layout)
        return layout

    def put(self, panel_type: PanelType[Any], options: PanelOptions, shape: Hashable, layout: Layout) -> None:
        """Keep a layout that was compiled elsewhere."""
        with self._lock:
            self._layouts.put(_key(panel_type, options, shape), layout)

    def __len__(self) -> int:
        return len(self._layouts)


def _key(panel_type: PanelType[Any], options: PanelOptions, shape: Hashable) -> tuple[str, str, Hashable]:
    """What a layout is told apart by: options by their JSON, which may hold mappings."""
    return (panel_type.name, "" if panel_type.lone else options.model_dump_json(), shape)
