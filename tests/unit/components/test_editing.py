"""What editing does to documents: every patch can be taken back, and two people's work is joined part by part."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heliograph.components.editing.changed import changed_panels, opens_anew
from heliograph.components.editing.layout import overlaps, pushed_apart
from heliograph.components.editing.merge import merged
from heliograph.components.editing.patch import Step, joined, patched
from heliograph.errors import InvalidError

# Cases that the page's script runs too.
CASES = json.loads((Path(__file__).parents[2] / "data" / "json_patch.json").read_text())
NAMES = st.sampled_from(["a", "b", "a/b", "m~n", "0", "x"])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=8,
)
DOCUMENTS = st.dictionaries(NAMES, JSON, max_size=4)


def pointers(value: Any, at: str = "") -> list[str]:
    """Every place of a document, and one more of each list and object."""
    found = [at]
    if isinstance(value, dict):
        for name, item in value.items():
            found += pointers(item, f"{at}/{name.replace('~', '~0').replace('/', '~1')}")
        found.append(f"{at}/new")
    elif isinstance(value, list):
        for index, item in enumerate(value):
            found += pointers(item, f"{at}/{index}")
        found += [f"{at}/-", f"{at}/{len(value)}"]
    return found


@st.composite
def edited(draw: st.DrawFn) -> tuple[dict[str, Any], list[Step]]:
    """A document, and the steps of some edits that could be made one after the other."""
    document = first = draw(DOCUMENTS)
    steps = []
    for _ in range(draw(st.integers(1, 6))):
        places = pointers(document)[1:] or ["/a"]
        kind = draw(st.sampled_from(["add", "remove", "replace", "move", "copy"]))
        operation = {"op": kind, "path": draw(st.sampled_from(places)), "value": draw(JSON)}
        operation["from"] = draw(st.sampled_from(places))
        try:
            document, step = patched(document, [operation])
        except InvalidError:
            continue
        steps.append(step)
    return first, steps


def undone(document: Any, steps: list[Step]) -> Any:
    for step in reversed(steps):
        document, _ = patched(document, step.inverse)
    return document


def done(document: Any, steps: list[Step]) -> Any:
    for step in steps:
        document, _ = patched(document, step.forward)
    return document


@given(edited())
def test_what_was_done_is_undone_and_done_again(case: tuple[dict[str, Any], list[Step]]) -> None:
    first, steps = case
    before = copy.deepcopy(first)
    last = done(first, steps)
    assert first == before
    assert undone(last, steps) == before
    assert done(undone(last, steps), steps) == last


@pytest.mark.parametrize("case", CASES["applies"], ids=lambda case: case["name"])
def test_operations_apply_as_rfc_6902_says(case: dict[str, Any]) -> None:
    assert patched(case["document"], case["patch"])[0] == case["after"]


@pytest.mark.parametrize("case", CASES["refused"], ids=lambda case: case["name"])
def test_what_cannot_be_done_names_its_operation(case: dict[str, Any]) -> None:
    with pytest.raises(InvalidError) as found:
        patched(case["document"], case["patch"])
    assert found.value.path == f"$.patch[{len(case['patch']) - 1}]"


def test_copies_do_not_grow_without_end() -> None:
    double = [{"op": "copy", "from": "/a", "path": f"/a/{index}"} for index in range(60)]
    with pytest.raises(InvalidError, match="copies more"):
        patched({"a": {"text": "x" * 100}}, double)


def test_copies_into_themselves_nest_nothing_too_deep() -> None:
    chain = "/a" * 60
    document, _ = patched({}, [{"op": "add", "path": "/a", "value": nested(60)}])
    deeper = {"op": "copy", "from": "/a", "path": chain}
    document, step = patched(document, [deeper])
    with pytest.raises(InvalidError, match="deeper than 200") as found:
        patched(document, [{**deeper, "path": chain * 2}])
    assert found.value.path == "$.patch[0]"
    assert patched(document, step.inverse)[0] == {"a": nested(60)}


def nested(depth: int) -> dict[str, Any]:
    return {"a": nested(depth - 1)} if depth else {}


def test_typing_is_one_step_and_other_edits_are_not() -> None:
    document, first = patched({"panels": [{}]}, [{"op": "add", "path": "/panels/0/title", "value": "A"}])
    document, second = patched(document, [{"op": "replace", "path": "/panels/0/title", "value": "AB"}])
    one = joined(first, second)
    assert one is not None
    assert patched(document, one.inverse)[0] == {"panels": [{}]}
    assert patched({"panels": [{}]}, one.forward)[0] == document
    _, inserted = patched(document, [{"op": "add", "path": "/panels/0", "value": {}}])
    assert joined(inserted, inserted) is None
    assert joined(first, inserted) is None


def panel(panel_id: int, x: int = 0, y: int = 0, **more: Any) -> dict[str, Any]:
    position = {"x": x, "y": y, "w": 12, "h": 8}
    return {"panel_id": panel_id, "type": "text", "position": position, "options": {"content": "x"}, **more}


def test_only_what_is_drawn_otherwise_is_drawn_anew() -> None:
    before = {"title": "t", "panels": [panel(1), panel(2, 12)]}
    moved = {"title": "t", "panels": [panel(1, 0, 8, title="new"), panel(2, 12, options={"content": "y"})]}
    assert changed_panels(before, moved) == [2]
    assert not opens_anew(before, moved)
    added = {**moved, "panels": [*moved["panels"], panel(3)]}
    assert changed_panels(moved, added) == [3]
    assert opens_anew(moved, added)
    assert opens_anew(moved, {**moved, "variables": [{"name": "x", "type": "textbox"}]})


BASE: dict[str, Any] = {"title": "t", "panels": [panel(1), panel(2, 12)], "variables": [{"name": "a"}, {"name": "b"}]}


def with_panels(*panels: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {**BASE, "panels": list(panels), **more}


def test_what_does_not_collide_is_joined() -> None:
    theirs = with_panels(panel(1, title="theirs"), panel(2, 12), panel(3, 0, 8), title="T")
    mine = with_panels(panel(1), panel(2, 12, title="mine"), variables=[{"name": "b"}, {"name": "a"}, {"name": "c"}])
    document, collisions = merged(BASE, theirs, mine, {})
    assert collisions == []
    assert document["title"] == "T"
    assert [one.get("title") for one in document["panels"]] == ["theirs", "mine", None]
    assert [one["name"] for one in document["variables"]] == ["b", "a", "c"]


def test_what_collides_is_told_and_stands_as_it_was_chosen() -> None:
    theirs = with_panels(panel(1, title="theirs"), title="T")
    mine = with_panels(panel(1, title="mine"), panel(2, 12, title="mine"), title="M")
    document, collisions = merged(BASE, theirs, mine, {})
    assert [one.part for one in collisions] == ["title", "panels/1", "panels/2"]
    assert collisions[2].theirs is None
    assert document["panels"] == theirs["panels"]
    chosen, left = merged(BASE, theirs, mine, {"title": "theirs", "panels/1": "both", "panels/2": "mine"})
    assert left == []
    assert [one.get("title") for one in chosen["panels"]] == ["theirs", "mine", "mine"]
    assert len({one["panel_id"] for one in chosen["panels"]}) == 3
    assert chosen["title"] == "T"
    assert not overlaps(chosen)


def test_panels_that_both_added_are_two_and_stand_apart() -> None:
    theirs = with_panels(*BASE["panels"], panel(3, 0, 8, title="theirs"))
    mine = with_panels(
        *BASE["panels"], panel(3, 0, 8, title="mine"), annotations=[{"name": "q", "filter": {"ids": [3]}}]
    )
    document, collisions = merged(BASE, theirs, mine, {})
    assert collisions == []
    assert {one.get("title"): one["panel_id"] for one in document["panels"]} == {None: 2, "theirs": 3, "mine": 4}
    assert document["annotations"] == [{"name": "q", "filter": {"ids": [4]}}]
    assert not overlaps(document)


PANELS = st.lists(
    st.builds(
        lambda x, y, w, h: {"position": {"x": min(x, 24 - w), "y": y, "w": w, "h": h}, "type": "text"},
        st.integers(0, 23), st.integers(0, 20), st.integers(1, 24), st.integers(1, 10),
    ),
    max_size=8,
).map(lambda panels: [{**one, "panel_id": index + 1} for index, one in enumerate(panels)])  # fmt: skip


@given(PANELS, PANELS, PANELS)
def test_whoever_changed_nothing_gets_what_the_other_made(base: Any, theirs: Any, mine: Any) -> None:
    documents = [{"title": "t", "panels": panels} for panels in (base, theirs, mine)]
    assert merged(documents[0], documents[1], documents[0], {})[0] == documents[1]
    alone, collisions = merged(documents[0], documents[0], documents[2], {})
    assert collisions == []
    assert sorted(alone["panels"], key=str) == sorted(mine, key=str)


@given(PANELS)
def test_panels_that_are_pushed_apart_stand_free_and_never_higher(panels: Any) -> None:
    apart = pushed_apart(panels)
    assert not overlaps({"panels": apart})
    assert all(new["position"]["y"] >= old["position"]["y"] for new, old in zip(apart, panels, strict=True))
    assert [one["panel_id"] for one in apart] == [one["panel_id"] for one in panels]
    if not overlaps({"panels": panels}):
        assert apart == panels
