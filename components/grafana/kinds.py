"""Which of our panel types stands for each of Grafana's; what is only a matter of its looks is left out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from . import grids, lists, single
from .given import Given
from .lines import custom_lines, lines, without_custom
from .table import custom_table, table

Options = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Kind:
    """Our type for one of Grafana's: its options, and those that `custom` of a field has. `note`: how it differs."""

    name: str
    options: Callable[[Given], Options]
    custom: Callable[[Given], Options] = without_custom
    note: str = ""
    fields: bool = True  # whether it has field options
    asks: bool = True  # whether it is nothing without answers of a source


def _nothing(given: Given) -> Options:
    """Of types that there are not: what they said is said by the note that they are drawn as others."""
    given.leave(*given.values)
    return {}


SERIES: Final = Kind("timeseries", lines, custom_lines)
LIKE_TABLE: Final = Kind("table", _nothing, _nothing, "{kind} is drawn as a table")
KINDS: Final[Mapping[str, Kind]] = {
    "timeseries": SERIES,
    "candlestick": Kind("timeseries", lines, custom_lines, "{kind} is drawn as lines"),
    "trend": Kind("timeseries", lines, custom_lines, "{kind} is drawn over time"),
    "stat": Kind("stat", single.stat),
    "gauge": Kind("gauge", single.gauge),
    "bargauge": Kind("bargauge", single.bargauge),
    "piechart": Kind("pie", single.pie),
    "barchart": Kind("bar", grids.bar, grids.custom_bar),
    "table": Kind("table", table, custom_table),
    "histogram": Kind("histogram", grids.histogram),
    "heatmap": Kind("heatmap", grids.heatmap),
    "heatmap-new": Kind("heatmap", grids.heatmap),
    "state-timeline": Kind("statetimeline", grids.timeline),
    "status-history": Kind("statushistory", grids.states),
    "logs": Kind("logs", lists.logs, fields=False),
    "text": Kind("text", lists.text, fields=False, asks=False),
    "alertlist": Kind("alertlist", lists.alerts, fields=False, asks=False),
    "annolist": Kind("annotationslist", lists.marks, fields=False, asks=False),
    "natel-discrete-panel": Kind("statetimeline", _nothing, _nothing, "{kind} is drawn as a state timeline"),
    "flant-statusmap-panel": Kind("statushistory", _nothing, _nothing, "{kind} is drawn as a status history"),
    "vonage-status-panel": Kind("stat", _nothing, _nothing, "{kind} is drawn as stats"),
    "grafana-polystat-panel": Kind("stat", _nothing, _nothing, "{kind} is drawn as stats"),
}
# Types that ask nothing of a data source, or whose answers are no rows: nothing here can stand for them.
WITHOUT_LIKE: Final = frozenset(
    {"dashlist", "news", "welcome", "gettingstarted", "nodeGraph", "traces", "flamegraph", "debug", ""}
)


def kind_of(panel_type: str, has_targets: bool) -> Kind | None:
    """What a panel is here: a type that we have not is a table where it asks something; None where it is nothing."""
    known = KINDS.get(panel_type)
    if known is not None or panel_type in WITHOUT_LIKE:
        return known
    return LIKE_TABLE if has_targets else None
