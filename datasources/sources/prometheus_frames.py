"""Prometheus' answers as frames. https://prometheus.io/docs/prometheus/latest/querying/api/#expression-query-result-formats

Numbers of a matrix are read from the bytes, series by series: half the time of reading the whole document, and a thread
that does it lets the loop run in between.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np

from ..frame import CALLED, Array, Field, Frame
from .legend import AUTO, names
from .reading import Stopped, Watch, bounded_json, never

VALUES: Final = b'"values":'
OPENING: Final = VALUES + b"[["  # within a JSON string its quotes would be escaped, so it is never part of one
CLOSING: Final = b"]]"
PUNCTUATION: Final = b'[]"'
NAME: Final = "__name__"
Labels = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Result:
    """An answer's data: its kind (matrix, vector, scalar, string), its series, and what Prometheus remarks."""

    kind: str
    data: Sequence[Mapping[str, Any]]
    remarks: tuple[str, ...]
    warned: bool  # a warning means that some may be missing; an info does not


def read(body: bytes, stopped: Stopped = never) -> Result:
    """An answer of `query` or `query_range`. ValueError for anything else, SourceError for one too large to be held."""
    found = _with_values(body, Watch(stopped))
    if not isinstance(found, dict) or not isinstance(data := found.get("data"), dict):
        raise ValueError("not an answer of Prometheus")
    kind, result = str(data.get("resultType", "")), data.get("result")
    if not isinstance(result, list):
        raise ValueError("not an answer of Prometheus")
    result = _as_series(kind, result)
    if not all(isinstance(one, dict) and isinstance(one.get("metric"), dict) for one in result):
        raise ValueError("not an answer of Prometheus")
    warned = _remarks(found.get("warnings"))
    return Result(kind, result, (*warned, *_remarks(found.get("infos"))), bool(warned))


def _remarks(told: Any) -> tuple[str, ...]:
    """What a server remarks, in words whatever it wrote."""
    return tuple(map(str, told)) if isinstance(told, list) else ()


def _as_series(kind: str, result: Any) -> Any:
    """A scalar or a text as the one series without labels."""
    return [{"metric": {}, "value": result}] if kind in ("scalar", "string") else result


