"""What views of one dashboard have in common: a panel that asks and draws the same in several of them is one.

Views of a dashboard differ in values that few of its panels name. In an incident each person looks at another host,
and the other panels are asked, drawn and told of once for all.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass, replace
from time import monotonic
from typing import TYPE_CHECKING, Any, Final
from weakref import ReferenceType, WeakValueDictionary, ref

from ...datasources.query.stages import open_end
from ...datasources.timerange import TimeRange
from ...datasources.variables.adhoc import Filters
from ...datasources.variables.chosen import Chosen, Values, Verbatim, as_list
from ...datasources.variables.interpolation import names_in
from ..delta import panel_delta
from ..panel_spec import Panel
from ..panels.base import Drawn
from .outcome import Outcome

if TYPE_CHECKING:
    from .source import PanelSource

OUTCOME_LIFE_S: Final = 10.0  # of a refresh that takes long what came at its beginning is not its end's


class SharedPanels:
    """The panels that views hold now, by all that they ask and draw by."""

    def __init__(self) -> None:
        self._held: WeakValueDictionary[Hashable, PanelSource] = WeakValueDictionary()

    def get(self, key: Hashable, make: Callable[[], PanelSource]) -> PanelSource:
        """The one that some view holds, else a new one."""
        found = self._held.get(key)
        if found is None:
            found = self._held[key] = make()
        return found


@dataclass(frozen=True, slots=True)
class Refreshed:
    """What a refresh came to, for other views whose ranges are the same on the grids of the steps (ms) asked at."""

    range: TimeRange
    tick: int
    steps: frozenset[int]
    outcome: Outcome
    since_s: float

    @classmethod
    def of(cls, range_: TimeRange, tick: int, steps: frozenset[int], outcome: Outcome) -> Refreshed:
        """Came to just now."""
        return cls(range_, tick, steps, outcome, monotonic())

    def over(self, range_: TimeRange, tick: int | None) -> Outcome | None:
        """The same over a range that asks for the same in the same refresh; None where it asks for something else."""
        if tick != self.tick or monotonic() - self.since_s > OUTCOME_LIFE_S:
            return None
        if range_ == self.range:
            return self.outcome
        if any(_asked_as(range_, step_ms) != _asked_as(self.range, step_ms) for step_ms in self.steps):
            return None
        return replace(self.outcome, range=range_)


def _asked_as(range_: TimeRange, step_ms: int) -> tuple[TimeRange, int]:
    return range_.on_grid(step_ms), open_end(range_.to_ms, step_ms)


class Changes:
    """The change from one drawing to the next, worked out once for all views that show the two."""

    def __init__(self) -> None:
        self._last: tuple[ReferenceType[Drawn], ReferenceType[Drawn], Mapping[str, Any]] | None = None

    def between(self, before: Drawn, after: Drawn) -> dict[str, Any]:
        """As pages apply it; empty where nothing changed."""
        if before is after:
            return {}
        last = self._last
        if last is not None and last[0]() is before and last[1]() is after:
            return dict(last[2])
        delta = panel_delta(before, after)
        change = delta.as_json()
        if not delta.replaces:  # whole columns are not held for that
            self._last = ref(before), ref(after), change
        return dict(change)


def named_by(panel: Panel) -> frozenset[str]:
    """The names of variables that any text of a panel refers to."""
    return frozenset(names_in(panel.model_dump()))


def values_named(names: frozenset[str], values: Mapping[str, Chosen]) -> dict[str, Chosen]:
    """The values of these variables, and of those that these values themselves name: All's own text may. Ad hoc filters
    are for all queries of their source, whether these name them or not.
    """
    found: dict[str, Chosen] = {}
    missing = {*names, *(name for name, chosen in values.items() if isinstance(chosen, Filters))}
    while missing:
        name = missing.pop()
        if name in values and name not in found:
            found[name] = values[name]
            missing.update(_names_of(values[name]))
    return {name: chosen for name, chosen in values.items() if name in found}


def _names_of(values: Values) -> Iterator[str]:
    for value in as_list(values):
        if isinstance(value, Verbatim):
            yield from names_in(value)


def fingerprint(values: Mapping[str, Chosen]) -> Hashable:
    """What tells values of variables apart, with all that formats know of them."""
    return tuple((name, _told_apart(chosen)) for name, chosen in sorted(values.items()))


def _told_apart(values: Values) -> Hashable:
    verbatim = tuple(type(value) for value in as_list(values))
    if not isinstance(values, Chosen):
        return values, verbatim
    source = values.source if isinstance(values, Filters) else ""
    return tuple(values), verbatim, values.single, values.everything, values.texts, repr(values.properties), source
