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
from heliograph.datasources.variables.resolve import resolve
from heliograph.errors import InvalidError, SourceUnavailableError
from heliograph.scope import Role, Scope

SCOPE = Scope(1, Role.VIEWER)
RANGE = TimeRange(0, 1000)


async def ask(
    datasource: str, template: str, values: Mapping[str, Chosen], range_: TimeRange, scope: Scope
) -> Sequence[VariableOption]:
    query = interpolate(template, values, "text")
    if query == "down":
        raise SourceUnavailableError("gone")
    return [VariableOption(f"{query}-{index}", f"{query}-{index}") for index in (10, 2, 1)]


async def resolved(variables: list[dict[str, Any]], **given: tuple[str, ...]) -> dict[str, Any]:
    dashboard = parse_dashboard({"title": "t", "variables": variables})
    found = await resolve(dashboard.variables, given, RANGE, SCOPE, ask)
    return {one.variable.name: one for one in found}


async def test_the_first_option_is_chosen_where_nothing_says_otherwise() -> None:
    found = await resolved([{"name": "a", "type": "query", "query": "q", "sort": 3}])
    assert found["a"].values == ("q-1",)


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
        return (await resolve(dashboard.variables, {"a": given}, RANGE, SCOPE, ask, aged=True))[0].values

    assert await chosen("x", "gone") == ("x",)
    assert await chosen("gone") == ("y",)
    assert await chosen("") == ("y",)
