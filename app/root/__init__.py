"""Heliograph: real-time dashboards and metrics. Layout once per version, data once per view, nothing per viewer.

`import heliograph as hg` declares dashboards in Python (docs/python.md); what it needs is loaded when first used.
"""

from importlib import import_module
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

__version__ = version("heliograph")
# All but the version is what `heliograph.app.share.python` has.
__all__ = [
    "SQL",
    "AdHoc",
    "AlertList",
    "Annotations",
    "AnnotationsList",
    "Bar",
    "BarGauge",
    "ColorOption",
    "Constant",
    "Custom",
    "Dashboard",
    "DataSource",
    "Density",
    "Figure",
    "Gauge",
    "Heatmap",
    "Histogram",
    "Interval",
    "Link",
    "Logs",
    "Match",
    "Metric",
    "Moment",
    "Override",
    "Own",
    "Panel",
    "Pie",
    "PromQL",
    "Query",
    "RecordingRule",
    "Repeat",
    "Row",
    "Rule",
    "Stat",
    "StateTimeline",
    "StatusHistory",
    "Table",
    "Target",
    "Text",
    "TextBox",
    "Threshold",
    "TimeSeries",
    "Transform",
    "ValueMapping",
    "__version__",
    "load",
    "pull",
    "pull_rule",
    "push",
    "save",
    "show",
]

if TYPE_CHECKING:
    from .app.share.python import *


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"heliograph has no {name}")
    return getattr(import_module(".app.share.python", __name__), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
