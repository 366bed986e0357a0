"""The small lines of stats: on common times, cut where their own data are, and nowhere else."""

from __future__ import annotations

import numpy as np

from heliograph.components.panels.registry import default_registry
from heliograph.components.panels.stat import StatOptions
from heliograph.datasources.frame import Frame
from heliograph.datasources.timerange import TimeRange

MINUTE_MS = 60_000


def test_a_line_is_cut_by_its_own_gaps_alone_where_series_were_thinned_each_by_itself() -> None:
    whole = np.arange(0.0, 100.0)
    apart = np.array([one for one in whole if not 40 < one < 60])
    frames = [
        Frame.series(whole[whole % 5 != 3] * MINUTE_MS, whole[whole % 5 != 3], name="thinned"),
        Frame.series(whole[whole % 5 != 1] * MINUTE_MS, -whole[whole % 5 != 1], name="otherwise"),
        Frame.series(apart * MINUTE_MS, apart, name="in two"),
    ]
    drawn = default_registry().get("stat").columns(StatOptions(), frames, TimeRange(0, 100 * MINUTE_MS))
    main = {name: np.asarray(column) for name, column in drawn.sources["main"].items()}
    assert list(main["t"] / MINUTE_MS) == list(whole)
    assert list(main["s0"]) == list(whole)
    assert list(main["s1"][1:]) == list(-whole[1:])
    missing = np.flatnonzero(np.isnan(main["s2"]))
    assert missing.size
    assert all(40 < one < 60 for one in missing)
