"""Patterns of people: what they find, and what they may not cost."""

from __future__ import annotations

import re
from itertools import product

import pytest

from heliograph.components.spec import parse_dashboard
from heliograph.errors import InvalidError
from heliograph.patterns import MAX_SEARCHED, of_script, parse, whole
from heliograph.storage.metrics.matching import wanted_values

EXPLODING = [r"^(a+)+$", r"^(a|a)*$", r"^(a|aa)+$", r"(.|.|.)*~", r"^(([a-z])+.)+[A-Z]([a-z])+$", r"(.*)(.*)(.*)(.*)!"]
AHEAD = [
    r"^(?!prod).*",
    r"^(?!prod)(?!dev)\w+$",
    r"^(?=.*a)(?=.*b)",
    r"^((?!od).)*$",
    r"^(?:(?!od).)+$",
    r"^(?!.*[)(]x)a",
    r"^(?!a\)b|b[\])])",
    r"^(?!)a",
]
TEXTS = ["", "prod", "prod-a", "dev", "devil", "abba", "xod", "od", "a)x", "a)b", "b]", "b)", "ba", "a\nod", "\n"]


@pytest.mark.parametrize("pattern", EXPLODING)
def test_what_backtracks_for_ever_elsewhere_is_answered(pattern: str) -> None:
    assert of_script(pattern).matches(["a" * 5000 + "!b"]) == [bool(re.search(pattern, "a!b"))]
    assert not whole(pattern + "é").matches(["a" * 5000])[0]
    assert wanted_values("host", f"~{pattern}é", {"a" * 5000}) == set()
    of_script(pattern).find("a" * 5000 + "!b")
    of_script(pattern, "g").replace("a" * 5000 + "!b", "x")


@pytest.mark.parametrize(("pattern", "text"), list(product(AHEAD, TEXTS)))
def test_look_ahead_at_the_beginning_finds_what_it_finds_elsewhere(pattern: str, text: str) -> None:
    expected = re.search(pattern.replace("$", r"\Z"), text)
    found = of_script(pattern).find(text)
    assert of_script(pattern).matches([text]) == [expected is not None]
    assert [match.span() for match in found] == ([expected.span()] if expected else [])
    assert [match.groups() for match in found] == ([expected.groups()] if expected else [])


@pytest.mark.parametrize(
    ("pattern", "named"),
    [
        (r"a(?=b)", "look-ahead"),
        (r"(?!a)b", "look-ahead"),
        (r"^(?!a)b|c", "look-ahead"),
        (r"(?<=a)b", "look-behind"),
        (r"(?<!a)b", "look-behind"),
        (r"(a)\1", "back reference"),
        (r"(?<n>a)\k<n>", "back reference"),
        ("x{1000}" * 3, "repeats too much"),
        ("a" * 1001, "at most 1000 characters"),
        ("(", "missing"),
        ("\ud800", "surrogate"),
    ],
)
def test_what_cannot_be_run_is_refused_by_name(pattern: str, named: str) -> None:
    with pytest.raises(ValueError, match=named):
        of_script(pattern)
    with pytest.raises(ValueError, match=named):
        whole(pattern)
    with pytest.raises(InvalidError, match=named):
        wanted_values("host", f"!~{pattern}", {"a"})


def test_a_dashboard_is_saved_with_no_pattern_that_cannot_be_run_and_an_old_one_opens() -> None:
    document = {"title": "t", "variables": [{"name": "v", "type": "query", "regex": "/a(?=b)/"}]}
    with pytest.raises(InvalidError, match="look-ahead") as caught:
        parse_dashboard(document)
    assert caught.value.path == "$.variables[0].regex"
    assert parse_dashboard(document, stored=True).variables[0].regex == "/a(?=b)/"


def test_codes_of_characters_are_those_of_scripts() -> None:
    assert of_script(r"^\u00e9$").matches(["é", "u00e9"]) == [True, False]
    assert of_script(r"\\u0041").matches([r"\u0041", "A"]) == [True, False]


def test_whole_patterns_cannot_leave_their_parentheses() -> None:
    with pytest.raises(ValueError, match="not a regular expression"):
        whole("a)|(b")


def test_a_long_text_is_searched_up_to_a_limit_and_kept() -> None:
    assert parse("/a/g").replace("a" * (MAX_SEARCHED + 5), "b") == "b" * MAX_SEARCHED + "a" * 5


def test_labels_are_wanted_by_value_list_and_pattern() -> None:
    values = {"api", "web", ""}
    assert wanted_values("s", "api", values) == {"api"}
    assert wanted_values("s", "!api", values) == {"web", ""}
    assert wanted_values("s", ["api", "db"], values) == {"api"}
    assert wanted_values("s", "~a.*|web", values) == {"api", "web"}
    assert wanted_values("s", "!~a.*", values) == {"web", ""}
