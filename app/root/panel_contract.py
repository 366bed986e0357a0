"""The contract that every panel type keeps, ours and those of plugins; `heliograph.testing` offers it."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from heliograph.components.panels.base import Drawn, PanelOptions, PanelType
from heliograph.datasources.frame import Field, Frame
from heliograph.datasources.timerange import TimeRange

MINUTE_MS = 60_000
EVIL = "</script><script>alert(1)</script>\u2028 \"'`${x}"


@dataclass(frozen=True)
class PanelSubject:
    """One panel type with options that it takes and frames that it draws."""

    kind: PanelType[Any]
    frames: Sequence[Frame]
    options: Mapping[str, Any] = field(default_factory=dict)
    window: TimeRange = field(default_factory=lambda: TimeRange(0, 20 * MINUTE_MS))

    @property
    def checked(self) -> PanelOptions:
        """Its options as declared; pydantic's ValidationError."""
        return self.kind.Options.model_validate(dict(self.options))

    def draw(self, frames: Sequence[Frame]) -> tuple[Any, Drawn]:
        """What it makes of frames, where there is what it needs."""
        if self.kind.lacks(frames):
            return None, Drawn({})
        return self.kind.draw(self.checked, frames, self.window)


def plain(drawn: Drawn) -> Any:
    """What was drawn as plain values, to be compared."""
    sources = {
        name: {key: list(map(repr, one)) for key, one in columns.items()} for name, columns in drawn.sources.items()
    }
    return sources, json.dumps(drawn.texts, allow_nan=False, sort_keys=True)


def odd_frames() -> Mapping[str, Sequence[Frame]]:
    """What servers answer on odd days."""
    nan, inf = float("nan"), float("inf")
    times = [0, MINUTE_MS, 2 * MINUTE_MS]
    return {
        "none": (),
        "no rows": (Frame.series([], [], name="a"),),
        "one point": (Frame.series([MINUTE_MS], [1.0], name="a"),),
        "nothing known": (Frame.series(times, [nan, nan, nan], name="a"),),
        "infinite": (Frame.series(times, [inf, -inf, 1.0], name="a"),),
        "huge and tiny": (Frame.series(times, [1e308, 5e-324, -1e308], name="a"),),
        "evil names": (Frame.series(times, [1.0, 2.0, 3.0], name=EVIL, labels={"host": EVIL}),),
        "texts alone": (Frame((Field.string(EVIL, [EVIL, "", None]),)),),
        "a table": (
            Frame((Field.time([0.0, nan]), Field.string("host", ["a", None]), Field.number("value", [1.0, nan]))),
        ),
    }


class PanelContract:
    """Tests of one type; `subject` is a fixture that whoever inherits this gives."""

    def test_it_says_what_it_is_and_each_option_what_it_does(self, subject: PanelSubject) -> None:
        kind = subject.kind
        assert kind.name
        assert kind.title
        for name, one in kind.Options.model_fields.items():
            assert one.description, f"{name} has no description"
        with pytest.raises(ValidationError):
            kind.Options.model_validate({"no_such_option": 1})

    def test_its_layout_has_room_for_what_it_draws_and_no_data(self, subject: PanelSubject) -> None:
        assert subject.kind.lacks(subject.frames) == ""
        shape, drawn = subject.draw(subject.frames)
        hash(shape)
        _, holes = subject.kind.parts(subject.checked, shape)  # LayoutError where it holds data or code
        assert set(holes) <= set(drawn.sources)
        for name, columns in drawn.sources.items():
            assert len({len(one) for one in columns.values()}) <= 1, f"columns of {name} differ in length"
            if "t" in columns:
                assert np.all(np.diff(np.asarray(columns["t"], dtype=np.float64)) >= 0), f"times of {name} go back"

    def test_the_same_frames_are_drawn_the_same_and_stay_as_they_are(self, subject: PanelSubject) -> None:
        before = copy.deepcopy(subject.frames)
        (shape, first), (again, second) = subject.draw(subject.frames), subject.draw(subject.frames)
        assert shape == again
        assert plain(first) == plain(second)
        assert subject.kind.parts(subject.checked, shape) == subject.kind.parts(subject.checked, again)
        assert [repr(frame) for frame in before] == [repr(frame) for frame in subject.frames]

    @pytest.mark.parametrize("odd", sorted(odd_frames()))
    def test_odd_answers_are_drawn_or_said_to_lack_something(self, subject: PanelSubject, odd: str) -> None:
        frames = odd_frames()[odd]
        shape, drawn = subject.draw(frames)
        plain(drawn)  # nothing in its texts that JSON has not
        if shape is not None:
            subject.kind.parts(subject.checked, shape)

    def test_a_range_without_a_width_is_drawn(self, subject: PanelSubject) -> None:
        moment = replace(subject, window=TimeRange(MINUTE_MS, MINUTE_MS))
        plain(moment.draw(subject.frames)[1])
