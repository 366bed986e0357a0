"""Where the head of a panel leads, and what else a panel has beside what it asks and draws."""

from __future__ import annotations

from typing import Any

import pytest

from heliograph.components.editing.changed import changed_panels, opens_anew
from heliograph.components.link_spec import Link
from heliograph.components.panel_links import links_of_panel
from heliograph.components.panel_spec import Panel
from heliograph.components.spec import parse_dashboard
from heliograph.datasources.variables.chosen import Chosen
from heliograph.errors import InvalidError

VARIABLES = {"service": Chosen(["a b&c"], single=True), "__timezone": Chosen(["UTC"], single=True)}


def test_variables_are_words_in_a_title_and_encoded_in_an_address() -> None:
    links = [
        Link(title="Logs of $service", url="/d/logs?var-service=${service}&${__url_time_range}&tz=$__timezone"),
        Link(url="https://example.org/$service", new_tab=True),
    ]
    assert links_of_panel(links, VARIABLES) == [
        {
            "href": "/d/logs?var-service=a%20b%26c&${__url_time_range}&tz=$__timezone",  # the page's own stay
            "title": "Logs of a b&c",
            "tab": False,
        },
        {"href": "https://example.org/a%20b%26c", "title": "https://example.org/a%20b%26c", "tab": True},
    ]


@pytest.mark.parametrize("url", ["javascript:alert(1)", " java\tscript:alert(1)", "data:text/html,x", "$scheme:x", ""])
def test_an_address_that_is_not_safe_leads_nowhere(url: str) -> None:
    assert links_of_panel([Link(title="x", url=url)], {"scheme": Chosen(["javascript"], single=True)}) == []


def test_a_row_has_neither_links_nor_a_ground() -> None:
    for more in ({"links": [{"url": "/"}]}, {"transparent": True}):
        with pytest.raises(ValueError, match="a row has no links and no ground"):
            Panel.model_validate({"panel_id": 1, "type": "row", **more})


def test_the_instant_that_is_pointed_at_stands_in_all_charts_where_nothing_else_is_said() -> None:
    assert parse_dashboard({"title": "x"}).graph_tooltip == 1
    assert parse_dashboard({"title": "x", "graph_tooltip": 2}).graph_tooltip == 2
    with pytest.raises(InvalidError) as refused:
        parse_dashboard({"title": "x", "graph_tooltip": 3})
    assert refused.value.path == "$.graph_tooltip"


def test_links_open_the_view_anew_and_draw_no_panel() -> None:
    def board(**more: Any) -> dict[str, Any]:
        return {"title": "x", "panels": [{"panel_id": 1, "type": "text", **more}]}

    assert changed_panels(board(), board(links=[{"url": "/"}], transparent=True)) == []
    assert opens_anew(board(), board(links=[{"url": "/"}]))
    assert not opens_anew(board(), board(transparent=True))
