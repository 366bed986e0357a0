"""A view as it is now, whole, for a file: panels, rows of long tables, pictures of density, annotations."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ...components.asking.outcome import Outcome
from ...components.asking.source import PanelSource
from ...components.panel_spec import ROW
from ...components.panels.table import PAGE_ROWS, Table
from ...components.panels.table_cells import cells, footer, heading, plain_columns
from ...components.panels.table_columns import tables_of
from ...components.panels.table_options import TableOptions
from ...datasources.frame import Frame
from ...datasources.timerange import TimeRange
from ...errors import HeliographError, NotFoundError, TooLargeError
from ..http.problem import problem
from ..http.strict_json import strict_json
from ..live.boot import chosen
from ..live.closer_look import marks_over
from ..live.density import Densities, size_of
from ..live.snapping import snapped
from ..live.view import View

# What a source has for its answer before a panel says that there was none.
PATIENCE_S: Final = 35.0
MAX_BYTES: Final = 64 * 10**6  # of panels, before they are packed
# Cells of long tables that one file takes: a second of work, some MB.
MAX_CELLS: Final = 250_000
# A page of 24 columns on a desk, what a plot leaves beside and above itself, and the rows of the grid.
PAGE_PX, BESIDE_PX, ABOVE_PX = 1408, 84, 96
ROW_PX, GAP_PX = 30, 8
ALONE_ROWS: Final = 16  # the least height of a panel that has a file for itself


@dataclass(frozen=True, slots=True)
class Frozen:
    """What a view was at an instant. `boot` is what its page begins with; `parts` are bytes by name: `snapshot`,
    `annotations`, `rows-<panel>-<table>`, `picture-<panel>`, or `problem-<panel>` where none could be drawn."""

    boot: Mapping[str, Any]
    parts: Mapping[str, bytes]


async def frozen(
    view: View,
    densities: Densities,
    *,
    zone: str,
    who: str,
    notices: Sequence[str] = (),
    panel_id: int | None = None,
    patience_s: float = PATIENCE_S,
) -> Frozen:
    """All panels of the view, or that one alone, drawn in the turn of `who`; NotFoundError where it has no such panel,
    TooLargeError."""
    if panel_id is not None and not view.has_panel(panel_id):
        raise NotFoundError(f"there is no panel {panel_id} here")
    heads = [head for head in view.heads() if panel_id in (None, head["id"])]
    ids = [head["id"] for head in heads if head["type"] != ROW]
    await view.settle(ids, patience_s)
    snapshot = await view.snapshot(ids, compressed=False)
    if len(snapshot) > MAX_BYTES:
        raise TooLargeError(f"a file has at most {MAX_BYTES // 10**6} MB of data: save panels one by one")
    window = TimeRange(*view.window)
    outcomes = {one: view.outcome(one) for one in ids}
    sources = {one: view.source(one) for one in ids if view.has_panel(one)}
    rows, held = await _rows(sources, outcomes)
    dense = [source for one, source in sources.items() if _is_dense(outcomes[one])]
    pictures = await asyncio.gather(*(_picture(view.id, source, densities, window, who) for source in dense))
    asked = view.marks.chosen(())
    marks = await marks_over(view, window, [one.query.name for one in asked]) if asked else b"{}"
    boot = {
        "dashboard_id": view.key.dashboard_id,
        "title": view.dashboard.title,
        "version": view.key.version,
        "live": True,  # as Annotations has it: nobody asks again when somebody comes back
        "range": {"from": str(window.from_ms), "to": str(window.to_ms)},
        "window": [window.from_ms, window.to_ms],
        "zone": zone,
        "graph_tooltip": view.dashboard.graph_tooltip,
        "panels": heads if panel_id is None else [_alone(head) for head in heads],
        "variables": [chosen(one) for one in view.variables],
        "annotations": view.marks.heads(),
        "annotate": None,
        "notices": list(notices),
        "held": held,
    }
    return Frozen(boot, {"snapshot": snapshot, "annotations": marks, **rows, **dict(pictures)})


def _is_dense(outcome: Outcome) -> bool:
    """Whether it is drawn as a picture that pages fetch."""
    return outcome.drawn is not None and bool(outcome.drawn.texts.get("density"))


def _alone(head: Mapping[str, Any]) -> dict[str, Any]:
    """A panel that has the page for itself."""
    height = max(head["position"]["h"], ALONE_ROWS)
    return {**head, "position": {"x": 0, "y": 0, "w": 24, "h": height}}


async def _rows(
    sources: Mapping[int, PanelSource], outcomes: Mapping[int, Outcome]
) -> tuple[dict[str, bytes], dict[str, dict[str, int]]]:
    """The rows of long tables as JSON by part, and of tables of which the file takes a part how many it has."""
    found: dict[str, bytes] = {}
    held: dict[str, dict[str, int]] = {}
    left = MAX_CELLS
    for panel_id, source in sources.items():
        frames = outcomes[panel_id].frames
        if not frames or not isinstance(source.type, Table) or not isinstance(source.options, TableOptions):
            continue
        for number in range(len(tables_of(source.options, frames))):
            table = await asyncio.to_thread(_held, source.type, source.options, frames, number, left)
            found[f"rows-{panel_id}-{number}"] = table.text
            left -= table.cells
            if table.rows < table.total:
                held.setdefault(str(panel_id), {"rows": table.rows, "of": table.total})
    return found, held


@dataclass(frozen=True, slots=True)
class _Held:
    text: bytes
    rows: int
    total: int
    cells: int


def _held(table: Table, options: TableOptions, frames: Sequence[Frame], number: int, most_cells: int) -> _Held:
    data = table.data(options, frames, number)
    columns = max(len(data.columns), 1)
    order = data.rows[: max(PAGE_ROWS, most_cells // columns)]
    document = {
        "columns": [heading(one) for one in data.columns],
        "footer": footer(options, data),
        "size": PAGE_ROWS,
        "rows": plain_columns(cells(data, order)),
    }
    return _Held(strict_json(document).encode(), len(order), len(data.rows), columns * len(order))


async def _picture(
    view_id: str, source: PanelSource, densities: Densities, window: TimeRange, who: str
) -> tuple[str, bytes]:
    """The picture of a panel of density at the size that it has on a desk, over a range as pages ask for it."""
    range_ = snapped(window)
    place, panel_id = source.panel.position, source.panel.panel_id
    width = place.w * PAGE_PX // 24 - BESIDE_PX
    height = place.h * (ROW_PX + GAP_PX) - GAP_PX - ABOVE_PX
    try:
        size = size_of(width, height, range_.span_ms / window.span_ms)
        picture = await densities.picture(view_id, source, range_, size, who)
    except HeliographError as error:
        return f"problem-{panel_id}", strict_json(problem(error, "")).encode()
    return f"picture-{panel_id}", picture
