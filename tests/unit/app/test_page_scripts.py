"""What the scripts of a dashboard's page work out by themselves."""

from __future__ import annotations

import json

from fixtures.scripts import SCRIPTS, ran

NAMES = ["api", "shop", "web & more", "db"]


def test_what_a_legend_hides_stands_in_the_address_in_the_fewer_names() -> None:
    script = f"""
import {{ argumentsOf, hiddenOf }} from {json.dumps(str(SCRIPTS / "shown_series.js"))};
const [names, all] = given;
console.log(JSON.stringify(all.map((hidden) => {{
  const made = argumentsOf(7, names, new Set(hidden));
  const query = new URLSearchParams(Object.entries(made).flatMap(([name, values]) => values.map((one) => [name, one])));
  return [made, [...hiddenOf(`?${{query}}`, 7, names)]];
}})));
"""
    hides: list[list[int]] = [[], [2], [0, 1], [0, 1, 3], [0, 1, 2, 3]]
    found = ran(script, NAMES, hides)
    assert [again for _, again in found] == hides
    assert [made for made, _ in found] == [
        {"hide-7": [], "only-7": []},
        {"hide-7": ["web & more"], "only-7": []},
        {"hide-7": ["api", "shop"], "only-7": []},
        {"hide-7": [], "only-7": ["web & more"]},
        {"hide-7": NAMES, "only-7": []},
    ]


def test_names_that_are_gone_hide_nothing_and_those_of_other_panels_neither() -> None:
    script = f"""
import {{ argumentsOf, hiddenOf }} from {json.dumps(str(SCRIPTS / "shown_series.js"))};
const [names, searches] = given;
const long = argumentsOf(7, ["x".repeat(2000), "y"], new Set([0]));
console.log(JSON.stringify([searches.map((one) => [...hiddenOf(one, 7, names)]), long]));
"""
    searches = ["?only-7=gone", "?only-7=gone&only-7=db", "?hide-7=gone&hide-7=db", "?hide-70=db&only-71=db", ""]
    hidden, long = ran(script, NAMES, searches)
    assert hidden == [[], [0, 1, 2], [3], [], []]
    assert long == {"hide-7": [], "only-7": []}  # an address has an end


def test_a_time_without_words_is_written_however_its_column_came() -> None:
    script = f"""
globalThis.document = {{ getElementById: () => null }};
const {{ timed }} = await import({json.dumps(str(SCRIPTS / "panels" / "timed.js"))});
const at = given[0];
const words = [null, NaN, [null, "bad"], "soon"];
console.log(JSON.stringify(words.map((one) => timed(one, at, ""))));
"""
    first, streamed, coloured, words = ran(script, 1_796_034_574_830)
    assert first.startswith("2026-11-30")
    assert streamed == first
    assert coloured == [first, "bad", {}]
    assert words == "soon"


def test_an_address_splits_a_panel_by_a_label_that_its_series_have() -> None:
    script = f"""
import {{ partsOf, splitsOf }} from {json.dumps(str(SCRIPTS / "shown_series.js"))};
const [texts, searches] = given;
const told = (search) => partsOf(search, 7, texts).map(({{ title, members }}) => [title, ...members]);
console.log(JSON.stringify([splitsOf(texts), splitsOf({{ series: [] }}), searches.map(told)]));
"""
    labels = [{"cpu": "10", "mode": "idle"}, {"cpu": "2", "mode": "idle"}, {"cpu": "10", "mode": ""}]
    texts = {"series": [{"name": "a", "labels": one} for one in labels]}
    searches = ["?split-7=cpu", "?split-7=mode", "?split-7=gone", "?split-70=cpu", "?split-7=", "?split-7=__proto__"]
    splits, none, parts = ran(script, texts, searches)
    assert splits == [{"label": "cpu", "values": ["10", "2"]}, {"label": "mode", "values": ["idle", ""]}]
    assert none == []
    by_cpu, by_mode, *others = parts
    assert by_cpu == [["cpu = 2", 1], ["cpu = 10", 0, 2]]
    assert by_mode == [["mode = idle", 0, 1], ["no mode", 2]]
    assert others == [[], [], [], []]


def test_a_click_in_a_legend_shows_one_alone_or_all_again_and_with_ctrl_hides_it() -> None:
    script = f"""
import {{ toggled }} from {json.dumps(str(SCRIPTS / "shown_series.js"))};
console.log(JSON.stringify(given[0].map(([hidden, index, alone]) => [...toggled(new Set(hidden), 3, index, alone)])));
"""
    clicks = [([], 1, True), ([0, 2], 1, True), ([1], 1, True), ([], 1, False), ([0, 1], 1, False)]
    assert ran(script, clicks) == [[0, 2], [], [0, 2], [1], [0]]


def test_parts_of_a_split_panel_have_one_axis_and_stacks_of_their_own() -> None:
    script = f"""
import {{ YRange }} from {json.dumps(str(SCRIPTS / "yrange.js"))};
const axis = {{ min: null, max: null, zero: true, stack: "normal" }};
const line = (value) => ({{ t: [0, 1000], v: [value, value] }});
const of = (...parts) => new YRange(axis).ofParts(parts.map((one) => one.map(line)), 0, 1000);
const several = [of([4, 4], [1]), of([1], [4, 4]), of([4, 4]), of([], [4, 4])];
console.log(JSON.stringify([...several, of([]), new YRange(axis).of([], 0, 1)]));
"""
    both, turned, largest, beside_none, none, empty = ran(script)
    assert both == turned == largest == beside_none
    assert both[1] < 10, "not the sum of both parts, 9, with room above"
    assert none == empty


def test_a_line_of_huge_equal_values_is_level_and_a_gap_is_left_open() -> None:
    script = f"""
import {{ pathsOf }} from {json.dumps(str(SCRIPTS / "sparkline.js"))};
console.log(JSON.stringify(given[0].map((values) => pathsOf([0, 50, 100], values.map((one) => one ?? NaN), 0, 100))));
"""
    huge, gap, none = ran(script, [[1e18, 1e18, 1e18], [1, None, 2], [None, None, None]])
    assert huge[0] == "M0.0 489L500.0 489L1000.0 489"
    assert gap[0].count("M") == 2
    assert "NaN" not in json.dumps([huge, gap, none])
    assert none == ["", ""]


def test_the_figures_of_a_series_are_those_of_what_is_known() -> None:
    script = f"""
globalThis.document = {{ getElementById: () => null, documentElement: {{ dataset: {{}} }}, addEventListener() {{}} }};
const {{ figuresOf }} = await import({json.dumps(str(SCRIPTS / "inspect_data.js"))});
const words = {{ NaN, Infinity }};
console.log(JSON.stringify(given.map((values) => figuresOf(values.map((one) => words[one] ?? one)))));
"""
    some, none = ran(script, [3, "NaN", -1, 7, "Infinity", 4], ["NaN", None])
    assert some == [4, 2, -1, 7, 3.25, 4]
    assert none == [0, 2, None, None, None, None]
