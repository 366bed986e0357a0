"""What changed between what is drawn and what is new, as the smallest of stream, patch and replace; pure functions."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .panels.base import Columns, Drawn

# A patch of more than this share of a source's values costs more than sending them all.
MAX_PATCHED_SHARE = 0.34
# JSON has no such numbers.
INFINITE: Mapping[float, str] = {math.inf: "∞", -math.inf: "-∞"}


@dataclass(frozen=True, slots=True)
class SourceDelta:
    """How one source changes: patched (index, value) first, then streamed with a rollover; or replaced whole."""

    patch: Mapping[str, list[tuple[int, Any]]] = field(default_factory=dict)
    stream: Mapping[str, list[Any]] = field(default_factory=dict)
    rollover: int = 0
    replace: Mapping[str, list[Any]] | None = None

    def as_json(self) -> dict[str, Any]:
        """The change of a source as pages apply it."""
        if self.replace is not None:
            return {"replace": self.replace}
        message: dict[str, Any] = {}
        if self.patch:
            message["patch"] = self.patch
        if self.stream:
            message |= {"stream": self.stream, "rollover": self.rollover}
        return message


@dataclass(frozen=True, slots=True)
class PanelDelta:
    """What changed in a panel: sources by name, and the texts that are new."""

    sources: Mapping[str, SourceDelta] = field(default_factory=dict)
    texts: Mapping[str, Any] = field(default_factory=dict)
    anew: bool = False  # whether pages fetch the panel: a tick has no arrays within columns

    def __bool__(self) -> bool:
        return bool(self.sources or self.texts or self.anew)

    @property
    def replaces(self) -> bool:
        """Whether a source is sent whole."""
        return any(delta.replace is not None for delta in self.sources.values())

    def as_json(self) -> dict[str, Any]:
        """The changes of a panel's sources and texts; empty where nothing changed."""
        if self.anew:
            return {"reload": True}
        message: dict[str, Any] = {}
        if self.sources:
            message["sources"] = {name: delta.as_json() for name, delta in self.sources.items()}
        if self.texts:
            message["texts"] = self.texts
        return message


def panel_delta(drawn: Drawn, new: Drawn) -> PanelDelta:
    """From what is drawn to what is new, both of one shape."""
    sources = {}
    for name, columns in new.sources.items():
        before = drawn.sources.get(name, {})
        if any(map(_is_nested, (*before.values(), *columns.values()))):
            if not _same(before, columns):
                return PanelDelta(anew=True)
            continue
        delta = source_delta(before, columns)
        if delta is not None:
            sources[name] = delta
    texts = {key: value for key, value in new.texts.items() if key not in drawn.texts or drawn.texts[key] != value}
    return PanelDelta(sources, texts)


def _is_nested(column: Any) -> bool:
    """Whether the values of a column are arrays or lists themselves: images, lines of several points, polygons."""
    return isinstance(column, list) and any(isinstance(one, (list, tuple, np.ndarray)) for one in column)


def _same(one: Any, other: Any) -> bool:
    """Whether two values are the same, at any depth; what is missing in both is."""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(_same(value, other[key]) for key, value in one.items())
    if isinstance(one, np.ndarray) or isinstance(other, np.ndarray):
        first, second = np.asarray(one), np.asarray(other)
        return np.array_equal(first, second, equal_nan=first.dtype.kind == second.dtype.kind == "f")
    if isinstance(one, (list, tuple)) and isinstance(other, (list, tuple)):
        return len(one) == len(other) and all(map(_same, one, other))
    return bool(one == other or (one != one and other != other))  # noqa: PLR0124 - NaN is


def source_delta(drawn: Columns, new: Columns) -> SourceDelta | None:
    """The change of one source, or None where nothing changed."""
    if drawn.keys() != new.keys():
        return SourceDelta(replace=plain(new))
    if not new:
        return None
    return _time_delta(drawn, new) if "t" in new else _row_delta(drawn, new)


