"""What stands in Python and in the page alike: the page's scripts over the same tables of cases, and stacks."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, Route

from heliograph.datasources.datemath import parse_time
from heliograph.datasources.variables.collation import natural_order
from heliograph.errors import InvalidError

ROOT = Path(__file__).parents[2]
LINKS = json.loads((ROOT / "tests/data/link_values.json").read_text("utf-8"))["rows"]
ORIGIN = "http://heliograph.test"
FORMATS = """async (rows) => {
  const { format } = await import('/js/panels/links.js');
  return rows.map(([text, spec]) => format(text, spec));
}"""
OF_TAB = """async (href) => {
  const { safeLink } = await import('/js/panels/links.js');
  return safeLink(href);
}"""
BOOT = {
    "user": {"id": "7", "login": "ann", "email": "", "org": "1"},
    "window": [1_722_492_000_000, 1_722_495_600_000],
    "range": {"from": "now-1h", "to": "now"},
    "variables": [{"name": "host", "current": ["a", "b"]}],
}
STACKED = """async ([columns, stack]) => {
  const { YRange } = await import('/js/yrange.js');
  const t = Float64Array.from(columns[0], (_, i) => i);
  const lines = columns.map((column) => ({ t, v: Float64Array.from(column, (value) => value ?? NaN) }));
  return new YRange({ min: null, max: null, zero: true, stack }).fitting(lines, 0, t.length);
}"""


@pytest.fixture
def scripts(page: Page) -> Page:
    """An empty page that may import the scripts of ours."""

    def serve(route: Route) -> None:
        path = route.request.url.removeprefix(ORIGIN)
        if path.startswith("/js/"):
            route.fulfill(path=ROOT / "app/pages/static" / path.removeprefix("/"), content_type="text/javascript")
        else:
            boot = f'<script type="application/json" id="boot">{json.dumps(BOOT)}</script>'
            route.fulfill(body=f"<!doctype html><title>twins</title>{boot}", content_type="text/html")

    page.route(f"{ORIGIN}/**", serve)
    page.goto(f"{ORIGIN}/d/shop/x?var-host=a&from=now-1h")
    return page


def test_a_value_in_a_link_is_in_the_page_what_it_is_on_the_server(scripts: Page) -> None:
    assert scripts.evaluate(FORMATS, LINKS) == [expected for *_, expected in LINKS]


@pytest.mark.parametrize(
    ("reference", "expected"),
    [
        ("${__from}", "1722492000000"),
        ("${__to:date:YYYY-MM-DD}", "2024-08-01"),
        ("${__user.login}", "ann"),
        ("${__user}", "7"),
        ("${__user.email}", ""),
        ("${__org.name}", "Main%20Org."),
        ("${__url.path}", "/d/shop/x"),
        ("${__url.params:exclude:from}", "?var-host=a"),
        ("${__url.params:include:from}", "?from=now-1h"),
        ("${__url_time_range}", "from=now-1h&to=now"),
        ("${__all_variables}", "var-host=a&var-host=b"),
        ("${__nothing}", "$%7B__nothing%7D"),
    ],
)
def test_the_page_fills_in_what_is_each_tabs_own(scripts: Page, reference: str, expected: str) -> None:
    found = scripts.evaluate(OF_TAB, f"/x#{reference}")
    shown = found.removeprefix(f"{ORIGIN}/x").removeprefix("#")
    assert shown in (expected, expected.replace("%7B", "{").replace("%7D", "}"))


def test_words_say_who_looks_as_they_are_called(scripts: Page) -> None:
    told = "async (text) => (await import('/js/panels/links.js')).ofPersonIn(text)"
    words = "${__user.login} of ${__org.name}, $__user: ${__from} ${host} $5"
    assert scripts.evaluate(told, words) == "ann of Main Org., 7: ${__from} ${host} $5"


PIECES = [*"aBbäÄzZß1029 _-éeÉ日٣\u00a0😀./ſςΣσñn½²İıi\u0301ﬀﬁﬅŉև", "ss", "00123", "9a", "ff", "fi", "st"]
ORDERED = """async (texts) => {
  const { naturally } = await import('/js/natural.js');
  return [...texts].sort(naturally);
}"""


def test_texts_have_one_order(scripts: Page) -> None:
    chance = random.Random(1)
    texts = ["".join(chance.choices(PIECES, k=chance.randint(0, 5))) for _ in range(3000)]
    assert scripts.evaluate(ORDERED, list(dict.fromkeys(texts))) == natural_order(texts)


TYPED = """
2026-03-14 04:00:00|2026-03-14T04:00|2026-03-14|2026-13-45|2026-02-30|2024-02-29|2025-02-29|20260314|2026-0314
2026-03-29 02:00:00|2026-03-29 02:30|2026-10-25 02:30|2026-10-25 02:59:59|2026-03-14 24:00|2026-03-14 23:60
2026-03-14 23:59:60|0000-01-01|9999-01-01 23:59:59|1969-12-31 23:59:59|2026-03-08 02:30|2026-11-01 01:30
2026-04-05 02:30|2026-3-14|2026-03-14 4:00| 2026-03-14 |2026-03-14 04|soon|2026/03/14 4:5:6|2026.3.14, 04:00|2026-03
2026-03-14 04:00:00.5|2026-03-14T04:00:00,1234|20260314 4:00|2026-3-32|26-03-14|2026-3-14 25:00|2026/13/01|2026-3-1-4
"""
ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe")
LOCAL = """async ([zone, texts]) => {
  const { fromLocal, setZone } = await import('/js/zone.js');
  setZone(zone);
  return texts.map(fromLocal);
}"""


def on_server(text: str, zone: str) -> int | None:
    try:
        return parse_time(text, 1_774_744_215_250, zone=zone)
    except InvalidError:
        return None


@pytest.mark.parametrize("zone", ZONES)
def test_a_typed_time_is_in_the_page_what_it_is_on_the_server(scripts: Page, zone: str) -> None:
    texts = TYPED.strip("\n").replace("\n", "|").split("|")
    expected = {text: on_server(text, zone) for text in texts}
    assert dict(zip(texts, scripts.evaluate(LOCAL, [zone, texts]), strict=True)) == expected


@pytest.mark.parametrize(
    ("columns", "stack", "low", "high"),
    [
        ([[5, 5], [3, 3], [-2, -2], [-1, -1]], "normal", -4, 10),
        ([[5, 5], [-5, -5]], "percent", -1, 1),
        ([[1, 1], [3, 3]], "percent", 0, 1),
        ([[-1, -1], [-3, -3]], "percent", -1, 0),
    ],
)
def test_what_is_below_zero_stacks_downwards(
    scripts: Page, columns: list[list[float]], stack: str, low: float, high: float
) -> None:
    found: list[Any] = scripts.evaluate(STACKED, [columns, stack])
    assert found == [low, high]


PATCHES = """async (cases) => {
  const { applyPatch } = await import('/js/editor/patch.js');
  return cases.map(({ document, patch }) => {
    const before = JSON.stringify(document);
    let found;
    try {
      found = { after: applyPatch(document, patch) };
    } catch (error) {
      found = { refused: true };
    }
    if (JSON.stringify(document) !== before) throw new Error('the document was changed');
    return found;
  });
}"""


def test_a_patch_does_in_the_page_what_it_does_on_the_server(scripts: Page) -> None:
    cases = json.loads((ROOT / "tests/data/json_patch.json").read_text("utf-8"))
    assert scripts.evaluate(PATCHES, cases["applies"]) == [{"after": case["after"]} for case in cases["applies"]]
    assert scripts.evaluate(PATCHES, cases["refused"]) == [{"refused": True}] * len(cases["refused"])


PLACED = """async (runs) => {
  const { placed } = await import('/js/editor/grid.js');
  return runs.map(([boxes, wanted]) => placed(boxes, wanted));
}"""


def test_a_panel_that_is_moved_pushes_others_down_and_all_rise(scripts: Page) -> None:
    side_by_side = [box(1, 0, 0, 12, 8), box(2, 12, 0, 12, 8), box(3, 0, 8, 24, 4)]
    onto = scripts.evaluate(PLACED, [[side_by_side, box(1, 12, 0, 12, 8)]])[0]
    assert onto == [box(1, 12, 0, 12, 8), box(2, 12, 8, 12, 8), box(3, 0, 16, 24, 4)]
    taller = scripts.evaluate(PLACED, [[side_by_side, box(2, 12, 0, 12, 10)]])[0]
    assert taller == [box(1, 0, 0, 12, 8), box(2, 12, 0, 12, 10), box(3, 0, 10, 24, 4)]
    away = scripts.evaluate(PLACED, [[side_by_side, box(3, 0, 50, 24, 4)]])[0]
    assert away == side_by_side
    outside = scripts.evaluate(PLACED, [[side_by_side, box(2, 30, -4, 40, 200)]])[0]
    assert outside[1] == box(2, 0, 0, 24, 100)


def test_whatever_is_moved_nothing_covers_anything_and_nothing_could_stand_higher(scripts: Page) -> None:
    dice = random.Random(7)

    def any_box(number: int) -> dict[str, int]:
        w = dice.randint(1, 24)
        return box(number, dice.randint(0, 24 - w), dice.randint(0, 30), w, dice.randint(1, 9))

    runs: list[Any] = []
    for _ in range(150):
        boxes = [any_box(number) for number in range(1, dice.randint(2, 9))]
        runs.append([boxes, any_box(dice.randint(1, len(boxes)))])
    for (boxes, wanted), after in zip(runs, scripts.evaluate(PLACED, runs), strict=True):
        assert [one["id"] for one in after] == [one["id"] for one in boxes]
        assert not any(meet(one, other) for one in after for other in after)
        held = after[wanted["id"] - 1]
        assert {name: held[name] for name in "xwh"} == {name: wanted[name] for name in "xwh"}
        for one in after:
            risen = {**one, "y": one["y"] - 1}
            assert one["y"] == 0 or any(meet(risen, other) for other in after)


def box(number: int, x: int, y: int, w: int, h: int) -> dict[str, int]:
    return {"id": number, "x": x, "y": y, "w": w, "h": h}


def meet(one: dict[str, int], other: dict[str, int]) -> bool:
    beside = one["x"] + one["w"] <= other["x"] or other["x"] + other["w"] <= one["x"]
    above = one["y"] + one["h"] <= other["y"] or other["y"] + other["h"] <= one["y"]
    return one["id"] != other["id"] and not beside and not above


FAULTS = """async (texts) => {
  const { faultAt } = await import('/js/editor/json_fault.js');
  return texts.map(faultAt);
}"""


def test_where_a_text_stops_being_json_is_where_python_says_so(scripts: Page) -> None:
    good = json.dumps({"a": [1, -2.5e3, 'x\n"é', None, True, {}], "b": []}, indent=1)
    dice = random.Random(3)
    texts = [good, "", "  ", "[1,]", '{"a" 1}', '{"a":1,}', "[01]", '"\n"', "nul", '{"a":1}}', "[1 2]"]
    texts += [good[:at] + dice.choice('{}[],:"x') + good[at:] for at in range(len(good))]
    for text, found in zip(texts, scripts.evaluate(FAULTS, texts), strict=True):
        try:
            json.loads(text)
        except ValueError:
            assert 0 <= found <= len(text), text
        else:
            assert found == -1, text
