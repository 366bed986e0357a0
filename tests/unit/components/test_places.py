"""A series keeps its colour while others come and go."""

from __future__ import annotations

from collections.abc import Sequence

from heliograph.components.field_options import FieldOptions
from heliograph.components.fields import resolve
from heliograph.components.places import MOST, Places
from heliograph.components.theme import SERIES
from heliograph.datasources.frame import Field, Frame


def answer(*hosts: str, ref: str = "A") -> list[Frame]:
    return [Frame.series([0], [1], name=host, labels={"host": host}, ref=ref) for host in hosts]


def colors(places: Places, frames: Sequence[Frame]) -> dict[str, str]:
    return {f"{one.ref}{one.name}": one.color for one in resolve(FieldOptions(), places.placed(frames))}


def test_the_first_answer_is_as_it_came() -> None:
    places, frames = Places(), answer("a", "b", "c")
    assert places.placed(frames) is frames
    assert places.placed(frames) is frames


def test_a_series_that_goes_and_comes_recolours_none() -> None:
    places = Places()
    first = colors(places, answer("a", "b", "c"))
    assert colors(places, answer("b", "c")) == {name: first[name] for name in ("Ab", "Ac")}
    assert colors(places, answer("x", "b", "c"))["Ab"] == first["Ab"]
    assert colors(places, answer("c", "a", "x", "b")) | first == colors(places, answer("a", "b", "c", "x"))


def test_no_two_series_have_one_color_however_they_come_and_go() -> None:
    places = Places()
    for start in range(60):
        shown = colors(places, answer(*(f"pod {number}" for number in range(start, start + 8))))
        assert len(set(shown.values())) == 8, start
        assert set(shown.values()) <= {*SERIES}, "those that went give their colours up"


def test_series_of_one_name_are_told_apart_by_target_column_and_order() -> None:
    places = Places()
    table = Frame((Field.number("in", [1.0]), Field.number("out", [2.0])), name="net", ref="C")
    frames = [*answer("a"), *answer("a", ref="B"), table, table]
    drawn = [one.color for one in resolve(FieldOptions(), places.placed(frames))]
    assert len(set(drawn)) == 6
    again = [one.color for one in resolve(FieldOptions(), places.placed(frames[1:]))]
    assert again == drawn[1:]


def test_of_more_series_than_one_can_tell_apart_nothing_is_kept() -> None:
    frames = answer(*(str(number) for number in range(MOST + 1)))
    assert Places().placed(frames) is frames
