"""Deltas: whatever changed, the client's columns end up as the server's."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from heliograph.components.delta import apply_source, panel_delta, plain, plain_list, source_delta
from heliograph.components.panels.base import Drawn

numbers = st.one_of(st.floats(-1e9, 1e9, allow_nan=False), st.just(float("nan")))


@st.composite
def time_columns(draw: st.DrawFn) -> dict[str, Any]:
    start = draw(st.integers(0, 20))
    count = draw(st.integers(0, 30))
    skipped = draw(st.sets(st.integers(0, 29), max_size=5))
    times = [float(start + index) * 1000 for index in range(count) if index not in skipped]
    values = draw(st.lists(numbers, min_size=len(times), max_size=len(times)))
    return {"t": np.array(times), "s0": np.array(values)}


@st.composite
def row_columns(draw: st.DrawFn) -> dict[str, Any]:
    count = draw(st.integers(0, 12))
    names = draw(st.lists(st.sampled_from(["a", "b", "c"]), min_size=count, max_size=count))
    return {"name": names, "cpu": np.array(draw(st.lists(numbers, min_size=count, max_size=count)))}


def arrived(columns: dict[str, list[Any]], message: dict[str, Any] | None) -> dict[str, list[Any]]:
    """What a client holds after a message went over the wire."""
    return apply_source(columns, json.loads(json.dumps(message))) if message is not None else columns


@given(time_columns(), time_columns())
def test_a_time_source_ends_up_as_the_new_one(drawn: dict[str, Any], new: dict[str, Any]) -> None:
    delta = source_delta(drawn, new)
    assert arrived(plain(drawn), delta.as_json() if delta else None) == plain(new)


@given(row_columns(), row_columns())
def test_rows_end_up_as_the_new_ones(drawn: dict[str, Any], new: dict[str, Any]) -> None:
    delta = source_delta(drawn, new)
    assert arrived(plain(drawn), delta.as_json() if delta else None) == plain(new)


def test_a_window_that_moves_on_is_streamed_with_its_rollover() -> None:
    times = np.arange(300.0) * 1000
    drawn = {"t": times, "s0": np.arange(300.0)}
    new = {"t": times + 1000, "s0": np.append(np.arange(1.0, 300.0), 7.0)}
    delta = source_delta(drawn, new)
    assert delta is not None
    assert delta.as_json() == {"stream": {"t": [300_000.0], "s0": [7.0]}, "rollover": 300}


def test_a_late_value_is_patched_before_the_stream() -> None:
    drawn = {"t": np.arange(9.0), "s0": np.append(np.arange(8.0), np.nan)}
    new = {"t": np.arange(1.0, 10.0), "s0": np.arange(1.0, 10.0)}
    delta = source_delta(drawn, new)
    assert delta is not None
    assert delta.as_json() == {"patch": {"s0": [(8, 8.0)]}, "stream": {"t": [9.0], "s0": [9.0]}, "rollover": 9}


def test_what_did_not_change_is_not_sent() -> None:
    drawn = Drawn({"main": {"t": np.arange(3.0), "s0": np.array([1.0, np.nan, 2.0])}}, {"a": 1, "b": [2]})
    same = Drawn({"main": {"t": np.arange(3.0), "s0": np.array([1.0, np.nan, 2.0])}}, {"a": 1, "b": [3]})
    delta = panel_delta(drawn, same)
    assert delta.as_json() == {"texts": {"b": [3]}}
    assert not panel_delta(drawn, drawn)


def test_infinite_values_reach_the_page_with_a_tick() -> None:
    drawn, new = np.array([1.0, 2.0, 3.0]), np.array([1.0, np.inf, -np.inf])
    times = np.array([1.0, 2.0, 3.0])
    delta = source_delta({"t": times, "s0": drawn}, {"t": times, "s0": new})
    assert delta is not None
    assert plain_list(new) == [1.0, "∞", "-∞"]
    json.dumps(delta.as_json(), allow_nan=False)


def test_arrays_within_columns_have_pages_fetch_the_panel_anew_once_they_change() -> None:
    def image(value: float) -> Drawn:
        return Drawn({"s": {"image": [np.full((2, 2), value)], "xs": [[[np.array([0.0, 1.0])]]], "x": [0.0]}}, {})

    assert not panel_delta(image(np.nan), image(np.nan))
    assert panel_delta(image(1.0), image(2.0)).as_json() == {"reload": True}
    flat = Drawn({"s": {"image": [1.0], "xs": [1.0], "x": [0.0]}}, {})
    assert panel_delta(image(1.0), flat).as_json() == {"reload": True}
