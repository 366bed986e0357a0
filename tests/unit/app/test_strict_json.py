"""JSON that every reader takes."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest

from heliograph.app.http.strict_json import strict_json
from heliograph.app.live.frames import as_frame, payload_of
from heliograph.app.live.snapshot import PanelHeads, decode_snapshot, encode_snapshot
from heliograph.components.asking.outcome import Outcome


def refused(text: str) -> float:
    raise AssertionError(f"{text} is no JSON")


def read(text: str | bytes) -> Any:
    return json.loads(text, parse_constant=refused)


@pytest.mark.parametrize("value", [math.inf, -math.inf, math.nan])
def test_a_number_that_is_not_finite_is_null_wherever_it_stands(value: float) -> None:
    assert read(strict_json({"a": value, "b": [1.5, value, {"c": (value, "x")}]})) == {
        "a": None,
        "b": [1.5, None, {"c": [None, "x"]}],
    }


def test_what_is_finite_is_written_as_it_is() -> None:
    document = {"ü": [1, 2.5, True, None, "x"], "1": {"2": 1e308}}
    assert read(strict_json(document)) == document


def test_ticks_and_heads_of_snapshots_are_json_whatever_they_say() -> None:
    assert read(payload_of(as_frame({"seq": 1, "panels": {"1": {"texts": {"value": math.inf}}}})))["seq"] == 1
    said = Outcome("stale", age_s=math.inf)
    head, _ = decode_snapshot(encode_snapshot({1: said}, {1: "stat"}, PanelHeads(), seq=1, at_ms=0, window=(0, 1)))
    assert head["panels"]["1"]["age_s"] is None
