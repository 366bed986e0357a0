"""What the scripts of a dashboard's page work out by themselves."""

from __future__ import annotations

import json

from fixtures.scripts import SCRIPTS, ran

NAMES = ["api", "shop", "web & more", "db"]


def test_what_a_legend_hides_stands_in_the_address_in_the_fewer_names() -> None:
    script = f"""
import {{ argumentsOf, hiddenOf }} from {json.dumps(str(SCRIPTS.parent / "shown_series.js"))};
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
import {{ argumentsOf, hiddenOf }} from {json.dumps(str(SCRIPTS.parent / "shown_series.js"))};
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
const {{ timed }} = await import({json.dumps(str(SCRIPTS.parent / "panels" / "timed.js"))});
const at = given[0];
const words = [null, NaN, [null, "bad"], "soon"];
console.log(JSON.stringify(words.map((one) => timed(one, at, ""))));
"""
    first, streamed, coloured, words = ran(script, 1_796_034_574_830)
    assert first.startswith("2026-11-30")
    assert streamed == first
    assert coloured == [first, "bad", {}]
    assert words == "soon"
