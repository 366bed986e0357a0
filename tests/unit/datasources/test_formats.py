"""Grafana's formats of variables: each row of the table, and what the table does not hold."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from heliograph.datasources.variables.chosen import Chosen, Macro, Values, Verbatim
from heliograph.datasources.variables.formats import write
from heliograph.datasources.variables.interpolation import interpolate_as

ROWS = json.loads((Path(__file__).parents[2] / "data" / "variables.json").read_text("utf-8"))["rows"]


def rows(kind: str) -> list[Any]:
    """The rows of a kind, one case for each of what stands first in them: (arguments, result)."""
    cases: dict[str, list[Any]] = {}
    for name, arguments, result in ROWS:
        if name == kind:
            cases.setdefault(arguments[0], []).append((arguments, result))
    assert cases
    return [pytest.param(found, id=repr(first)) for first, found in cases.items()]


def all_of_nothing(value: Values) -> Values:
    """In the table `$__all` is All chosen in a variable without options."""
    return Chosen((), everything=True) if value == "$__all" else value


@pytest.mark.parametrize("cases", rows("format"))
def test_a_format_writes_a_value_as_grafana_does(cases: list[Any]) -> None:
    for (spec, value), expected in cases:
        assert write("v", all_of_nothing(value), spec) == expected, value


@pytest.mark.parametrize("cases", rows("format"))
def test_a_reference_names_its_format(cases: list[Any]) -> None:
    for (spec, value), expected in cases:
        reference = f"${{v:{spec}}}" if spec else "${v}"
        assert interpolate_as(reference, {"v": all_of_nothing(value)}) == expected, value


@pytest.mark.parametrize("cases", rows("format_text"))
def test_the_text_of_a_value_is_for_the_format_text_alone(cases: list[Any]) -> None:
    for (spec, value, text), expected in cases:
        assert write("v", value, spec, text) == expected, (value, text)


@pytest.mark.parametrize("cases", rows("default_format"))
def test_a_reference_without_a_format_takes_the_default(cases: list[Any]) -> None:
    for (template, value, default), expected in cases:
        assert interpolate_as(template, {"v": value}, default) == expected, (value, default)


def test_a_single_value_is_no_list_of_one() -> None:
    assert write("v", Chosen(("a",), single=True), "json") == "a"
    assert write("v", Chosen(("a",)), "json") == '["a"]'
    assert write("v", ("a",), "json") == '["a"]'


def test_alls_own_text_is_neither_escaped_nor_quoted() -> None:
    custom = Chosen((Verbatim(".*"),), everything=True)
    assert [write("v", custom, spec) for spec in ("regex", "sqlstring", "csv")] == [".*"] * 3
    assert write("v", custom, "queryparam") == "var-v=$__all"


def test_a_computed_value_takes_formats() -> None:
    at = Chosen((Macro("1770091506000"),), single=True)
    assert write("__from", at, "date") == "2026-02-03T04:05:06.000Z"


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("dddd, MMMM D YYYY", "Tuesday, February 3 2026"),
        ("hh:mm:ss.SSS a", "04:05:06.007 am"),
        ("[YYYY] YY DDDD", "YYYY 26 034"),
        ("X x Z", "1770091506 1770091506007 +00:00"),
    ],
)
def test_a_date_follows_a_pattern(pattern: str, expected: str) -> None:
    assert write("v", "1770091506007", f"date:{pattern}") == expected


def test_a_date_out_of_range_says_so() -> None:
    assert write("v", "9" * 40, "date") == "Invalid date"


def test_half_a_surrogate_pair_does_not_break_an_address() -> None:
    assert write("v", "\ud800", "percentencode") == "%3F"
