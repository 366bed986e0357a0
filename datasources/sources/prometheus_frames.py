"""Answers of Prometheus' API as frames: matrices, vectors, scalars, native histograms."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...storage.errors import SourceError
from ..frame import Field, Frame


def frames_of(data: Mapping[str, Any]) -> list[Frame]:
    """One frame for each series; values that Prometheus writes as NaN or Inf stay what they are."""
    kind, result = data.get("resultType"), data.get("result")
    if kind == "matrix":
        return [_series(one) for one in result or ()]
    if kind == "vector":
        return [_series({"metric": one["metric"], "values": [one["value"]]}) for one in result or () if "value" in one]
    if kind in ("scalar", "string"):
        return [_series({"metric": {}, "values": [result]})]
    raise SourceError(f"Prometheus answers with a {kind}, which is not known here")


def _series(one: Mapping[str, Any]) -> Frame:
    labels = {str(key): str(value) for key, value in one["metric"].items()}
    if one.get("histograms") and not one.get("values"):
        return _histogram(labels, one["histograms"])
    pairs: Sequence[tuple[float, str]] = one.get("values") or ()
    times = np.fromiter((pair[0] for pair in pairs), np.float64, len(pairs)) * 1000
    return Frame.series(np.round(times), _numbers([pair[1] for pair in pairs]), name=labels_text(labels), labels=labels)


def _numbers(texts: Sequence[str]) -> NDArray[np.float64]:
    return np.fromiter((_number(text) for text in texts), np.float64, len(texts))


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan


def _histogram(labels: Mapping[str, str], samples: Sequence[tuple[float, Mapping[str, Any]]]) -> Frame:
    """Native histograms as a frame of buckets: a column for each upper bound, in their order."""
    bounds = sorted({float(bucket[2]) for _, sample in samples for bucket in sample.get("buckets") or ()})
    times = [round(at * 1000) for at, _ in samples]
    columns = {bound: np.zeros(len(samples)) for bound in bounds}
    for index, (_, sample) in enumerate(samples):
        for _, _, upper, count in sample.get("buckets") or ():
            columns[float(upper)][index] += float(count)
    fields = [Field.number(f"{bound:g}", values, labels) for bound, values in columns.items()]
    return Frame((Field.time(times), *fields), name=labels_text(labels))


def labels_text(labels: Mapping[str, str]) -> str:
    """A series as PromQL writes it: `up{job="x"}`."""
    name = labels.get("__name__", "")
    rest = ", ".join(
        f"{key}={json.dumps(value, ensure_ascii=False)}" for key, value in sorted(labels.items()) if key != "__name__"
    )
    return f"{name}{{{rest}}}" if rest else name or "{}"
