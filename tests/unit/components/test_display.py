"""Texts and colours of values, against what Grafana shows for the same configuration of a field."""

from __future__ import annotations

import json
import math
import re
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from heliograph.components import palettes
from heliograph.components.display import Display, Shown
from heliograph.components.field_options import FieldOptions
from heliograph.components.mappings import find

ORACLE = json.loads((Path(__file__).parents[2] / "data/thresholds_mappings.json").read_text("utf-8"))
NUMBERS = {"@NaN": math.nan, "@Infinity": math.inf, "@-Infinity": -math.inf, "@-0": -0.0, "@undefined": None}
GREY = "#808080"  # Grafana's colour of what has none


def mapping_of(mapping: dict[str, Any]) -> list[dict[str, Any]]:
    """Grafana's mapping in our words."""
    kind, options = mapping["type"], mapping["options"]
    if kind == "value":
        return [{"value": value, **result_of(result)} for value, result in options.items()]
    if kind == "range":
        return [{"from": options["from"], "to": options["to"], **result_of(options["result"])}]
    if kind == "regex":
        return [{"regex": options["pattern"], **result_of(options["result"])}]
    return [{"special": options["match"], **result_of(options["result"])}]


def result_of(result: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in result.items() if key in ("text", "color", "icon")}


def thresholds_of(steps: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Grafana's steps: the first is the base, and one is reached only with all before it."""
    made: list[dict[str, Any]] = []
    for step in steps:
        before = made[-1]["value"] if made else None
        value = None if not made else step["value"] if before is None else max(before, step["value"])
        made.append({"value": value, "color": step["color"]})
    return made


def display_of(case: dict[str, Any]) -> Display:
    config = case["config"]
    color, thresholds = config.get("color", {}), config.get("thresholds", {})
    modes = FieldOptions.model_json_schema()["$defs"]["ColorOption"]["properties"]["mode"]["enum"]
    mode = color.get("mode", "thresholds")
    bounds = case.get("state", {}).get("range", {"min": 0, "max": 100})
    options = FieldOptions.model_validate(
        {
            "decimals": config.get("decimals"),
            "color": {"mode": mode if mode in modes else "thresholds", "value": color.get("fixedColor", "")},
            "thresholds": thresholds_of(thresholds.get("steps", [])),
            "thresholds_mode": thresholds.get("mode", "absolute"),
            "mappings": [one for mapping in config.get("mappings", []) for one in mapping_of(mapping)],
            "no_value": config.get("noValue", ""),
            "min": config.get("min", bounds["min"]),
            "max": config.get("max", bounds["max"]),
        }
    )
    return Display(
        options,
        case["type"],
        config.get("unit", "none"),
        index=case.get("state", {}).get("seriesIndex", 0),
    )


def value_of(value: Any, kind: str) -> Any:
    if kind == "time" and isinstance(value, str) and not value.startswith("@"):
        return datetime.fromisoformat(value).timestamp() * 1000 if value[:1].isdigit() else math.nan
    return NUMBERS.get(value, value) if isinstance(value, str) else value


def seen(shown: Shown) -> tuple[Any, ...]:
    dark = re.fullmatch(r"light-dark\(.*, (#\w+|rgba?\([^)]*\))\)", shown.color)
    return (
        shown.prefix,
        shown.text,
        shown.suffix,
        dark[1] if dark else shown.color or GREY,
        shown.icon or None,
        shown.share,
    )


def test_every_row_is_as_in_grafana() -> None:
    wrong = []
    cases = {name: json.loads(case) for name, case in ORACLE["cases"].items()}
    for name, value, (prefix, text, suffix, color, icon, _, percent) in ORACLE["rows"]:
        case = cases[name]
        display = display_of(case)
        given = value_of(value, case["type"])
        shown = display.exactly(given, case.get("adjacentDecimals"), find(given, display.options.mappings))
        expected = (prefix, text, suffix, color, icon, NUMBERS.get(percent, percent))
        if seen(shown) != expected:
            wrong.append((name, value, seen(shown), expected))
    assert wrong == []
    assert len(ORACLE["rows"]) > 1000


def test_a_missing_number_is_no_value_and_null() -> None:
    mapped = FieldOptions.model_validate({"mappings": [{"special": "null", "text": "unknown", "level": "info"}]})
    assert Display(FieldOptions()).show(math.nan).text == "–"
    assert Display(FieldOptions()).show(None).text == "–"
    assert Display(FieldOptions()).show(math.nan).share is None
    assert Display(FieldOptions()).show(50).share == 0.5
    shown = Display(mapped).show(math.nan)
    assert (shown.text, shown.level) == ("unknown", "info")


def test_an_instant_says_when_it_is_for_the_page_to_write() -> None:
    shown = Display(FieldOptions(), unit="dateTimeAsIso").show(0)
    assert (shown.text, shown.at) == ("1970-01-01 00:00:00", 0.0)


@pytest.mark.parametrize("mode", ["thresholds", "continuous-GrYlRd"])
def test_yes_and_no_have_colours_of_their_own_whatever_the_thresholds_are(mode: str) -> None:
    options = FieldOptions.model_validate(
        {"color": {"mode": mode}, "thresholds": [{"value": None, "color": "green"}, {"value": 80, "color": "red"}]}
    )
    yes, no = (Display(options, "boolean").show(value) for value in (True, False))
    assert (yes.text, no.text, yes.share, no.share) == ("true", "false", 1.0, 0.0)
    assert yes.color != no.color


@pytest.mark.parametrize(
    ("name", "light", "dark"),
    [
        ("f", "#A352CC", "#BADFF4"),
        ("cpu", "#A352CC", "#FF9830"),
        ("web-1", "#447EBC", "#629E51"),
        ("requests", "#AD0317", "#629E51"),
        ("日本", "#0A437C", "#FCE2DE"),
        ('a b {x="1"}', "#614D93", "#806EB7"),
        ("", "#1250B0", "#DEDAF7"),
    ],
)
def test_a_name_has_the_colour_that_grafana_gives_it_on_each_ground(name: str, light: str, dark: str) -> None:
    found = palettes.classic_by_name(name)
    assert (found.light, found.dark) == (light, dark)
    assert (len(palettes.SEEN.light), len(palettes.SEEN.dark)) == (32, 46)