def _with_values(body: bytes, watch: Watch) -> Any:
    """The JSON document, with an array of (time in s, value) for each `values`."""
    matrices: list[Array] = []
    skeleton: list[bytes] = []
    position = 0
    while (start := body.find(OPENING, position)) >= 0:
        end = body.index(CLOSING, start)
        text = body[start + len(OPENING) : end]
        watch.count(text.count(b",") // 2 + 1)
        matrices.append(_numbers(text))
        skeleton += [body[position : start + len(VALUES)], str(len(matrices) - 1).encode()]
        position = end + len(CLOSING)
    found = bounded_json(b"".join([*skeleton, body[position:]]))
    if matrices:
        for series in found["data"]["result"]:
            if isinstance(number := series.get("values"), int):  # an empty one stands as it came
                series["values"] = matrices[number]
    return found


def _numbers(text: bytes) -> Array:
    """`1,"2"],[3,"NaN"` as an array of pairs."""
    numbers = list(map(float, text.translate(None, PUNCTUATION).split(b",")))
    return np.array(numbers, dtype=np.float64).reshape(-1, 2)


def frames_of(data: Mapping[str, Any], legend: str = "") -> tuple[Frame, ...]:
    """The frames of an answer's `data`, as the API has it."""
    kind, result = data["resultType"], data["result"]
    return series_frames(Result(kind, _as_series(kind, result), (), False), legend)


def series_frames(result: Result, legend: str, expression: str = "") -> tuple[Frame, ...]:
    """One frame a series, native histograms as one frame each; a text as a table of one cell.

    `expression` names a series that has neither labels nor a legend.
    """
    if result.kind == "string":
        time_s, text = result.data[0]["value"]
        return (Frame((Field.time([time_s * 1000]), Field.string("value", [text]))),)
    metrics = [one["metric"] for one in result.data]
    called = _names(metrics, legend, expression)
    labelled = legend == AUTO and any(metrics)
    family = metrics[0].get(NAME, "") if labelled else None
    frames = []
    for one, name in zip(result.data, called, strict=True):
        points = _points(one)
        if len(points):
            frames.append(Frame.series(_ms(points[:, 0]), points[:, 1], name=name, labels=one["metric"], family=family))
        if histograms := _histograms(one):
            frames.append(histogram_frame(histograms, name, one["metric"]))
    return tuple(frames)


def table_frame(result: Result) -> Frame:
    """One table: time, a column for each label, the value. Native histograms have no cell and are left out."""
    rows = [(one["metric"], time_s, value) for one in result.data for time_s, value in _points(one)]
    keys = sorted({key for labels, _, _ in rows for key in labels})
    columns = [Field.string(key, [labels.get(key) for labels, _, _ in rows]) for key in keys]
    time = Field.time(_ms(np.array([time_s for _, time_s, _ in rows], dtype=np.float64)))
    value = Field.number("value", [value for _, _, value in rows])
    return Frame((replace(time, config={CALLED: "Time"}), *columns, replace(value, config={CALLED: "Value"})))


def histogram_frame(samples: Sequence[tuple[float, Mapping[str, Any]]], name: str, labels: Labels) -> Frame:
    """A native histogram over time: one number column a bucket, named by its upper bound, ascending.

    A bucket that a sample does not name held nothing then. Counts are those of the bucket alone, not cumulative.
    """
    counts: list[dict[str, float]] = [
        {upper: float(count) for _, _, upper, count in sample.get("buckets") or ()} for _, sample in samples
    ]
    bounds = sorted({upper for row in counts for upper in row}, key=float)
    times = _ms(np.array([time_s for time_s, _ in samples], dtype=np.float64))
    columns = (Field.number(bound, [row.get(bound, 0.0) for row in counts], labels) for bound in bounds)
    return Frame((Field.time(times), *columns), name=name, absent=0.0)


def labels_text(labels: Labels) -> str:
    """A series as PromQL writes it: `up{job="x"}`."""
    name = labels.get(NAME, "")
    pairs = (f"{key}={json.dumps(labels[key], ensure_ascii=False)}" for key in sorted(labels) if key != NAME)
    rest = ", ".join(pairs)
    return f"{name}{{{rest}}}" if rest else name or "{}"


def _names(metrics: Sequence[Labels], legend: str, expression: str) -> Sequence[str]:
    """After the legend's text; `__auto`: by what tells them apart; without one as PromQL writes them, and where there
    is nothing to write as what was asked. So is one of which a legend's text leaves nothing.
    """
    plain = [labels_text(labels) if labels else expression or "{}" for labels in metrics]
    if not legend or (legend == AUTO and not any(metrics)):
        return plain
    if legend != AUTO:
        return [name or one for name, one in zip(names("", metrics, legend), plain, strict=True)]
    metric = metrics[0].get(NAME, "") if metrics else ""
    return names(metric, [{key: value for key, value in labels.items() if key != NAME} for labels in metrics])


def _points(series: Mapping[str, Any]) -> Array:
    """Pairs of time (s) and value, shape (n, 2); NaN and infinite values stay what they are."""
    pairs = [series["value"]] if "value" in series else series.get("values", ())
    return np.asarray(pairs, dtype=np.float64).reshape(-1, 2)


def _histograms(series: Mapping[str, Any]) -> Sequence[tuple[float, Mapping[str, Any]]]:
    return [series["histogram"]] if "histogram" in series else series.get("histograms", ())


def _ms(times_s: Array) -> Array:
    """Whole milliseconds, which is what Prometheus keeps."""
    return np.round(times_s * 1000)