def _time_delta(drawn: Columns, new: Columns) -> SourceDelta | None:
    old_t, new_t = np.asarray(drawn["t"]), np.asarray(new["t"])
    overlap = _overlap(old_t, new_t)
    if overlap is None:
        return SourceDelta(replace=plain(new))
    first, kept = overlap
    patch = {}
    for name, column in new.items():
        if name != "t" and (changes := _changes(drawn[name][first:], column[:kept], first)):
            patch[name] = changes
    if sum(map(len, patch.values())) > MAX_PATCHED_SHARE * max(1, kept) * len(new):
        return SourceDelta(replace=plain(new))
    if kept == len(new_t):
        # Nothing to stream, so nothing rolls the first ones out: without any to lose a patch is enough.
        if first:
            return SourceDelta(replace=plain(new))
        return SourceDelta(patch=patch) if patch else None
    stream = {name: plain_list(column[kept:]) for name, column in new.items()}
    return SourceDelta(patch=patch, stream=stream, rollover=len(new_t))


def _overlap(old_t: NDArray[np.float64], new_t: NDArray[np.float64]) -> tuple[int, int] | None:
    """Where in the old times the new ones begin, and how many they share; None where they do not go on."""
    if not old_t.size or not new_t.size:
        return None
    first = int(np.searchsorted(old_t, new_t[0]))
    kept = old_t.size - first
    if kept <= 0 or kept > new_t.size or not np.array_equal(old_t[first:], new_t[:kept]):
        return None
    return first, kept


def _changes(drawn: Any, new: Any, offset: int) -> list[tuple[int, Any]]:
    if isinstance(new, np.ndarray) and new.dtype.kind == "f":
        old = np.asarray(drawn)
        different = old != new
        if not different.any():
            return []
        changed = np.flatnonzero(different & ~(np.isnan(old) & np.isnan(new)))
        return list(zip((changed + offset).tolist(), plain_list(new[changed]), strict=True))
    pairs = enumerate(zip(drawn, new, strict=True))
    return [(index + offset, value) for index, (before, value) in pairs if before != value]


def _row_delta(drawn: Columns, new: Columns) -> SourceDelta | None:
    lengths = {len(column) for column in (*drawn.values(), *new.values())}
    if len(lengths) > 1:
        return SourceDelta(replace=plain(new))
    patch = {name: changes for name, column in new.items() if (changes := _changes(drawn[name], column, 0))}
    if not patch:
        return None
    if sum(map(len, patch.values())) > MAX_PATCHED_SHARE * max(1, next(iter(lengths))) * len(new):
        return SourceDelta(replace=plain(new))
    return SourceDelta(patch=patch)


def plain(columns: Columns) -> dict[str, list[Any]]:
    """Columns as lists of JSON."""
    return {name: plain_list(column) for name, column in columns.items()}


def plain_list(column: Any) -> list[Any]:
    """A column as JSON has it: numbers that are missing are null, infinite ones `∞` and `-∞`."""
    if isinstance(column, np.ndarray):
        values = list(column.tolist())
        if column.dtype.kind != "f":
            return values
        finite = np.isfinite(column)
        if finite.all():
            return values
        return [value if ok else INFINITE.get(value) for value, ok in zip(values, finite, strict=True)]
    return list(column)


def apply_source(columns: Mapping[str, list[Any]], message: Mapping[str, Any]) -> dict[str, list[Any]]:
    """What a client does with a source's message; for clients in Python, and for tests of the rule."""
    if "replace" in message:
        return {name: list(column) for name, column in message["replace"].items()}
    result = {name: list(column) for name, column in columns.items()}
    for name, changes in message.get("patch", {}).items():
        for index, value in changes:
            result[name][index] = value
    if "stream" in message:
        for name, values in message["stream"].items():
            result[name] = (result[name] + list(values))[-message["rollover"] :]
    return result
