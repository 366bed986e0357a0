"""The contract of panel types over all of ours."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from heliograph.components.panels.base import PanelType
from heliograph.components.panels.registry import KINDS
from heliograph.datasources.frame import Field, Frame
from heliograph.testing import PanelContract, PanelSubject

MINUTE_MS = 60_000
OPTIONS: dict[str, dict[str, Any]] = {
    "text": {"content": "# Words"},
    "timeseries": {"legend": "table", "calcs": ["last", "mean"], "thresholds": [{"value": 5, "level": "warn"}]},
    "table": {"footer": "sum", "cell": "bar"},
}


def frames(kind: type[PanelType[Any]]) -> list[Frame]:
    """Two hosts over a while, with messages where a type needs them."""
    times = np.arange(20) * MINUTE_MS
    if "string" in kind.needs:
        words = Field.string("message", [f"line {number}" for number in range(20)])
        return [Frame((Field.time(times), words, Field.number("value", times % 7)), is_table=True, ref="A")]
    return [
        Frame.series(times, times % (7 + host), name=f"host {host}", labels={"host": str(host)}, ref="A")
        for host in range(2)
    ]


class TestPanelTypes(PanelContract):
    @pytest.fixture(params=KINDS, ids=lambda kind: kind.name)
    def subject(self, request: pytest.FixtureRequest) -> PanelSubject:
        kind: type[PanelType[Any]] = request.param
        return PanelSubject(kind(), frames(kind), OPTIONS.get(kind.name, {}))
