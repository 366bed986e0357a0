"""Field options: what they accept, whom overrides reach, what values become."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from heliograph.components import palettes
from heliograph.components.field_options import FieldOptions
from heliograph.components.fields import ResolvedField, resolve
from heliograph.components.filling import fill_options
from heliograph.datasources.frame import Field, Frame

FRAMES = [
    Frame.series([0, 1000], [1, 50], name="cpu", ref="A", labels={"host": "a"}),
    Frame.series([0, 1000], [2, 2048], name="memory", ref="B"),
    Frame((Field.string("state", ["up", None]), Field.number("load", [0.5, float("nan")])), ref="C"),
]


def resolved(**options: Any) -> dict[str, ResolvedField]:
    return {one.name: one for one in resolve(FieldOptions.model_validate(options), FRAMES)}


def faults(**options: Any) -> list[tuple[Any, ...]]:
    with pytest.raises(ValidationError) as caught:
        FieldOptions.model_validate(options)
    return [error["loc"] for error in caught.value.errors()]


def test_each_number_and_text_is_a_field_with_its_name() -> None:
    fields = resolve(FieldOptions(), FRAMES)
    assert [(one.name, one.kind, one.ref, one.index) for one in fields] == [
        ("cpu", "number", "A", 0),
        ("memory", "number", "B", 1),
        ("state", "string", "C", 0),
        ("load", "number", "C", 2),
    ]


@pytest.mark.parametrize(
    ("match", "reached"),
    [
        ({"name": "cpu"}, {"cpu"}),
        ({"regex": "/o/"}, {"memory", "load"}),
        ({"regex": "cp."}, {"cpu"}),
        ({"type": "string"}, {"state"}),
        ({"target": "C"}, {"state", "load"}),
    ],
)
def test_an_override_reaches_the_fields_it_names(match: dict[str, str], reached: set[str]) -> None:
    fields = resolved(overrides=[{"match": match, "set": {"no_value": "none"}}])
    assert {name for name, one in fields.items() if one.options.no_value == "none"} == reached


def test_later_overrides_win_and_leave_the_rest() -> None:
    first = {"match": {"type": "number"}, "set": {"unit": "percent", "decimals": 1}}
    second = {"match": {"name": "cpu"}, "set": {"decimals": 0}}
    fields = resolved(overrides=[first, second])
    assert str(fields["cpu"].show(12.34)) == "12%"
    assert str(fields["memory"].show(12.34)) == "12.3%"


@pytest.mark.parametrize(
    ("settings", "place"),
    [
        ({"unti": "s"}, ("unti",)),
        ({"decimals": -1}, ("decimals",)),
        ({"overrides": []}, ("overrides",)),
        ({"color": {"mode": "rainbow"}}, ("color", "mode")),
        ({"thresholds": [{"value": 1}, {"value": "x"}]}, ("thresholds", 1, "value")),
    ],
)
def test_a_wrong_setting_of_an_override_is_named_by_its_path(settings: Any, place: tuple[Any, ...]) -> None:
    good = {"match": {"name": "a"}, "set": {"unit": "s"}}
    assert (*("overrides", 1, "set"), *place) in faults(overrides=[good, {"match": {"name": "b"}, "set": settings}])


@pytest.mark.parametrize("match", [{}, {"name": "a", "type": "number"}, {"regex": "("}, {"regex": "/a/q"}])
def test_a_match_that_says_nothing_two_things_or_no_pattern_is_refused(match: dict[str, str]) -> None:
    assert faults(overrides=[{"match": match, "set": {}}])[0][:3] == ("overrides", 0, "match")


@pytest.mark.parametrize(
    "color",
    [
        "red;background:url(//x)",
        "url(x)",
        "expression(1)",
        "var(--x)",
        "#12",
        "rgb(1,2)",
        "javascript:0",
        "ok}",
        "a" * 99,
    ],
)
def test_nothing_but_a_known_colour_is_taken(color: str) -> None:
    assert faults(color={"mode": "fixed", "value": color}) == [("color", "value")]


def test_a_threshold_shows_its_level_or_its_colour() -> None:
    steps = [{"value": 10, "level": "warn"}, {"value": 20, "color": "#ff0000"}, {"value": 30}]
    cpu = resolved(thresholds=steps)["cpu"]
    shown = [cpu.show(value) for value in (5, 10, 20, 30)]
    assert [(one.level, one.color) for one in shown] == [("base", ""), ("warn", ""), ("base", "#ff0000"), ("bad", "")]


def test_percentages_of_thresholds_lie_between_the_bounds() -> None:
    cpu = resolved(min=100, max=300, thresholds_mode="percentage", thresholds=[{"value": 50, "level": "warn"}])["cpu"]
    assert [cpu.show(value).level for value in (199, 200)] == ["base", "warn"]
    assert cpu.show(200).share == 0.5


def test_a_mapping_replaces_text_colour_and_level() -> None:
    mappings = [
        {"value": 1, "text": "up", "level": "ok"},
        {"from": None, "to": 0, "text": "down", "color": "red"},
        {"regex": "/^web-(.*)$/", "text": "Web $1"},
        {"special": "null", "text": "unknown", "icon": "help"},
    ]
    field = resolved(mappings=mappings)["state"]
    shown = [field.show(value) for value in (1.0, "1", -3, "web-3", None, 7)]
    assert [one.text for one in shown] == ["up", "up", "down", "Web 3", "unknown", "7"]
    assert [one.level for one in shown] == ["ok", "ok", "base", "base", "base", "base"]
    assert shown[2].color == "light-dark(#E02F44, #F2495C)"
    assert shown[4].icon == "help"


@pytest.mark.parametrize("mapping", [{"text": "x"}, {"value": 1, "special": "nan"}, {"regex": "(", "text": "x"}])
def test_a_mapping_of_no_kind_or_two_is_refused(mapping: dict[str, Any]) -> None:
    assert faults(mappings=[mapping])[0][:2] == ("mappings", 0)


def test_no_pattern_of_a_user_takes_long() -> None:
    field = resolved(mappings=[{"regex": "/^(a+)+$/", "text": "x"}])["state"]
    assert field.show("a" * 100_000 + "b").text[:1] == "a"


def test_a_series_has_one_colour_by_palette_value_or_choice() -> None:
    assert [one.color for one in resolved().values()][:2] == ["#3783f0", "#a84d04"]
    assert resolved(color={"mode": "fixed", "value": "series-2"})["cpu"].color == "#a84d04"
    ends = [palettes.continuous("continuous-viridis", share).dark for share in (0, 0.5, 1)]
    assert ends == ["rgb(68, 1, 84)", "rgb(35, 144, 139)", "rgb(253, 231, 37)"]
    by_value = resolved(color={"mode": "continuous-BlPu"}, min=0, max=50)
    assert by_value["cpu"].color == "light-dark(rgb(163, 82, 204), rgb(184, 119, 217))"


def links(url: str, value: Any = 1, title: str = "more") -> list[dict[str, Any]]:
    field = resolved(links=[{"title": title, "url": url, "new_tab": True}])["cpu"]
    return field.links(value, time_ms=1500, row=lambda name, how: {"pod name": "a b"}[name])


@pytest.mark.parametrize(
    ("url", "filled"),
    [
        ("/d/x?host=${__field.labels.host}&v=${__value.raw}", "/d/x?host=a&v=1"),
        ("https://example.org/${__series.name}?t=${__value.time}", "https://example.org/cpu?t=1500"),
        ("/d/x?${__url_time_range}", "/d/x?${__url_time_range}"),
        ("/pod/${__data.fields['pod name']}", "/pod/a%20b"),
        ("mailto:ops@example.org?subject=$__field", "mailto:ops@example.org?subject=$__field"),
        ("d/x#${unknown}", "d/x#${unknown}"),
    ],
)
def test_a_link_is_filled_with_what_it_names(url: str, filled: str) -> None:
    assert links(url) == [{"href": filled, "title": "more", "tab": True}]


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        " JavaScript:alert(1)",
        "java\tscript:alert(1)",
        "\x01javascript:alert(1)",
        "data:text/html,x",
        "vbscript:x",
        "file:///etc/passwd",
        "${__value.raw:raw}",
    ],
)
def test_a_link_that_is_not_safe_is_left_out(url: str) -> None:
    assert links(url, value="javascript:alert(1)") == []


def test_a_value_never_changes_where_a_link_leads() -> None:
    assert (
        links("/d/x?v=${__value.raw}", value="1&admin=true#//evil")[0]["href"] == "/d/x?v=1%26admin%3Dtrue%23%2F%2Fevil"
    )
    options = {
        "unit": "$unit",
        "links": [{"title": "to $host", "url": "/d/x?var-host=$host"}],
        "overrides": [{"match": {"name": "$host"}, "set": {"links": [{"url": "/y/$host"}]}}],
    }
    filled = fill_options(options, {"host": ("a&b",), "unit": ("s",)})
    assert filled == {
        "unit": "s",
        "links": [{"title": "to a&b", "url": "/d/x?var-host=a%26b"}],
        "overrides": [{"match": {"name": "a&b"}, "set": {"links": [{"url": "/y/a%26b"}]}}],
    }


def test_a_display_name_is_filled_with_labels() -> None:
    assert "cpu of a" in resolved(display_name="${__series.name} of ${__field.labels.host}")
