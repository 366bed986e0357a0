"""The places of series in a palette, kept while somebody watches: a series that comes or goes recolours none."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from ..datasources.frame import Field, Frame
from .theme import SERIES

PLACE: Final = "place"  # of a column's config: the place of its series where that is not its order in the answer
MOST: Final = 200  # series of a panel whose places are kept; of more nobody knows one by its colour
Key = tuple[object, ...]


class Places:
    """Which series has which place. The first answer has them in its order; each series that comes later takes a free
    place, else that of the one that has been away the longest, else one behind all."""

    def __init__(self) -> None:
        # The one that was seen last stands last.
        self._places: dict[Key, int] = {}

    def placed(self, frames: Sequence[Frame]) -> Sequence[Frame]:
        """The same frames, with the places of their series where these are not those of their order."""
        keys = list(_keys(frames))
        if len(keys) > MOST:
            return frames
        places = self._take(keys)
        if places == list(range(len(keys))):
            return frames
        following = iter(places)
        return [_with_places(frame, following) for frame in frames]

    def _take(self, keys: Sequence[Key]) -> list[int]:
        known = {key: self._places.pop(key) for key in dict.fromkeys(keys) if key in self._places}
        for key in keys:
            if key not in known:
                known[key] = self._free(set(known.values()))
        self._places |= known
        return [known[key] for key in keys]

    def _free(self, taken: set[int]) -> int:
        """A place for a series that nobody has seen. What is left in `_places` is away."""
        away = set(self._places.values())
        for place in range(len(SERIES)):
            if place not in taken and place not in away:
                return place
        if self._places:
            return self._places.pop(next(iter(self._places)))
        return next(place for place in range(len(taken) + 1) if place not in taken)


def _keys(frames: Sequence[Frame]) -> Iterator[Key]:
    """What tells each series from others: its target, its labels or its name, its column, and how many came before."""
    counts: Counter[Key] = Counter()
    for frame in frames:
        for column in frame.fields:
            if column.kind == "number":
                key = (frame.ref, column.name, tuple(column.labels.items()) or frame.name)
                yield (*key, counts[key])
                counts[key] += 1


def _with_places(frame: Frame, places: Iterator[int]) -> Frame:
    fields = tuple(_with_place(column, next(places)) if column.kind == "number" else column for column in frame.fields)
    return replace(frame, fields=fields)


def _with_place(column: Field, place: int) -> Field:
    return replace(column, config={**column.config, PLACE: place})
