"""The panel types by name, and whether a dashboard's panels have options that their types take."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from pydantic import ValidationError

from ...datasources.expressions.declared import EXPRESSIONS
from ...datasources.variables.builtins import BUILTIN_NAMES
from ...errors import InvalidError
from ...faults import invalid
from ...plugins import installed
from ..panel_spec import ROW, Panel, Target
from ..spec import Dashboard
from ..targets import expression_faults
from .bar import Bar
from .base import PanelOptions, PanelType
from .density import Density
from .figure import figure_type
from .gauge import BarGauge, Gauge
from .heatmap import Heatmap
from .histogram import Histogram
from .lists import AlertList, AnnotationsList
from .logs import Logs
from .pie import Pie
from .stat import Stat
from .states import StateTimeline, StatusHistory
from .table import Table
from .text import Text
from .timeseries import TimeSeries

KINDS: Final[Sequence[type[PanelType[Any]]]] = (
    AlertList,
    AnnotationsList,
    Bar,
    BarGauge,
    Density,
    Gauge,
    Heatmap,
    Histogram,
    Logs,
    Pie,
    Stat,
    StateTimeline,
    StatusHistory,
    Table,
    Text,
    TimeSeries,
)


class PanelRegistry:
    """Panel types, registered once each."""

    def __init__(self) -> None:
        self._types: dict[str, PanelType[Any]] = {}

    def register(self, panel_type: PanelType[Any]) -> None:
        """ValueError where there is a type of that name."""
        if panel_type.name in self._types:
            raise ValueError(f"two panel types are named {panel_type.name}")
        self._types[panel_type.name] = panel_type

    @property
    def names(self) -> Sequence[str]:
        """All types, sorted."""
        return sorted(self._types)

    def get(self, name: str) -> PanelType[Any]:
        """The type of that name; InvalidError where there is none."""
        if name not in self._types:
            raise InvalidError(f"there is no panel type {name!r}: {', '.join(self.names)}", path="$.type")
        return self._types[name]

    def shows_marks(self, name: str) -> bool:
        """Whether panels of that type show annotations; a type that there is not shows none."""
        return name in self._types and self._types[name].shows_marks

    def targets(self, panel: Panel) -> Sequence[Target]:
        """What a panel asks: its own targets, else those of its type."""
        own = panel.all_targets()
        return own or (self._types[panel.type].targets() if panel.type in self._types else ())

    def sources(self, dashboard: Dashboard) -> frozenset[str]:
        """The data sources that a dashboard's panels name; the empty name for the default one."""
        asked = {target.datasource or "" for panel in dashboard.panels for target in self.targets(panel)}
        return frozenset(asked - {EXPRESSIONS})

    def options(self, type_name: str, options: dict[str, Any]) -> PanelOptions:
        """The options of a panel, checked; InvalidError with the path of each fault."""
        kind = self.get(type_name)
        try:
            checked = kind.Options.model_validate(options)
        except ValidationError as error:
            raise invalid(error, ["options"]) from None
        return checked

    def _option_faults(self, panel: Panel) -> Iterator[tuple[str, str]]:
        try:
            self.options(panel.type, panel.options)
        except InvalidError as error:
            for fault in error.extra.get("faults") or [{"path": error.path or "$", "detail": error.detail}]:
                yield fault["path"], fault["detail"]

    def validate(self, dashboard: Dashboard) -> None:
        """InvalidError with the path of every fault in a dashboard's panels."""
        names = {variable.name for variable in dashboard.variables} | BUILTIN_NAMES
        faults: list[dict[str, str]] = []
        for index, panel in enumerate(dashboard.panels):
            if panel.type == ROW:
                continue
            found = [*self._option_faults(panel), *expression_faults(panel, names)]
            faults += [
                {"path": f"$.panels[{index}]{path.removeprefix('$')}", "detail": detail} for path, detail in found
            ]
        if faults:
            raise InvalidError(f"{faults[0]['path']}: {faults[0]['detail']}", path=faults[0]["path"], faults=faults)


def default_registry() -> PanelRegistry:
    """All panel types that come with the product, and those of plugins."""
    registry = PanelRegistry()
    brought = installed()
    for kind in (*KINDS, *brought.panels, *map(figure_type, brought.figures)):
        registry.register(kind())
    return registry
