"""What a series is called: a legend's `{{label}}` filled in, or the labels in which it differs from the others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from ..filled import filled
from ..frame import Frame

AUTO = "__auto"  # a legend that asks for names by what tells the series apart
MOST = 2000  # characters of labels in a name


def fill(legend: str, labels: Mapping[str, str]) -> str:
    """`{{core}} {{mode}}` with the labels' values; a missing label is empty."""
    return filled(legend, labels, MOST)


def names(
    metric: str, series: Sequence[Mapping[str, str]], legend: str = "", *, several: bool = False
) -> Sequence[str]:
    """A name for each series: after the legend, else `metric`, else what tells them apart (`core=0, mode=idle`).

    `several`: series of other metrics stand beside them with the same labels, so theirs is part of each name.
    """
    if legend:
        return [fill(legend, labels) for labels in series]
    if several and len(series) > 1:
        return [f"{metric} {apart}".strip() for apart in names("", series)]
    if len(series) == 1:
        labels = series[0]
        lone = next(iter(labels.values())) if len(labels) == 1 else _pairs(labels, labels.keys())
        return [metric or lone or "value"]
    keys = sorted({key for labels in series for key in labels})
    differing = [key for key in keys if len({labels.get(key) for labels in series}) > 1]
    if len(differing) == 1:
        return [labels.get(differing[0], metric) or metric for labels in series]
    return [_pairs(labels, differing) or metric for labels in series]


def rename(frames: Sequence[Frame], legend: str = "") -> tuple[Frame, ...]:
    """The series of each family named anew among those that are there now; `legend` as the query has it."""
    families: dict[str, list[int]] = {}
    for index, frame in enumerate(frames):
        if frame.family is not None:
            families.setdefault(frame.family, []).append(index)
    named = list(frames)
    own = "" if legend == AUTO else legend
    for family, members in families.items():
        labels = [_own_labels(frames[index]) for index in members]
        for index, name in zip(members, names(family, labels, own, several=len(families) > 1), strict=True):
            named[index] = _named(frames[index], name)
    return tuple(named)


def _own_labels(frame: Frame) -> Mapping[str, str]:
    return {key: value for key, value in frame.numbers[0].labels.items() if key != "__name__"}


def _named(frame: Frame, name: str) -> Frame:
    if name == frame.name:
        return frame
    fields = tuple(replace(one, name=name or "value") if one.name == frame.name else one for one in frame.fields)
    return replace(frame, name=name, fields=fields)


def _pairs(labels: Mapping[str, str], keys: Sequence[str] | object) -> str:
    wanted = list(keys) if isinstance(keys, (list, tuple)) else sorted(labels)
    return ", ".join(f"{key}={labels[key]}" for key in wanted if key in labels)
