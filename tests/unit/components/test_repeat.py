"""Panels and rows written out for each value of a variable: ids that stay, room that is made."""

from __future__ import annotations

from typing import Any

import pytest

from heliograph.components.panel_spec import Panel
from heliograph.components.repeat import FIRST_COPY_ID, Placed, expand


def panel(panel_id: int, x: int, y: int, w: int, h: int, **more: Any) -> Panel:
    position = {"x": x, "y": y, "w": w, "h": h}
    return Panel.model_validate({"panel_id": panel_id, "type": "stat", "position": position, **more})


def row(panel_id: int, y: int, **more: Any) -> Panel:
    return panel(panel_id, 0, y, 24, 1, type="row", **more)


def spots(placed: tuple[Placed, ...]) -> list[tuple[int, int, int, int, str]]:
    """x, y, w, h and the value of each panel, in the order of the page."""
    found = [(one.panel.position, "".join(one.values.values())) for one in placed]
    return [(at.x, at.y, at.w, at.h, value) for at, value in found]


def test_a_panel_repeats_beside_itself_and_wraps_and_what_is_below_moves_down() -> None:
    panels = [panel(1, 0, 0, 12, 8, repeat={"variable": "v", "max_per_row": 2}), panel(2, 0, 8, 24, 4)]
    placed = expand(panels, {"v": ("a", "b", "c")})
    assert spots(placed) == [
        (0, 0, 12, 8, "a"),
        (12, 0, 12, 8, "b"),
        (0, 8, 12, 8, "c"),
        (0, 16, 24, 4, ""),
    ]


def test_a_panel_repeats_downwards_at_its_own_width() -> None:
    panels = [panel(1, 6, 0, 9, 5, repeat={"variable": "v", "direction": "v"}), panel(2, 0, 5, 24, 4)]
    placed = expand(panels, {"v": ("a", "b")})
    assert spots(placed) == [(6, 0, 9, 5, "a"), (6, 5, 9, 5, "b"), (0, 10, 24, 4, "")]


def test_a_row_repeats_with_its_panels_and_the_next_row_moves_down() -> None:
    panels = [row(1, 0, repeat={"variable": "v"}), panel(2, 0, 1, 24, 4), row(3, 5), panel(4, 0, 6, 24, 2)]
    placed = expand(panels, {"v": ("a", "b", "c")})
    assert spots(placed) == [
        (0, 0, 24, 1, "a"),
        (0, 1, 24, 4, "a"),
        (0, 5, 24, 1, "b"),
        (0, 6, 24, 4, "b"),
        (0, 10, 24, 1, "c"),
        (0, 11, 24, 4, "c"),
        (0, 15, 24, 1, ""),
        (0, 16, 24, 2, ""),
    ]


def test_a_panel_within_a_repeated_row_repeats_for_its_own_variable() -> None:
    panels = [row(1, 0, repeat={"variable": "v"}), panel(2, 0, 1, 24, 4, repeat={"variable": "w"})]
    placed = expand(panels, {"v": ("a", "b"), "w": ("1", "2")})
    assert [dict(one.values) for one in placed if one.panel.type == "stat"] == [
        {"v": "a", "w": "1"},
        {"v": "a", "w": "2"},
        {"v": "b", "w": "1"},
        {"v": "b", "w": "2"},
    ]
    assert len({one.panel.panel_id for one in placed}) == len(placed)


def test_a_copy_keeps_its_id_when_other_values_come_and_go() -> None:
    panels = [panel(7, 0, 0, 12, 8, repeat={"variable": "v"})]
    three = {one.values["v"]: one.panel.panel_id for one in expand(panels, {"v": ("a", "b", "c")})}
    two = {one.values["v"]: one.panel.panel_id for one in expand(panels, {"v": ("a", "c")})}
    assert three["a"] == 7
    assert two["c"] == three["c"] >= FIRST_COPY_ID
    assert len(set(three.values())) == 3


def test_a_repeat_over_no_value_leaves_the_panel_as_it_is() -> None:
    panels = [panel(1, 3, 2, 5, 4, repeat={"variable": "v"})]
    assert spots(expand(panels, {})) == [(3, 2, 5, 4, "")]


@pytest.mark.parametrize("wrong", [{"query": "up"}, {"options": {"unit": "s"}}, {"targets": [{"query": "up"}]}])
def test_a_row_asks_nothing(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="a row has a title"):
        row(1, 0, **wrong)


def test_only_a_row_collapses() -> None:
    with pytest.raises(ValueError, match="only a row"):
        panel(1, 0, 0, 4, 4, collapsed=True)
