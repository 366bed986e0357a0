"""Joins the frames of adjoining pieces of a range into those that one query over the whole would have answered.

Series come and go, columns stand in other orders: a series is known by its labels and what it is called of its own. A
time that no piece has stays missing: it is a gap, never zero.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np

from .frame import Array, Field, Frame
from .sources.legend import rename

Frames = tuple[Frame, ...]
Key = tuple[Hashable, ...]
# Orders that sources have their series in: by labels as Prometheus sorts them, by the values of SQL's text columns.
ORDERS: tuple[Callable[[Frame], Any], ...] = (
    lambda frame: sorted(frame.numbers[0].labels.items()),
    lambda frame: list(frame.numbers[0].labels.values()),
)


class UnjoinableError(Exception):
    """A piece holds more than series: tables have no parts in time."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Frames of the times in [from_ms, until_ms)."""

    from_ms: int
    until_ms: int
    frames: Frames


def crop(frames: Frames, from_ms: int, until_ms: int) -> Frames:
    """The rows at times in [from_ms, until_ms); series without any are left out."""
    cropped = (_cropped(frame, from_ms, until_ms) for frame in frames)
    return tuple(frame for frame in cropped if frame.rows or not frame.is_series)


def _cropped(frame: Frame, from_ms: int, until_ms: int) -> Frame:
    time = frame.time
    if (
        time is None
        or not frame.is_series
        or not frame.rows
        or (time.values[0] >= from_ms and time.values[-1] < until_ms)
    ):
        return frame
    start, end = time.values.searchsorted((from_ms, until_ms))
    return frame.cut(start, end)


def join(pieces: Sequence[Piece], legend: str = "") -> Frames:
    """The pieces, which do not overlap, as frames over all of them. UnjoinableError where one has a table with rows."""
    pieces = sorted(pieces, key=lambda piece: piece.from_ms)
    if any(frame.rows and not frame.is_series for piece in pieces for frame in piece.frames):
        raise UnjoinableError
    if len(pieces) == 1:
        return rename(pieces[0].frames, legend)
    parts: dict[Key, list[Frame]] = {}
    for piece in pieces:
        for key, frame in _keyed(piece.frames):
            parts.setdefault(key, []).append(frame)
    if not parts:  # an empty answer still says which columns it has
        return pieces[-1].frames if pieces else ()
    return rename(_in_order([_concatenated(frames) for frames in parts.values()], pieces), legend)


def _keyed(frames: Frames) -> list[tuple[Key, Frame]]:
    """Each series with what it is known by; those that nothing tells apart by their place."""
    seen: dict[Key, int] = {}
    keyed = []
    for frame in frames:
        if not frame.is_series:
            continue
        own = frame.name if frame.family is None else frame.family
        labels = frame.numbers[0].labels
        key: Key = (frame.family is None, own, tuple(sorted(labels.items())))
        seen[key] = seen.get(key, 0) + 1
        keyed.append(((*key, seen[key]), frame))
    return keyed


def _concatenated(parts: Sequence[Frame]) -> Frame:
    last = parts[-1]
    if len(parts) == 1:
        return last
    times = Field.time(np.concatenate([_time(part) for part in parts]), last.time.name if last.time else "time")
    if all(len(part.fields) == 2 for part in parts):
        values = np.concatenate([part.numbers[0].values for part in parts])
        return replace(last, fields=(times, replace(last.numbers[0], values=values)))
    members = [(part, {column.name: column for column in part.numbers}) for part in parts]
    columns = {name: column for _, own in members for name, column in own.items()}
    fields = (
        replace(columns[name], values=np.concatenate([_values(part, own.get(name)) for part, own in members]))
        for name in _column_order(list(columns))
    )
    return replace(last, fields=(times, *fields))


def _time(frame: Frame) -> Array:
    assert frame.time is not None
    return frame.time.values


def _values(part: Frame, column: Field | None) -> Array:
    return column.values if column is not None else np.full(part.rows, part.absent)


def _column_order(names: list[str]) -> list[str]:
    """Bounds of buckets by their size, others as they came."""
    try:
        return sorted(names, key=float)
    except ValueError:
        return names


def _in_order(frames: list[Frame], pieces: Sequence[Piece]) -> list[Frame]:
    """In the source's own order where it can be told from the pieces, else as they first came."""
    for key in ORDERS:
        if all(_is_sorted([key(frame) for frame in piece.frames if frame.is_series]) for piece in pieces):
            return sorted(frames, key=key)
    return frames


def _is_sorted(keys: Sequence[Any]) -> bool:
    return all(one <= other for one, other in pairwise(keys))
