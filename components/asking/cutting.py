"""A part of what is drawn, cut out where asking for it would bring the same: most closer looks at a view are that."""

from __future__ import annotations

from dataclasses import replace

from ...datasources.query.stages import open_end
from ...datasources.timerange import TimeRange
from .outcome import Outcome
from .source import PanelSource


def cut(source: PanelSource, outcome: Outcome, range_: TimeRange) -> Outcome | None:
    """What a panel came to, over a part of its range; None where the part has to be asked for."""
    whole, step_ms = outcome.range, outcome.part_ms
    if whole is None or outcome.drawn is None or not step_ms:
        return None
    if range_.from_ms // step_ms < whole.from_ms // step_ms or range_.to_ms > whole.to_ms:
        return None
    ends_with_it = range_.to_ms == whole.to_ms
    if not ends_with_it and open_end(range_.to_ms, step_ms):
        return None  # it has a last, unfinished step of its own
    steps = range_.on_grid(step_ms)
    part = TimeRange(steps.from_ms, whole.to_ms if ends_with_it else steps.to_ms)
    drawn = source.type.cut(source.options, outcome.drawn, part)
    return None if drawn is None else replace(outcome, drawn=drawn, range=range_)
