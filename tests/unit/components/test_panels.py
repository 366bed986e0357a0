"""What each panel type makes of frames."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from heliograph.components.panels.registry import default_registry
from heliograph.components.panels.series import MAX_LINES
from heliograph.components.panels.text import to_html
from heliograph.components.spec import parse_dashboard
from heliograph.datasources.frame import Field, Frame
from heliograph.datasources.timerange import TimeRange
from heliograph.errors import InvalidError

REGISTRY = default_registry()
WINDOW = TimeRange(0, 10_000)


def drawn(kind: str, frames: list[Frame], **options: Any) -> Any:
    return REGISTRY.get(kind).columns(REGISTRY.options(kind, options), frames, WINDOW)


def series(name: str, values: list[float], *, start: int = 0, ref: str = "A") -> Frame:
    return Frame.series([start + 1000 * index for index in range(len(values))], values, name=name, ref=ref)


def test_series_of_different_times_are_joined_with_gaps() -> None:
    main = drawn("timeseries", [series("a", [3, 4], start=1000), series("b", [1, 2])]).sources["main"]
    assert main["t"].tolist() == [0.0, 1000.0, 2000.0]
    np.testing.assert_array_equal(main["s0"], [np.nan, 3, 4])
    np.testing.assert_array_equal(main["s1"], [1, 2, np.nan])


def test_a_time_of_which_nothing_is_known_is_a_gap() -> None:
    frame = Frame.series([0, 1000, 2000, 60_000, 61_000], [1, 2, 3, 4, 5], name="a")
    main = drawn("timeseries", [frame]).sources["main"]
    assert main["t"].tolist() == [0, 1000, 2000, 3000, 60_000, 61_000]
    assert np.isnan(main["s0"][3])


def test_more_lines_than_a_chart_can_show_are_the_largest_and_it_says_so() -> None:
    frames = [series(f"s{index:03d}", [float(index)]) for index in range(MAX_LINES + 10)]
    result = drawn("timeseries", frames)
    assert len(result.texts["series"]) == MAX_LINES
    assert result.texts["series"][0]["name"] == "s010"
    assert result.texts["notice"] == f"top {MAX_LINES} of {MAX_LINES + 10} series by mean"


def test_a_stat_shows_the_last_known_value_with_its_level() -> None:
    result = drawn(
        "stat",
        [series("a", [1.0, 93.25, float("nan")])],
        unit="percent",
        decimals=1,
        thresholds=[{"value": 95, "level": "bad"}, {"value": 80, "level": "warn"}],
    )
    (one,) = result.texts["stats"]
    assert [one[key] for key in ("name", "prefix", "text", "suffix", "level")] == ["a", "", "93.3", "%", "warn"]


def test_a_stat_without_a_value_shows_none_and_never_zero() -> None:
    stat = drawn("stat", [series("a", [float("nan")])]).texts["stats"][0]
    assert (stat["text"], stat["level"]) == ("–", "base")


def test_a_gauge_is_a_share_between_its_bounds() -> None:
    gauges = drawn("gauge", [series("a", [75.0]), series("b", [900.0])], min=50, max=100).texts["gauges"]
    assert [one["share"] for one in gauges] == [0.5, 1.0]


@pytest.mark.parametrize(
    "markdown",
    [
        "<script>alert(1)</script>",
        "[x](javascript:alert(1))",
        "<img src=x onerror=alert(1)>",
        "<a href='data:text/html,x'>x</a>",
        "![x](javascript:alert(1))",
        "<svg onload=alert(1)>",
    ],
)
def test_no_markdown_becomes_what_runs(markdown: str) -> None:
    html = to_html(markdown).lower()
    assert "<script" not in html
    assert "<svg" not in html
    assert "<img src=x" not in html
    assert 'href="javascript' not in html
    assert 'href="data' not in html


def test_html_in_markdown_is_shown_by_a_few_harmless_tags() -> None:
    html = to_html("<div onclick='x()'><b>Hot</b> & <em>cold</em><script>alert(1)</script></div>\n\nAs **ever**<br>on")
    assert "<b>Hot</b> &amp; <em>cold</em>" in html
    assert "As <strong>ever</strong><br>on" in html
    assert "onclick" not in html
    assert "alert" not in html


def test_markdown_has_tables_and_safe_links() -> None:
    html = to_html("**a** [b](https://example.org)\n\n| x |\n|---|\n| 1 |")
    assert "<strong>a</strong>" in html
    assert 'href="https://example.org" rel="noopener noreferrer nofollow"' in html
    assert "<td>1</td>" in html


@pytest.mark.parametrize(
    ("panel", "path"),
    [
        ({"type": "nope"}, "$.panels[0].type"),
        ({"type": "stat", "options": {"nope": 1}}, "$.panels[0].options.nope"),
        ({"type": "stat", "options": {"decimals": "many"}}, "$.panels[0].options.decimals"),
        (
            {"type": "timeseries", "options": {"thresholds": [{"value": 1}, {}]}},
            "$.panels[0].options.thresholds[1].value",
        ),
    ],
)
def test_a_wrong_option_is_named_by_its_path(panel: dict[str, Any], path: str) -> None:
    dashboard = parse_dashboard({"title": "t", "panels": [{"panel_id": 1, **panel}]})
    with pytest.raises(InvalidError) as caught:
        REGISTRY.validate(dashboard)
    assert caught.value.path == path


@pytest.mark.parametrize("content", ["![" * 30_000, "*a _b " * 15_000, "1. a\n" * 15_000])
def test_markdown_that_would_take_seconds_is_shown_as_it_is_written(content: str) -> None:
    text = default_registry().get("text")
    options = text.Options.model_validate({"content": content})
    drawn = text.columns(options, (), TimeRange(0, 1))
    assert drawn.texts["text"] == content
    assert "shown as it is written" in drawn.texts["notice"]
    assert text.draws_slowly(options)
    assert not text.draws_slowly(text.Options.model_validate({"content": "# Short"}))


@pytest.mark.parametrize(
    ("kind", "frame", "why"),
    [
        ("stat", Frame((Field.string("a", ["x"]),)), "The data has no number column"),
        ("gauge", Frame((Field.string("a", ["x"]),)), "The data has no number column"),
        ("stat", Frame((Field.time([1.0]),)), "The data has no number column"),
        ("statetimeline", Frame((Field.time([1.0]),)), "The data has no column beside its time"),
        ("statushistory", Frame((Field.time([1.0]),)), "The data has no column beside its time"),
        ("timeseries", Frame((Field.number("v", [1.0]),)), "The data has no time column"),
        ("timeseries", Frame((Field.string("a", ["x"]),)), "The data has no time and no number column"),
        ("histogram", Frame((Field.string("a", ["x"]),)), "The data has no number column"),
        ("statetimeline", Frame((Field.number("v", [1.0]),)), "The data has no time column"),
        ("logs", Frame((Field.string("line", ["x"]),)), "The data has no time column"),
        ("stat", Frame((Field.number("v", [1.0]),)), ""),
        ("table", Frame((Field.string("a", ["x"]),)), ""),
    ],
)
def test_a_panel_that_cannot_draw_an_answer_says_what_it_lacks(kind: str, frame: Frame, why: str) -> None:
    assert default_registry().get(kind).lacks([frame]) == why
