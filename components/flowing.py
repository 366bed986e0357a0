"""Where panels stand that say nothing of it: below all others, one behind the other, as the editor has them too."""

from __future__ import annotations

from collections.abc import Sequence

from .panel_spec import GRID_COLUMNS, MOST_DOWN, ROW, Panel, Position


def flowed(panels: Sequence[Panel]) -> list[Panel]:
    """The same, each with a place. What was given is kept; the others do not count as given: documents stay as sent."""
    given = [panel.position for panel in panels if "position" in panel.model_fields_set]
    x, below = 0, max((one.y + one.h for one in given), default=0)
    y, found = below, []
    for panel in panels:
        if "position" in panel.model_fields_set:
            found.append(panel)
            continue
        w, h = (GRID_COLUMNS, 1) if panel.type == ROW else (panel.position.w, panel.position.h)
        if x + w > GRID_COLUMNS:
            x, y = 0, below
        placed = panel.model_copy(update={"position": Position(x=x, y=min(y, MOST_DOWN), w=w, h=h)})
        placed.model_fields_set.discard("position")
        found.append(placed)
        x, below = x + w, max(below, y + h)
    return found
