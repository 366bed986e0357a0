"""Dashboards and rules in Python: declared, with data of one's own, saved as files, pushed to servers and pulled."""

from __future__ import annotations

from ....components.annotation_spec import AnnotationQuery as Annotations
from ....components.field_options import ColorOption, Match, Override
from ....components.link_spec import Link
from ....components.mappings import Mapping as ValueMapping
from ....components.panel_spec import Repeat, Target
from ....components.thresholds import Threshold
from .board import Dashboard
from .data import Moment, Own
from .loaded import load
from .local import save
from .notebook import show
from .panels import (
    AlertList,
    AnnotationsList,
    Bar,
    BarGauge,
    Density,
    Figure,
    Gauge,
    Heatmap,
    Histogram,
    Logs,
    Panel,
    Pie,
    Row,
    Stat,
    StateTimeline,
    StatusHistory,
    Table,
    Text,
    TimeSeries,
)
from .remote import pull, pull_rule, push
from .rules import RecordingRule, Rule
from .targets import SQL, Metric, PromQL, Transform
from .variables import AdHoc, Constant, Custom, DataSource, Interval, Query, TextBox

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
    "load",
    "pull",
    "pull_rule",
    "push",
    "save",
    "show",
]
