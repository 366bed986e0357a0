"""State timeline and status history: what each lane was, and when; texts and colours by mappings and thresholds."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, ClassVar, Final, Literal

import numpy as np
from bokeh.models import Model
from numpy.typing import NDArray
from pydantic import Field

from ...datasources.frame import Frame
from ...datasources.scripttext import script_text
from ...datasources.timerange import TimeRange
from ...declared import Groups
from ..fields import FieldOptions, ResolvedField, resolve
from ..gaps import GAP_AFTER, usual_step
from ..mappings import find
from .base import Drawn, PanelOptions, PanelType
from .series import lone_source

MAX_LANES = 100
MAX_CELLS = 200  # of one lane of a status history: more cannot be told apart
NO_DATA: Final = "No data"


class StatesOptions(FieldOptions):
    """What both share."""

    GROUPS: ClassVar[Groups] = {
        "States": (
            "show_value",
            "row_height",
        ),
        "Legend": ("legend",),
    }

    legend: Literal["list", "hidden"] = Field("hidden", description="Whether a legend of the states stands below.")
    row_height: float = Field(0.85, ge=0.1, le=1, description="The share of its lane that a bar fills.")
    show_value: Literal["auto", "always", "never"] = Field(
        "auto", description="Write states into bars: where they fit, always, never."
    )


class StateTimelineOptions(StatesOptions):
    """Options of a state timeline."""

    GROUPS: ClassVar[Groups] = {
        "States": ("merge",),
    }

    merge: bool = Field(True, description="Join equal states that follow each other.")


class StatusHistoryOptions(StatesOptions):
    """Options of a status history."""

    row_height: float = Field(0.9, ge=0.1, le=1, description="The share of its lane that a cell fills.")
    show_value: Literal["auto", "always", "never"] = Field(
        "never", description="Write states into cells: where they fit, always, never."
    )


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of one lane, from `start` to `end` in ms; `value` None where nothing is known."""

    start: float
    end: float
    value: Any


@dataclass(frozen=True, slots=True)
class State:
    """What a value looks like. A level has a colour of its own in each theme, so `color` is empty then."""

    text: str
    level: str
    color: str


class StateTimeline(PanelType[StateTimelineOptions]):
    """The source `main` with lane, start, end, state of each bar; lanes and states as texts.

    Where lanes have links, those are texts too, and each bar has its value beside it as `raw`.
    """

    name = "statetimeline"
    shows_marks = True
    title = "State timeline"
    of_frames = True
    needs = ("time",)
    Options: ClassVar[type[PanelOptions]] = StateTimelineOptions
    lone = True
    cells: ClassVar[bool] = False

    def lacks(self, frames: Sequence[Frame]) -> str:
        """Times alone have no states."""
        lack = super().lacks(frames)
        stated = any(frame.time is not None and len(frame.fields) > 1 for frame in frames)
        return lack or ("" if stated or not frames else "The data has no column beside its time")

    def layout(self, options: StateTimelineOptions, shape: Hashable) -> Model:
        return lone_source("main")

    def columns(self, options: StateTimelineOptions, frames: Sequence[Frame], window: TimeRange) -> Drawn:
        lanes = lanes_of(options, frames)
        links = links_by_lane(lanes[:MAX_LANES])
        states: dict[State, int] = {}
        bars: list[tuple[int, float, float, int, str]] = []
        for index, lane in enumerate(lanes[:MAX_LANES]):
            for run in self._runs(options, lane):
                state = states.setdefault(state_of(lane, run.value), len(states))
                bars.append((index, run.start, run.end, state, script_text(run.value) if links else ""))
        columns = list(zip(*bars, strict=True)) or [(), (), (), (), ()]
        names = ("lane", "start", "end", "state", "raw") if links else ("lane", "start", "end", "state")
        main = dict(zip(names, map(list, columns), strict=False))
        texts = {
            "lanes": [lane.name for lane in lanes[:MAX_LANES]],
            "links": links,
            "states": [{"text": one.text, "level": one.level, "color": one.color} for one in states],
            "options": {**options.model_dump(include={"legend", "row_height", "show_value"}), "cells": self.cells},
            "notice": f"{MAX_LANES} of {len(lanes)} lanes" if len(lanes) > MAX_LANES else None,
        }
        return Drawn({"main": main}, texts)

    def _runs(self, options: Any, lane: ResolvedField) -> Sequence[Run]:
        times = lane.frame.time
        assert times is not None
        found = list(runs(times.values, lane.column.values))
        return merged(found) if options.merge else found


class StatusHistory(StateTimeline):
    """The same with a cell for each sample, none of them joined."""

    name = "statushistory"
    title = "Status history"
    Options = StatusHistoryOptions
    cells = True

    def _runs(self, options: Any, lane: ResolvedField) -> Sequence[Run]:
        times = lane.frame.time
        assert times is not None
        return thinned(list(runs(times.values, lane.column.values)))


def lanes_of(options: FieldOptions, frames: Sequence[Frame]) -> list[ResolvedField]:
    """Every field of a frame that has a time, in the order of targets and of their answers."""
    return list(resolve(options, [frame for frame in frames if frame.time is not None]))


def links_by_lane(lanes: Sequence[ResolvedField]) -> list[list[dict[str, Any]]]:
    """The links of each lane, for a value that the page will choose; empty where no lane has one."""
    found = [lane.links(later=True) for lane in lanes]
    return found if any(found) else []


def runs(times: NDArray[np.float64], values: NDArray[Any]) -> Iterator[Run]:
    """Each sample holds until the next; the last, and one before a gap, for the usual distance of two."""
    usual = usual_step(times) or 1000.0
    for index in range(times.size):
        start = float(times[index])
        following = float(times[index + 1]) if index + 1 < times.size else start + usual
        end = following if following - start <= GAP_AFTER * usual else start + usual
        yield Run(start, end, known(values[index]))
        if end < following:
            yield Run(end, following, None)


def known(value: Any) -> Any:
    """A value as Python has it; None where it is missing."""
    plain = value.item() if isinstance(value, np.generic) else value
    return None if plain is None or (isinstance(plain, float) and np.isnan(plain)) else plain


def merged(found: Sequence[Run]) -> list[Run]:
    """Equal states that follow each other as one."""
    kept: list[Run] = []
    for run in found:
        if kept and kept[-1].value == run.value and kept[-1].end == run.start:
            kept[-1] = Run(kept[-1].start, run.end, run.value)
        else:
            kept.append(run)
    return kept


def thinned(found: Sequence[Run]) -> list[Run]:
    """At most MAX_CELLS: where there are more, each stands for several and shows the last of them."""
    step = -(-len(found) // MAX_CELLS)
    cells: list[Run] = []
    for is_known, stretch in groupby(found, key=lambda run: run.value is not None):
        runs_ = list(stretch)
        width = step if is_known else len(runs_)  # a gap is no state: it is joined with gaps alone
        groups = (runs_[at : at + width] for at in range(0, len(runs_), width or 1))
        cells += [Run(group[0].start, group[-1].end, group[-1].value) for group in groups]
    return cells


def state_of(lane: ResolvedField, value: Any) -> State:
    """What a value is called and how it looks. Numbers that only differ in what is not shown are one state."""
    if value is None and find(None, lane.options.mappings) is None:
        return State(NO_DATA, "nodata", "")
    shown = lane.show(value)
    if not shown.color and shown.level == "base" and lane.options.color is not None:
        return State(str(shown), "", lane.color)
    return State(str(shown), shown.level, shown.color)
