"""What of an address a link lets its viewers choose."""

from __future__ import annotations

import pytest

from heliograph.app.live.address import Address
from heliograph.app.live.admitted import admitted, within
from heliograph.components.spec import Dashboard, parse_dashboard
from heliograph.datasources.timerange import TimeRange
from heliograph.errors import NotFoundError
from heliograph.storage.config.shares import Terms

ASKED = Address(
    "shop",
    "now-7d",
    "now",
    "1s",
    "Asia/Tokyo",
    "Asia/Tokyo",
    (("service", ("api",)), ("text", ("x",)), ("tenant", ("b",)), ("nothing", ("x",))),
    ("deploys",),
)


@pytest.fixture(scope="module")
def dashboard() -> Dashboard:
    hidden = {"name": "tenant", "type": "custom", "query": "a,b", "hide": "variable"}
    variables = [
        {"name": "service", "type": "custom", "query": "api,web"},
        {"name": "text", "type": "textbox", "query": ""},
        hidden,
        {"name": "fixed", "type": "constant", "query": "c"},
    ]
    return parse_dashboard({"title": "Shop", "variables": variables})


def test_a_fixed_link_takes_nothing_of_an_address(dashboard: Dashboard) -> None:
    terms = Terms(values=(("service", ("web",)),), from_text="now-1h", to_text="now", zone="UTC")
    shown = Address("shop", "now-1h", "now", "", "UTC", "", (("service", ("web",)),))
    assert admitted(terms, ASKED, dashboard) == shown


def test_a_free_link_takes_options_and_hidden_variables_stay(dashboard: Dashboard) -> None:
    terms = Terms(free_variables=True, values=(("tenant", ("a",)), ("service", ("web",)), ("gone", ("x",))))
    found = admitted(terms, ASKED, dashboard)
    assert dict(found.variables) == {"service": ("api",), "tenant": ("a",)}
    assert (found.from_text, found.refresh, found.annotations) == ("", "", ("deploys",))


def test_text_boxes_are_free_where_the_link_says_so(dashboard: Dashboard) -> None:
    found = admitted(Terms(free_variables=True, free_texts=True), ASKED, dashboard)
    assert dict(found.variables)["text"] == ("x",)
    assert dict(admitted(Terms(free_texts=True), ASKED, dashboard).variables) == {}


def test_a_free_time_begins_with_that_of_the_link(dashboard: Dashboard) -> None:
    terms = Terms(free_time=True, from_text="now-1h", to_text="now", zone="UTC")
    assert admitted(terms, ASKED, dashboard).from_text == "now-7d"
    assert admitted(terms, ASKED, dashboard).zone == "Asia/Tokyo"
    bare = admitted(terms, Address("shop"), dashboard)
    assert (bare.from_text, bare.to_text, bare.zone) == ("now-1h", "now", "UTC")


def test_a_zoom_is_cut_to_the_range_of_a_fixed_link() -> None:
    window = (1000, 2000)
    assert within(TimeRange(500, 1500), window, Terms()) == TimeRange(1000, 1500)
    assert within(TimeRange(500, 2500), window, Terms(free_time=True)) == TimeRange(500, 2500)
    assert within(TimeRange(500, 2500), window, None) == TimeRange(500, 2500)
    with pytest.raises(NotFoundError):
        within(TimeRange(100, 900), window, Terms())
