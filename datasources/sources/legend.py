"""What a series is called: a legend's `{{label}}` filled in, or the labels in which it differs from the others."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

LABEL = re.compile(r"\{\{\s*([\w.:-]+)\s*\}\}")


def fill(legend: str, labels: Mapping[str, str]) -> str:
    """`{{core}} {{mode}}` with the labels' values; a missing label is empty."""
    return LABEL.sub(lambda match: labels.get(match[1], ""), legend)


def names(metric: str, series: Sequence[Mapping[str, str]], legend: str = "") -> Sequence[str]:
    """A name for each series: after the legend, else `metric`, else what tells them apart (`core=0, mode=idle`)."""
    if legend:
        return [fill(legend, labels) for labels in series]
    if len(series) == 1:
        return [metric or _pairs(series[0], series[0].keys()) or "value"]
    keys = sorted({key for labels in series for key in labels})
    differing = [key for key in keys if len({labels.get(key) for labels in series}) > 1]
    if len(differing) == 1:
        return [labels.get(differing[0], metric) or metric for labels in series]
    return [_pairs(labels, differing) or metric for labels in series]


def _pairs(labels: Mapping[str, str], keys: Sequence[str] | object) -> str:
    wanted = list(keys) if isinstance(keys, (list, tuple)) else sorted(labels)
    return ", ".join(f"{key}={labels[key]}" for key in wanted if key in labels)
