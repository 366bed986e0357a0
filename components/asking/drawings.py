"""What panel types drew of frames, for who is to draw the same again.

Views of a dashboard that differ in a value that few of its queries name ask the others alike, and are answered by the
same frames.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any

from ...datasources.frame import Frame
from ...datasources.query.codec import size_of
from ...lru import Lru
from ..panels.base import Drawn, PanelType

MAX_BYTES = 16 * 2**20
Shaped = tuple[Hashable, Drawn]


class Drawings:
    """Shapes and what fills them, by type, options and the very frames; the least used leaving first."""

    def __init__(self, max_bytes: int = MAX_BYTES) -> None:
        # The frames are held beside what was drawn of them: no others can have their ids meanwhile.
        self._kept: Lru[Hashable, tuple[Sequence[Frame], Shaped]] = Lru(max_bytes)

    def get(self, panel_type: PanelType[Any], options: str, frames: Sequence[Frame]) -> Shaped | None:
        """What was drawn of these frames by that type with these options, as JSON."""
        found = self._kept.get(_key(panel_type, options, frames)) if panel_type.of_frames else None
        return found[1] if found is not None else None

    def put(self, panel_type: PanelType[Any], options: str, frames: Sequence[Frame], drawn: Shaped) -> None:
        """Keep what was drawn now, where the type draws the same of the same frames wherever its window lies."""
        if panel_type.of_frames:
            self._kept.put(_key(panel_type, options, frames), (tuple(frames), drawn), size_of(frames))


def _key(panel_type: PanelType[Any], options: str, frames: Sequence[Frame]) -> Hashable:
    return panel_type.name, options, tuple(map(id, frames))
