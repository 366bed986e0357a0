"""Times as text, against a table of what users of Grafana get."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heliograph.datasources.datemath import evaluate, parse_range, parse_time
from heliograph.errors import InvalidError

DATA = Path(__file__).parents[2] / "data"
ROWS = json.loads((DATA / "datemath.json").read_text("utf-8"))["rows"]
NOW_MS = 1_774_744_215_250


def test_expressions_mean_what_they_mean_in_grafana() -> None:
    wrong = []
    for kind, expression, now_ms, zone, round_up, fiscal_start, expected in ROWS:
        if kind == "input":
            try:
                got: int | None = parse_time(expression, now_ms, zone=zone, round_up=round_up)
            except InvalidError:
                got = None
        else:
            week_start = kind.removeprefix("week-") if kind.startswith("week-") else "sunday"
            got = evaluate(
                expression, now_ms, zone=zone, round_up=round_up, week_start=week_start, fiscal_start=fiscal_start
            )
        if got != expected:
            wrong.append((kind, expression, now_ms, zone, round_up, expected, got))
    assert wrong == []


@pytest.mark.parametrize(
    "text",
    ["", "yesterday", "now-5x", "2026-13-01", "now-1d/2d", "12:00", "now-123456s", "now-\u00b2h", "now+\u2460d"],
)
def test_a_text_that_is_no_time_is_refused_by_name(text: str) -> None:
    with pytest.raises(InvalidError):
        parse_time(text, NOW_MS)


def test_a_range_that_ends_before_it_starts_is_refused() -> None:
    with pytest.raises(InvalidError, match="before it starts"):
        parse_range("now", "now-1h", NOW_MS)


@given(st.text(max_size=40))
def test_no_text_makes_it_fail_otherwise(text: str) -> None:
    result = evaluate(text, NOW_MS)
    assert result is None or isinstance(result, int)
