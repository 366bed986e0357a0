"""Long texts of what panels show."""

from __future__ import annotations

from heliograph.components.asking.shortening import MAX_NAME, MAX_TEXT, shortened
from heliograph.datasources.frame import Field, Frame


def test_long_texts_names_and_labels_are_cut() -> None:
    table = Frame((Field.string("a", ["x" * 20_000, None, "short"]), Field.number("n", [1, 2, 3])), is_table=True)
    (found,) = shortened([table])
    assert [None if text is None else len(text) for text in found.fields[0].values] == [MAX_TEXT, None, 5]
    assert found.fields[0].values[0].endswith("x…")
    assert found.fields[1].values is table.fields[1].values
    series = Frame.series([0.0], [1.0], name="n" * 5000, labels={"a": "b" * 5000, "c": "d"})
    (cut,) = shortened([series])
    assert (len(cut.name), len(cut.labels["a"]), cut.labels["c"]) == (MAX_NAME, MAX_NAME, "d")


def test_what_is_short_stays_the_same_object() -> None:
    frames = [Frame.series([0.0], [1.0], name="n"), Frame((Field.string("a", ["b"]),), is_table=True)]
    assert all(one is other for one, other in zip(shortened(frames), frames, strict=True))
