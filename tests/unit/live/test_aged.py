"""Addresses that have aged: what is taken of them, and what is said of the rest."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from heliograph.app.live.address import Address, address_from
from heliograph.app.live.aged import lost_values, readable
from heliograph.components.spec import parse_dashboard
from heliograph.datasources.sources.base import VariableOption
from heliograph.datasources.variables.chosen import Chosen
from heliograph.datasources.variables.declared import Variable
from heliograph.datasources.variables.formats import ALL_VALUE
from heliograph.datasources.variables.resolve import Resolved

NOW_MS = 1_795_960_000_000  # 2026-11-29
CASES: list[dict[str, Any]] = json.loads((Path(__file__).parents[2] / "data" / "addresses.json").read_text())


@pytest.mark.parametrize("case", CASES, ids=lambda case: json.dumps(case["asked"])[:60])
def test_what_can_be_taken_of_an_address_is(case: dict[str, Any]) -> None:
    document = {"title": "t", "time": {"from": "now-6h", "to": "now"}, **case.get("dashboard", {})}
    dashboard = parse_dashboard(document, stored=True)
    read = readable(replace(Address("d"), **case["asked"]), dashboard, NOW_MS)
    address = read.address
    found = {"from_text": address.from_text, "to_text": address.to_text, "refresh": address.refresh, "zone": read.zone}
    assert {name: found[name] for name in case["taken"]} == case["taken"]
    assert [any(word in notice for notice in read.notices) for word in case.get("says", [])] == [True] * len(
        case.get("says", [])
    )
    assert len(read.notices) == len(case.get("says", []))


@pytest.mark.parametrize(
    ("middle", "length", "range_"),
    [
        ("1700000000000", "3600000", ("1699998200000", "1700001800000")),
        ("1700000000000", "1h", ("1699998200000", "1700001800000")),
        ("2023-11-14T22:13:20.000Z", "10m", ("1699999700000", "1700000300000")),
        ("x", "1h", ("", "")),
        ("1700000000000", "soon", ("", "")),
        ("1700000000000", "", ("", "")),
    ],
)
def test_a_range_may_be_named_by_its_middle_and_its_length(middle: str, length: str, range_: tuple[str, str]) -> None:
    found = address_from({"time": [middle], "time.window": [length]}, "d")
    assert (found.from_text, found.to_text) == range_
    chosen = address_from({"time": [middle], "time.window": [length], "from": ["now-1h"]}, "d")
    assert (chosen.from_text, chosen.to_text) == ("now-1h", "")


def test_a_range_that_rounds_to_the_calendar_is_rounded_where_the_viewer_is() -> None:
    dashboard = parse_dashboard({"title": "t"})
    read = readable(Address("d", "now/d", "now", browser_zone="Asia/Jakarta"), dashboard, NOW_MS)
    assert (read.zone, read.address.zone, read.rounds) == ("browser", "Asia/Jakarta", True)
    own = parse_dashboard({"title": "t", "timezone": "Europe/Berlin"})
    read = readable(Address("d", "now/d", "now", browser_zone="Asia/Jakarta"), own, NOW_MS)
    assert (read.zone, read.address.zone) == ("Europe/Berlin", "Europe/Berlin")


GROWING = {"title": "t", "refresh": "1s", "time": {"from": "now-5m", "to": "now", "grows": True}}


@pytest.mark.parametrize(
    ("age_s", "from_text", "widens"),
    [(0, "now-15s", 20), (9, "now-15s", 11), (20, "now-30s", 20), (45, "now-1m", 35), (150, "now-2m", 50)],
)
def test_a_range_that_grows_is_as_long_as_there_is_data_for(age_s: int, from_text: str, widens: float) -> None:
    read = readable(Address("d"), parse_dashboard(GROWING), NOW_MS, NOW_MS - age_s * 1000)
    assert (read.address.from_text, read.address.to_text) == (from_text, "now")
    assert read.widens_in_s == pytest.approx(widens)


def test_a_range_that_grows_ends_as_the_dashboards_own_and_gives_way_to_a_chosen_one() -> None:
    dashboard = parse_dashboard(GROWING)
    grown = readable(Address("d"), dashboard, NOW_MS, NOW_MS - 200_000)
    assert (grown.address.from_text, grown.widens_in_s) == ("now-5m", None)
    chosen = readable(Address("d", "now-5m", "now"), dashboard, NOW_MS, NOW_MS - 1000)
    assert (chosen.address.from_text, chosen.widens_in_s) == ("now-5m", None)


def test_a_range_that_grows_begins_with_a_dozen_refreshes() -> None:
    seldom = parse_dashboard({**GROWING, "refresh": "5s", "time": {"from": "now-30m", "to": "now", "grows": True}})
    assert readable(Address("d"), seldom, NOW_MS, NOW_MS).address.from_text == "now-1m"


def test_a_data_source_may_be_named_by_uid_or_name_and_any_other_is_said() -> None:
    variable = Variable(name="ds", type="datasource", query="prometheus")
    options = (VariableOption("p1", "Prod EU"), VariableOption("p2", "Prod US"))
    found = (Resolved(variable, options, ("p2",), Chosen(("p2",), single=True)),)
    for given, notices in (("p2", ()), ("Prod US", ()), ("pg", ("ds has no value pg.",))):
        assert lost_values(found, Address("d", variables=(("ds", (given,)),))) == notices


def test_a_value_that_is_lost_is_said_also_where_all_takes_its_place() -> None:
    variable = Variable(name="host", type="query", query="hosts", multi=True, include_all=True)
    options = (VariableOption("a", "a"), VariableOption("b", "b"))
    found = (Resolved(variable, options, (ALL_VALUE,), Chosen((), everything=True)),)
    for given, notices in (("gone", ("host has no value gone.",)), (ALL_VALUE, ()), ("All", ()), ("", ())):
        assert lost_values(found, Address("d", variables=(("host", (given,)),))) == notices
