"""Ranges of a viewer's own, such as a zoom, snapped so that viewers share what is made for them."""

from __future__ import annotations

from ...datasources.timerange import TimeRange

# The edges of a zoomed range lie on the first of these grids that is no finer than 1/20 of its span, so on 1/20 to 1/8
# of it: coarse enough that people who look at the same thing share it. All divide the steps of rollups or are divided.
GRIDS_MS = tuple(
    unit * number
    for unit, numbers in (
        (1, (1, 2, 5, 10, 20, 50, 100, 200, 500)),
        (1000, (1, 2, 5, 10, 15, 30)),
        (60_000, (1, 2, 5, 10, 15, 30)),
        (3_600_000, (1, 2, 3, 6, 12)),
        (86_400_000, (1, 2, 7, 14, 28, 56, 112, 224)),
    )
    for number in numbers
)
PARTS = 20


def snapped(range_: TimeRange) -> TimeRange:
    """The range with its edges moved outwards onto its grid."""
    least = range_.span_ms / PARTS
    grid = next((grid for grid in GRIDS_MS if grid >= least), GRIDS_MS[-1])
    return range_.outwards(grid)
