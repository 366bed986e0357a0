"""Panels and rows that repeat for each value of a variable, written out as the panels of one view."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from .panel_spec import GRID_COLUMNS, ROW, Panel

MAX_COPIES = 100
MAX_PLACED = 1000  # panels and rows of a view
FIRST_COPY_ID = 1_000_001  # ids that a dashboard cannot give itself
LEFT_OUT_ID = 1 << 49  # that of the row which says so
COPY_IDS = 1 << 48  # beyond any chance of two being equal, and exact in JavaScript
Values = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Placed:
    """A panel of a view, and the values that are its own: of the variables it, and the row above it, repeat for.

    `of`: the id of the dashboard's panel that it is, or is a copy of.
    """

    panel: Panel
    values: Mapping[str, str]
    of: int


def expand(panels: Sequence[Panel], values: Values) -> tuple[Placed, ...]:
    """Every panel and row as it stands in the view. `values` are the chosen values of variables, All written out.

    The first copy keeps its panel's id; the others' ids depend on that id and their value alone, so that they stay
    when values come and go. What stands below moves down by the room that copies take. Behind MAX_PLACED of them a row
    says that there would be more.
    """
    found: list[Placed] = []
    shift = 0
    for block in _blocks(panels):
        head = block[0] if block[0].type == ROW else None
        for placed_row in _row_copies(block, head, values):
            laid, height = _laid(placed_row, values)
            found += [_moved(one, shift) for one in laid]
            shift += height
            if len(found) > MAX_PLACED:
                return (*found[:MAX_PLACED], _left_out(found[:MAX_PLACED]))
    return tuple(found)


def _left_out(placed: Sequence[Placed]) -> Placed:
    """The row that says below all others that there would be more."""
    below = max(one.panel.position.y + one.panel.position.h for one in placed)
    position = placed[0].panel.position.model_copy(update={"x": 0, "y": below, "w": GRID_COLUMNS, "h": 1})
    title = f"{MAX_PLACED:,} panels are shown: repeats make more, which are left out"
    return Placed(
        Panel(panel_id=1, type=ROW, title=title).model_copy(update={"panel_id": LEFT_OUT_ID, "position": position}),
        {},
        LEFT_OUT_ID,
    )


def _blocks(panels: Sequence[Panel]) -> Iterator[list[Panel]]:
    """Rows with the panels below each; before the first row, panels alone."""
    block: list[Panel] = []
    for panel in sorted(panels, key=lambda one: (one.position.y, one.type != ROW, one.position.x)):
        if panel.type == ROW and block:
            yield block
            block = []
        block.append(panel)
    if block:
        yield block


def _row_copies(block: Sequence[Panel], head: Panel | None, values: Values) -> Iterator[list[Placed]]:
    """A block as often as its row repeats, the copies below each other."""
    copies = _values_of(head, values) if head is not None else ()
    if head is None or head.repeat is None or not copies:
        yield [Placed(panel, {}, panel.panel_id) for panel in block]
        return
    for index, value in enumerate(copies):
        own = {head.repeat.variable: value}
        yield [Placed(_copy(panel, index, value), own, panel.panel_id) for panel in block]


def _laid(block: Sequence[Placed], values: Values) -> tuple[list[Placed], int]:
    """The panels of a block with their copies, and by how much what follows the block moves down.

    A copied row's block adds its whole height; otherwise the block adds what its repeated panels need.
    """
    found: list[Placed] = []
    moves: list[tuple[int, int]] = []  # below this y: by so much
    for placed in block:
        if len(found) > MAX_PLACED:
            break
        copies, extra = _panel_copies(placed, values)
        position = placed.panel.position
        before = sum(by for below, by in moves if position.y >= below)
        found += [_moved(one, before) for one in copies]
        if extra:
            moves = _with_move(moves, position.y + position.h, extra)
    extra = sum(by for _, by in moves)
    copied = block[0].panel.type == ROW and block[0].panel.panel_id >= FIRST_COPY_ID
    if copied:
        height = max(one.panel.position.y + one.panel.position.h for one in block) - block[0].panel.position.y
        return [_moved(one, height) for one in found], height + extra
    return found, extra


def _with_move(moves: list[tuple[int, int]], below: int, by: int) -> list[tuple[int, int]]:
    """Panels beside each other that both repeat move what is below them once, by the larger amount."""
    known = dict(moves)
    known[below] = max(known.get(below, 0), by)
    return sorted(known.items())


def _panel_copies(placed: Placed, values: Values) -> tuple[list[Placed], int]:
    panel = placed.panel
    copies = _values_of(panel, values) if panel.type != ROW else ()
    if panel.repeat is None or not copies:
        return [placed], 0
    own = placed.values.get(panel.repeat.variable)
    if own is not None:
        return [placed], 0  # its row repeats for the same variable
    beside = panel.repeat.direction == "h"
    columns = min(len(copies), panel.repeat.max_per_row) if beside else 1
    width = GRID_COLUMNS // columns if beside else panel.position.w
    found = []
    for index, value in enumerate(copies):
        at = {"y": panel.position.y + index // columns * panel.position.h, "w": width}
        if beside:
            at["x"] = index % columns * width
        copy = _copy(panel, index, value)
        copy = copy.model_copy(update={"position": panel.position.model_copy(update=at)})
        found.append(Placed(copy, {**placed.values, panel.repeat.variable: value}, placed.of))
    return found, ((len(copies) - 1) // columns) * panel.position.h


def _values_of(panel: Panel, values: Values) -> Sequence[str]:
    return tuple(values.get(panel.repeat.variable, ()))[:MAX_COPIES] if panel.repeat is not None else ()


def _copy(panel: Panel, index: int, value: str) -> Panel:
    if index == 0:
        return panel
    digest = hashlib.blake2b(f"{panel.panel_id}\0{value}".encode(), digest_size=8).digest()
    return panel.model_copy(update={"panel_id": FIRST_COPY_ID + int.from_bytes(digest) % COPY_IDS})


def _moved(placed: Placed, by: int) -> Placed:
    if not by:
        return placed
    position = placed.panel.position
    lower = position.model_copy(update={"y": position.y + by})
    return replace(placed, panel=placed.panel.model_copy(update={"position": lower}))
