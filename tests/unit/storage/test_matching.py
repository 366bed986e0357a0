"""Groups of series stand in an order that stays: colours of panels follow it."""

from __future__ import annotations

from heliograph.storage.metrics.matching import group

OLD = [(20, {"name": "store", "pid": "2"}), (30, {"name": "chromium", "pid": "3"}), (40, {"pid": "4"})]


def test_a_new_series_of_a_group_moves_no_other_group() -> None:
    groups, members = group(OLD, ["name"])
    assert groups == [{}, {"name": "chromium"}, {"name": "store"}]
    assert members == {40: 0, 30: 1, 20: 2}
    more, known = group([(10, {"name": "chromium", "pid": "9"}), *OLD], ["name"])
    assert more == groups
    assert known == {**members, 10: 1}


def test_ungrouped_series_stand_as_they_were_found() -> None:
    groups, members = group(OLD, None)
    assert groups == [labels for _, labels in OLD]
    assert members == {20: 0, 30: 1, 40: 2}
