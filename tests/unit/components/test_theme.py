"""The colours of series."""

from __future__ import annotations

from heliograph.components.theme import SERIES, series_color


def test_no_two_of_fifty_series_have_the_same_colour() -> None:
    colors = [series_color(index) for index in range(50)]
    assert colors[:10] == list(SERIES)
    assert len(set(colors)) == 50
