"""Variables of a view: options, what is chosen, and what queries get."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from heliograph.components.spec import parse_dashboard
from heliograph.datasources.sources.base import VariableOption
from heliograph.datasources.timerange import TimeRange
from heliograph.datasources.variables.chosen import Chosen
from heliograph.datasources.variables.interpolation import Verbatim, interpolate
from heliograph.datasources.variables.resolve import resolve, source_named
from heliograph.errors import InvalidError, SourceMissingError, SourceUnavailableError
from heliograph.scope import Role, Scope

SCOPE = Scope(1, Role.VIEWER)
RANGE = TimeRange(0, 1000)


class Dice:
    """Options that name their query and its source, and two sources of the kind `prometheus`."""

    async def ask(
        self, datasource: str, template: str, values: Mapping[str, Chosen], range_: TimeRange, scope: Scope
    ) -> Sequence[VariableOption]:
        query = interpolate(template, values, "text") + (f" at {datasource}" if datasource else "")
        if query == "down":
            raise SourceUnavailableError("gone")
        if query == "blank":
            return [VariableOption("", ""), VariableOption("x", "x")]
        return [VariableOption(f"{query}-{index}", f"{query}-{index}") for index in (10, 2, 1)]

    async def sources(self, org: int, kind: str) -> Sequence[VariableOption]:
        if kind != "prometheus":
            raise SourceMissingError(f"there is no {kind} data source")
        return [VariableOption("p1", "Prod EU"), VariableOption("p2", "Prod US"), VariableOption("t", "Test")]


async def resolved(variables: list[dict[str, Any]], **given: tuple[str, ...]) -> dict[str, Any]:
    dashboard = parse_dashboard({"title": "t", "variables": variables})
    found = await resolve(dashboard.variables, given, RANGE, SCOPE, Dice())
    return {one.variable.name: one for one in found}


async def test_the_first_option_is_chosen_where_nothing_says_otherwise() -> None:
    found = await resolved([{"name": "a", "type": "query", "query": "q", "sort": 3}])
    assert found["a"].values == ("q-1",)


async def test_an_empty_text_can_be_chosen_where_it_is_an_option() -> None:
    blank = {"name": "a", "type": "query", "query": "blank"}
    for given in ({}, {"a": ("",)}):
        found = (await resolved([blank], **given))["a"]
        assert (found.current, found.values) == (("",), ("",))
    assert (await resolved([blank], a=("x",)))["a"].current == ("x",)
    assert (await resolved([{"name": "b", "type": "textbox"}]))["b"].current == ()


async def test_a_variable_sees_what_was_chosen_in_those_before_it() -> None:
    found = await resolved(
        [{"name": "b", "type": "query", "query": "under $a"}, {"name": "a", "type": "custom", "query": "x, y"}],
        a=("y",),
    )
    assert found["b"].options[0].value == "under y-10"
    assert list(found) == ["b", "a"]


async def test_variables_in_a_circle_are_refused_by_name() -> None:
    with pytest.raises(InvalidError, match=r"a|b"):
        await resolved([{"name": "a", "type": "query", "query": "$b"}, {"name": "b", "type": "query", "query": "$a"}])


async def test_a_value_that_is_no_option_is_refused() -> None:
    with pytest.raises(InvalidError) as caught:
        await resolved([{"name": "a", "type": "custom", "query": "x, y"}], a=("z",))
    assert caught.value.path == "$.variables.a"


async def test_a_text_box_takes_any_text() -> None:
    found = await resolved([{"name": "a", "type": "textbox", "query": "default"}], a=("' or 1=1",))
    assert found["a"].values == ("' or 1=1",)


async def test_all_is_every_option_or_its_own_text() -> None:
    many = {"name": "a", "type": "custom", "query": "x, y", "multi": True, "include_all": True}
    found = await resolved([many], a=("$__all",))
    assert found["a"].values == ("x", "y")
    found = await resolved([{**many, "all_value": ".*"}], a=("$__all",))
    assert found["a"].values == (".*",)
    assert isinstance(found["a"].values[0], Verbatim)


async def test_a_source_that_is_down_is_said_and_hurts_nothing_else() -> None:
    found = await resolved(
        [{"name": "a", "type": "query", "query": "down"}, {"name": "b", "type": "custom", "query": "x"}], a=("kept",)
    )
    assert found["a"].error == "gone"
    assert found["b"].values == ("x",)


@pytest.mark.parametrize("multi", [False, True])
async def test_where_the_options_cannot_be_had_only_the_stored_choice_stays(multi: bool) -> None:
    stored = {"name": "a", "type": "query", "query": "down", "multi": multi, "current": "kept"}
    for given in ((), ("kept",), ("arrayMap(file, ['/etc/hostname'])",), ("kept", "other"), ("$__all",)):
        found = await resolved([stored], a=given)
        assert found["a"].values == ("kept",)
    unset = {"name": "a", "type": "query", "query": "down", "multi": multi}
    assert [value for value in (await resolved([unset], a=("x",)))["a"].values if value] == []


async def test_values_of_an_address_that_has_aged_are_left_out_one_by_one() -> None:
    several: dict[str, Any] = {"name": "a", "type": "custom", "query": "x, y, z", "multi": True, "current": ["y"]}
    dashboard = parse_dashboard({"title": "t", "variables": [several]})

    async def chosen(*given: str) -> Any:
        return (await resolve(dashboard.variables, {"a": given}, RANGE, SCOPE, Dice(), aged=True))[0].values

    assert await chosen("x", "gone") == ("x",)
    assert await chosen("gone") == ("y",)
    assert await chosen("") == ("y",)


DS = {"name": "ds", "type": "datasource", "query": "prometheus"}


async def test_a_variable_of_data_sources_offers_those_of_its_kind_by_name() -> None:
    found = (await resolved([{**DS, "regex": "/^Prod/"}]))["ds"]
    assert [(one.value, one.text) for one in found.options] == [("p1", "Prod EU"), ("p2", "Prod US")]
    assert found.values == ("p1",)


@pytest.mark.parametrize("given", ["p2", "Prod US"])
async def test_a_data_source_is_chosen_by_its_uid_or_its_name(given: str) -> None:
    found = await resolved([DS, {"name": "a", "type": "query", "query": "jobs", "datasource": "${ds}"}], ds=(given,))
    assert found["ds"].values == ("p2",)
    assert found["a"].options[0].value == "jobs at p2-10"


async def test_a_data_source_of_another_kind_is_no_choice() -> None:
    with pytest.raises(InvalidError, match="'store' is not an option"):
        await resolved([DS], ds=("store",))
    assert (await resolved([{**DS, "query": "mysql"}]))["ds"].error == "there is no mysql data source"


async def test_a_variable_whose_data_source_is_none_asks_no_other() -> None:
    found = await resolved(
        [{**DS, "query": "mysql"}, {"name": "a", "type": "query", "query": "x", "datasource": "$ds"}]
    )
    assert found["a"].error == "there is no mysql data source"
    assert found["a"].options == ()


async def test_what_was_stored_of_a_data_source_names_none_where_there_is_none_of_its_kind() -> None:
    found = (await resolved([{**DS, "query": "mysql", "current": "default"}]))["ds"]
    assert (found.values, found.current) == ((), ())
    with pytest.raises(SourceMissingError, match="there is no mysql data source"):
        source_named("${ds}", {"ds": found.values})
    with pytest.raises(SourceMissingError, match=r"\$\{other\} names no data source"):
        source_named("${other}", {"ds": found.values, "other": ""})


async def test_a_custom_variable_offers_what_others_have_one_option_a_comma() -> None:
    first = {"name": "a", "type": "custom", "query": "x, y", "multi": True, "current": ["x", "y"]}
    found = await resolved([first, {"name": "b", "type": "custom", "query": "$a, all of $a"}])
    assert [one.value for one in found["b"].options] == ["x", "y", "all of x", "y"]


async def test_the_pattern_of_options_may_hold_a_variable() -> None:
    found = await resolved(
        [
            {"name": "n", "type": "custom", "query": "1, 2"},
            {"name": "a", "type": "query", "query": "q", "regex": "/-$n$/"},
        ],
        n=("2",),
    )
    assert [one.value for one in found["a"].options] == ["q-2"]


def test_what_people_type_never_chooses_a_data_source() -> None:
    typed = {"name": "t", "type": "textbox", "query": "prometheus"}
    panel = {"panel_id": 1, "type": "stat", "targets": [{"datasource": "$t", "query": "up"}]}
    with pytest.raises(InvalidError, match="text box"):
        parse_dashboard({"title": "t", "variables": [typed], "panels": [panel]})
