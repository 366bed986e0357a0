"""What one person looks at closely in a view: another range, a long table's rows, how a panel's data came about."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from typing import Any

from ...components.asking.cutting import cut
from ...components.asking.outcome import Outcome
from ...components.panels.table import Table
from ...components.panels.table_options import TableOptions
from ...components.rows import RowsWanted
from ...datasources.timerange import TimeRange
from ...errors import NotFoundError
from ..http.strict_json import strict_json
from .snapshot import encode_snapshot
from .view import View


async def zoomed(view: View, panel_ids: Sequence[int], range_: TimeRange) -> bytes:
    """Panels that can be drawn over another range, as a snapshot of their own.

    What is within what the view shows is cut out of it where asking would bring the same points.
    """
    view.use()
    outcomes = {panel_id: _part(view, panel_id, range_) for panel_id in panel_ids}
    asked = [panel_id for panel_id, outcome in outcomes.items() if outcome is None]
    found = await asyncio.gather(*(view.panels[panel_id].refresh(range_) for panel_id in asked))
    outcomes |= zip(asked, found, strict=True)
    return encode_snapshot(
        {panel_id: outcome for panel_id, outcome in outcomes.items() if outcome is not None},
        view.types,
        view.written,
        seq=view.seq,
        at_ms=view.ticks.at_ms,
        window=(range_.from_ms, range_.to_ms),
    )


def _part(view: View, panel_id: int, range_: TimeRange) -> Outcome | None:
    """A panel over a part of the view's range, out of what it shows now; None where it is to be asked."""
    end = view.window[1]
    if range_.to_ms > end >= view.ticks.at_ms > range_.from_ms:
        range_ = TimeRange(range_.from_ms, end)  # what is to come is not there yet
    outcome = view.fresh(panel_id)
    return cut(view.panels[panel_id], outcome, range_) if outcome is not None else None


async def marks_over(view: View, range_: TimeRange, names: Collection[str] = ()) -> bytes:
    """Annotations of another range, or of this one as they are now, as JSON by the name of their query."""
    view.use()
    return strict_json(await view.marks.over(range_, view.ticks.number, names)).encode()


async def table_rows(view: View, panel_id: int, wanted: RowsWanted) -> dict[str, Any]:
    """A page of a panel's long table, of the frames that it was drawn of last; NotFoundError where it has none."""
    source, outcome = view.source(panel_id), view.outcome(panel_id)
    if not outcome.frames or not isinstance(source.type, Table) or not isinstance(source.options, TableOptions):
        raise NotFoundError("this panel has no pages")
    return await view.row_pages.page(panel_id, source.type, source.options, outcome.frames, wanted)


def inspected(view: View, panel_id: int, now_s: float) -> dict[str, Any]:
    """How what a panel shows now came about, and with how many it is shared."""
    targets = [one.as_json(now_s) for one in view.outcome(panel_id).seen]
    return {"window": list(view.window), "viewers": len(view.followers), "targets": targets}
