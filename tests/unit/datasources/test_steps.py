"""Steps and intervals, against a table of what users of Grafana get."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from heliograph.datasources.steps import calculate_interval, interval_ms, interval_text, round_interval
from heliograph.errors import InvalidError

ROWS = json.loads((Path(__file__).parents[2] / "data" / "interval.json").read_text("utf-8"))["rows"]


def calculated(range_ms: float, points: int, least: str | None) -> dict[str, Any]:
    ms = calculate_interval(range_ms, points, least)
    return {"intervalMs": ms, "interval": interval_text(ms)}


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "roundInterval": round_interval,
    "calculateInterval": calculated,
    "intervalToMs": interval_ms,
    "secondsToHms": lambda seconds: interval_text(seconds * 1000),
}


def test_intervals_are_those_of_grafana() -> None:
    wrong = []
    for function, arguments, expected in ROWS:
        try:
            got = FUNCTIONS[function](*arguments)
        except InvalidError:
            got = "@throws"
        if got != expected:
            wrong.append((function, arguments, expected, got))
    assert wrong == []


@pytest.mark.parametrize("text", ["9" * 400, "9" * 400 + "s", " " * 400 + "1s"])
def test_an_interval_of_any_length_is_refused(text: str) -> None:
    with pytest.raises(InvalidError):
        interval_ms(text)
