"""The answer of a rule's target as samples: one number of each label set."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from ...datasources.expressions.values import values_of
from ...datasources.frame import Frame
from ...datasources.reducers import reduce
from ...errors import InvalidError

METRIC = "__name__"
Labels = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Sample:
    """A series and the number that is looked at. NaN: it has none."""

    labels: Labels
    value: float


SeriesKey = tuple[tuple[str, str], ...]  # what names a series: its labels without the name of its metric


@dataclass(frozen=True)
class Taken:
    """The samples of an answer. `partial`: some may be missing, and what is not among them need not be gone."""

    samples: Sequence[Sample]
    partial: bool = False

    @cached_property
    def keys(self) -> Sequence[SeriesKey]:
        """What names the series of each sample: once for all rules that look at the answer."""
        return [tuple(sorted(without_name(one.labels).items())) for one in self.samples]

    @cached_property
    def _names(self) -> frozenset[str]:
        return frozenset(name for key in self.keys for name, _ in key)

    @cached_property
    def _distinct(self) -> bool:
        return len(set(self.keys)) == len(self.keys)

    def stays_apart(self, own: Labels) -> bool:
        """Whether no two of the series come to the same labels, once these replace theirs."""
        return self._distinct and self._names.isdisjoint(own)


def samples_of(frames: Iterable[Frame], ref: str, reducer: str) -> list[Sample]:
    """One sample of each series, number or row. InvalidError where a table tells no numbers apart."""
    found: list[Sample] = []
    for frame in frames:
        if frame.is_series:
            found += [Sample(one.labels, _reduced(one.values, reducer)) for one in frame.numbers if frame.rows]
        else:
            found += [Sample(one.labels, _reduced(one.values, reducer)) for one in values_of((frame,), ref)]
    return found


def _reduced(values: object, reducer: str) -> float:
    """The value of a series; of one number it is that number, whatever it is."""
    if len(values) == 1 and reducer in ("last", "lastNotNull", "mean", "min", "max", "sum", "first"):  # type: ignore[arg-type]
        return float(values[0])  # type: ignore[index]
    how = "lastNotNull" if reducer == "last" else reducer  # a gap at the end of a range is no value that came last
    found = reduce(values, how)  # type: ignore[arg-type]
    return math.nan if found is None else found


def fingerprint(labels: Labels) -> str:
    """What names an instance: the same for equal labels on every node and after every start."""
    text = "\xff".join(f"{name}\xfe{labels[name]}" for name in sorted(labels))
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


def without_name(labels: Labels) -> dict[str, str]:
    """The labels of a series but for the name of its metric; a label without a text is none."""
    return {name: text for name, text in labels.items() if text and name != METRIC}


def check_apart(fingerprints: Sequence[str]) -> None:
    """InvalidError where two series of an answer came to the same labels."""
    if len(set(fingerprints)) != len(fingerprints):
        raise InvalidError("two series have the same labels, once those of the rule are set")
