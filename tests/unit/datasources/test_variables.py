"""Options of variables, what stays chosen, addresses, the order of chained variables."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heliograph.datasources.variables.choice import (
    Choice,
    Rules,
    after_refresh,
    chosen_values,
    from_address,
    picked,
    to_address,
)
from heliograph.datasources.variables.interpolation import interpolate_as
from heliograph.datasources.variables.options import (
    MAX_OPTIONS,
    Option,
    custom_options,
    custom_options_json,
    parse_regex,
    query_options,
    sorted_options,
)
from heliograph.datasources.variables.order import automatic_interval, dependency_order
from heliograph.errors import InvalidError

ROWS = json.loads((Path(__file__).parents[2] / "data" / "variables.json").read_text("utf-8"))["rows"]
LETTERS = [Option(value, value.upper()) for value in "abc"]


def rows(kind: str) -> list[Any]:
    found = [pytest.param(*arguments, result, id=repr(arguments)) for name, arguments, result in ROWS if name == kind]
    assert found
    return found


def rules_of(state: dict[str, Any]) -> Rules:
    return Rules(
        multi=state.get("isMulti", False),
        include_all=state.get("includeAll", False),
        default_to_all=state.get("defaultToAll", False),
        all_value=state.get("allValue", ""),
    )


def frozen(value: str | list[str]) -> str | tuple[str, ...]:
    return tuple(value) if isinstance(value, list) else value


def as_row(choice: Choice) -> dict[str, Any]:
    return {
        "value": list(choice.value) if isinstance(choice.value, tuple) else choice.value,
        "text": list(choice.text) if isinstance(choice.text, tuple) else choice.text,
    }


def pairs(options: Any) -> list[list[str]]:
    return [[option.text, option.value] for option in options]


@pytest.mark.parametrize(("text", "expected"), rows("custom_options"))
def test_options_are_read_from_a_line(text: str, expected: list[dict[str, str]]) -> None:
    assert [{"label": option.text, "value": option.value} for option in custom_options(text)] == expected


@pytest.mark.parametrize(("text", "expected"), rows("custom_options_json"))
def test_options_are_read_from_json(text: str, expected: Any) -> None:
    if expected == "@throws":
        with pytest.raises(InvalidError):
            custom_options_json(text)
    else:
        found = custom_options_json(text)
        assert [{"label": o.text, "value": o.value, "properties": o.properties} for o in found] == expected


@pytest.mark.parametrize(("found", "regex", "sort", "expected"), rows("query_options"))
def test_options_of_a_query_are_cut_by_a_regex_and_sorted(
    found: list[str | None], regex: str, sort: int, expected: Any
) -> None:
    options = [Option(value or "", value or "") for value in found]
    if expected == "@throws":
        with pytest.raises(InvalidError):
            query_options(options, regex, sort)
    else:
        assert pairs(query_options(options, regex, sort)) == expected


@pytest.mark.parametrize(("found", "regex", "applied_to", "expected"), rows("query_options_pairs"))
def test_a_regex_is_applied_to_value_or_text(
    found: list[list[str]], regex: str, applied_to: Literal["value", "text"], expected: list[list[str]]
) -> None:
    options = [Option(value, text) for text, value in found]
    assert pairs(query_options(options, regex, 0, applied_to)) == expected


@pytest.mark.parametrize(("state", "new", "expected"), rows("after_refresh"))
def test_what_stays_chosen_once_options_change(state: dict[str, Any], new: list[str], expected: Any) -> None:
    choice = Choice(frozen(state["value"]), frozen(state["text"]))
    assert as_row(after_refresh(choice, [Option(value, value) for value in new], rules_of(state))) == expected


@pytest.mark.parametrize(("before", "newly", "expected"), rows("picked"))
def test_what_a_pick_means(before: list[str], newly: list[str], expected: Any) -> None:
    assert before
    assert as_row(picked(newly, LETTERS, Rules(multi=True, include_all=True))) == expected


@pytest.mark.parametrize(("given_", "state", "expected"), rows("url"))
def test_an_address_chooses_and_is_written(given_: str | list[str], state: dict[str, Any], expected: Any) -> None:
    rules = rules_of(state)
    choice = from_address(given_, LETTERS, rules)
    assert as_row(choice) | {"url": {"var-v": to_address(choice, rules)}} == expected


@pytest.mark.parametrize(("range_ms", "steps", "least", "expected"), rows("interval_auto"))
def test_an_automatic_interval_follows_the_range(range_ms: int, steps: int, least: str, expected: str) -> None:
    assert automatic_interval(range_ms, steps, least) == expected


def test_the_texts_and_properties_of_options_reach_references() -> None:
    options = custom_options_json('[{"text":"Europe","value":"eu","zone":"z-1"},{"value":"us","zone":"z-2"}]')
    chosen = chosen_values(Choice(("eu", "us"), ("Europe", "us")), options, Rules(multi=True))
    assert interpolate_as("${v:text}; ${v.zone:csv}; ${v.0:text}; ${v.nope:csv}", {"v": chosen}) == (
        "Europe + us; z-1,z-2; Europe; ,"
    )


def test_all_is_every_option_or_its_own_text() -> None:
    everything = Choice("$__all", "All")
    assert chosen_values(everything, LETTERS, Rules(include_all=True)) == ("a", "b", "c")
    assert chosen_values(everything, LETTERS, Rules(include_all=True, all_value=".*")) == (".*",)
    only = chosen_values(everything, LETTERS, Rules(include_all=True))
    assert interpolate_as("${v:queryparam}", {"v": only}) == "var-v=$__all"


@given(st.lists(st.text(max_size=5)), st.integers(0, 8))
def test_sorting_keeps_every_option(values: list[str], sort: int) -> None:
    options = [Option(value, value) for value in values]
    assert sorted(map(str, (o.value for o in sorted_options(options, sort)))) == sorted(values)


def test_an_unknown_sort_is_refused() -> None:
    with pytest.raises(InvalidError, match="9 is not a way"):
        sorted_options([], 9)


def test_natural_order_knows_numbers_accents_and_case() -> None:
    texts = ["web-10", "Web-2", "web-2", "web-02", "wéb-2", "_x", "9", "a b", "ab", "áb", "aḃ"]
    options = [Option(text, text) for text in texts]
    assert [option.text for option in sorted_options(options, 7)] == (
        ["_x", "9", "a b", "ab", "aḃ", "áb", "web-2", "web-02", "Web-2", "wéb-2", "web-10"]
    )


def test_a_regex_reads_javascripts_named_groups() -> None:
    match = parse_regex(r"/(?<n>a)a\(\?<q/").find("xaa(?<q")
    assert match[0]["n"] == "a"


@given(st.text(alphabet=" :a\n\u2028,", max_size=12))
def test_an_option_is_split_at_its_last_colon_with_space_around(text: str) -> None:
    line = "[^\n\r\u2028\u2029]+"
    pair = re.fullmatch(rf"\s*({line})\s:\s({line})", text)
    expected = (pair[1].strip(), pair[2].strip()) if pair else (text.strip(), text.strip())
    assert [(one.text, one.value) for one in custom_options(text.replace(",", "\\,"))] == ([expected] if text else [])


def test_a_long_text_of_options_is_read() -> None:
    assert custom_options(" " * 100_000) == [Option("", "")]
    assert len(custom_options(" : " * 30_000)) == 1
    assert len(custom_options("a," * 30_000)) == MAX_OPTIONS


def test_chained_variables_follow_what_they_refer_to() -> None:
    order = dependency_order({"host": ["region", "env"], "env": [], "region": ["env", "__from"]})
    assert order == ["env", "region", "host"]


@pytest.mark.parametrize(("references", "named"), [({"a": ["a"]}, r"\$a → \$a"), ({"a": ["b"], "b": ["a"]}, r"\$b")])
def test_a_circle_is_refused_by_name(references: dict[str, list[str]], named: str) -> None:
    with pytest.raises(InvalidError, match=named):
        dependency_order(references)


@given(st.permutations(["a", "b", "c", "d"]))
def test_the_order_of_definition_does_not_matter(names: list[str]) -> None:
    chain = {"a": [], "b": ["a"], "c": ["b"], "d": ["c", "a"]}
    assert dependency_order({name: chain[name] for name in names}) == ["a", "b", "c", "d"]
