"""What lists, logs and texts make of frames."""

from __future__ import annotations

import json
from typing import Any

import pytest

from heliograph.components.delta import apply_source, panel_delta, plain
from heliograph.components.panel_spec import Panel
from heliograph.components.panels.base import Drawn
from heliograph.components.panels.logs import level_of_line
from heliograph.components.panels.registry import default_registry
from heliograph.datasources.frame import Field, Frame
from heliograph.datasources.timerange import TimeRange
from heliograph.datasources.variables.chosen import Chosen

REGISTRY = default_registry()
WINDOW = TimeRange(0, 100_000)


def drawn(kind: str, frames: list[Frame], **options: Any) -> Drawn:
    return REGISTRY.get(kind).columns(REGISTRY.options(kind, options), frames, WINDOW)


def log(lines: list[str], **columns: list[str | None]) -> Frame:
    fields = [Field.time([1000 * index for index in range(len(lines))]), Field.string("message", lines)]
    return Frame((*fields, *(Field.string(name, values) for name, values in columns.items())), ref="A")


def rows(result: Drawn) -> dict[str, list[Any]]:
    return plain(result.sources["rows"])


def test_log_lines_come_in_the_order_of_time_with_level_and_labels() -> None:
    frames = [log(["b"], host=["one"]), Frame((Field.time([500.0]), Field.string("line", ["level=ERROR a"])))]
    found = rows(drawn("logs", frames))
    assert (found["t"], found["line"], found["level"]) == ([0, 500], ["b", "level=ERROR a"], ["unknown", "error"])
    assert [json.loads(labels) for labels in found["labels"]] == [{"host": "one"}, {}]


@pytest.mark.parametrize(
    ("line", "labels", "level"),
    [
        ("it broke", {"severity": "FATAL"}, "critical"),
        ("level=info an error", {"level": "warn"}, "warning"),
        ('{"level": "eror"}', {}, "error"),
        ("2026-01-01 WARN disk", {}, "warning"),
        ("no error in small letters", {}, "unknown"),
        ("strange", {"level": "purple"}, "unknown"),
    ],
)
def test_a_level_is_that_of_the_label_else_that_in_the_line(line: str, labels: dict[str, str], level: str) -> None:
    assert level_of_line(line, labels) == level


@pytest.mark.parametrize(
    ("dedup", "lines"),
    [
        ("none", [("a 1", 1), ("a 1", 1), ("a 2", 1), ("b 2", 1)]),
        ("exact", [("a 1", 2), ("a 2", 1), ("b 2", 1)]),
        ("numbers", [("a 1", 3), ("b 2", 1)]),
        ("signature", [("a 1", 4)]),
    ],
)
def test_lines_that_follow_each_other_are_joined(dedup: str, lines: list[tuple[str, int]]) -> None:
    found = rows(drawn("logs", [log(["a 1", "a 1", "a 2", "b 2"])], dedup=dedup))
    assert list(zip(found["line"], found["n"], strict=True)) == lines


def test_the_newest_lines_are_kept_and_the_panel_says_so() -> None:
    result = drawn("logs", [log([f"line {index}" for index in range(10)])], limit=3)
    assert rows(result)["line"] == ["line 7", "line 8", "line 9"]
    assert result.texts["notice"] == "newest 3 of 10 lines"


def test_new_lines_are_streamed_and_old_ones_roll_out() -> None:
    lines = [f"line {index}" for index in range(10)]
    before, after = drawn("logs", [log(lines[:8])], limit=5), drawn("logs", [log(lines)], limit=5)
    message = panel_delta(before, after).as_json()
    assert message["sources"]["rows"]["stream"]["line"] == ["line 8", "line 9"]
    assert apply_source(rows(before), message["sources"]["rows"]) == rows(after)


def alerts(*states: str) -> Frame:
    count = len(states)
    return Frame(
        (
            Field.time([1000.0 * index for index in range(count)], "since"),
            Field.string("state", list(states)),
            Field.string("rule", [f"rule {index}" for index in range(count)]),
            Field.string("summary", ["too high"] * count),
        )
    )


def test_alerts_stand_by_how_bad_they_are_without_those_that_are_normal() -> None:
    items = drawn("alertlist", [alerts("Normal", "Pending", "Firing", "Error")]).texts["items"]
    assert [(one["state"], one["level"]) for one in items] == [
        ("Firing", "bad"),
        ("Error", "warn"),
        ("Pending", "warn"),
    ]
    assert items[0]["detail"] == "too high"


def test_an_alert_list_without_alerting_says_so_and_asks_by_itself() -> None:
    empty = Frame((Field.time([], "since"), Field.string("state", [])), name="Alerting is not set up on this server")
    assert drawn("alertlist", [empty]).texts["none"] == "Alerting is not set up on this server"
    (target,) = REGISTRY.targets(Panel(panel_id=1, type="alertlist"))
    assert (target.datasource, target.query) == ("heliograph", {"kind": "alerts"})


def test_annotations_are_the_newest_with_their_tags() -> None:
    frame = Frame(
        (
            Field.time([1000, 2000, 3000]),
            Field.time([1000, 2500, 3000], "end"),
            Field.string("text", ["a", "b", "c"]),
            Field.string("tags", ["deploy, api", "", "drill"]),
            Field.string("by", ["user:1", None, "user:2"]),
        )
    )
    items = drawn("annotationslist", [frame]).texts["items"]
    assert [one["title"] for one in items] == ["c", "b", "a"]
    assert [one["end"] for one in items] == [None, 2500, None]
    assert items[2]["detail"] == "deploy, api · user:1"
    assert [one["title"] for one in drawn("annotationslist", [frame], tags=["api"]).texts["items"]] == ["a"]


@pytest.mark.parametrize("mark", ["*", "_", "`", "[x](http://evil)", "<b>", "# ", "|", "~~", "\n\n# big", "&lt;"])
def test_values_of_variables_are_words_in_markdown(mark: str) -> None:
    kind = REGISTRY.get("text")
    filled = kind.filled({"content": "on **$host** now"}, {"host": Chosen((f"{mark}a{mark}",), single=True)})
    html = kind.columns(REGISTRY.options("text", filled), [], WINDOW).texts["html"]
    words = " ".join(f"{mark}a{mark}".split()).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    assert html == f"<p>on <strong>{words}</strong> now</p>\n"


@pytest.mark.parametrize(
    ("content", "html"),
    [
        ("`$host`", "<p><code>db-1 `a` &lt;b&gt; &amp;lt;</code></p>\n"),
        ("```\n$host\n```", "<pre><code>db-1 `a` &lt;b&gt; &amp;lt;\n</code></pre>\n"),
        ("    $host", "<pre><code>db-1 `a` &lt;b&gt; &amp;lt;\n</code></pre>\n"),
        ("<blockquote>\n$host\n</blockquote>", "<blockquote>\ndb-1 `a` &lt;b&gt; &amp;lt;\n</blockquote>"),
        ("[see](https://a.b/$host)", None),
    ],
)
def test_values_of_variables_are_themselves_in_code_and_html(content: str, html: str | None) -> None:
    kind = REGISTRY.get("text")
    filled = kind.filled({"content": content}, {"host": Chosen(("db-1 `a` <b> &lt;",), single=True)})
    found = kind.columns(REGISTRY.options("text", filled), [], WINDOW).texts["html"]
    assert "#x0000" not in found
    assert "\\" not in found
    assert html is None or found == html


def test_plain_text_is_no_markdown() -> None:
    kind = REGISTRY.get("text")
    filled = kind.filled({"content": "*$host*", "mode": "plain"}, {"host": Chosen(("<b>",), single=True)})
    assert kind.columns(REGISTRY.options("text", filled), [], WINDOW).texts == {"text": "*<b>*"}
