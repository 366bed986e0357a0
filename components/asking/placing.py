"""The panels of a view: those of its dashboard, repeated for the values that are chosen, each with its own values.

What they say names variables: `References` counts how often, before anything is filled in.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from ...datasources.variables.chosen import Chosen
from ...datasources.variables.formats import ALL_VALUE
from ...datasources.variables.interpolation import interpolate
from ...datasources.variables.resolve import Resolved
from ...errors import InvalidError
from ..panel_spec import ROW, Panel
from ..repeat import Placed, expand
from ..spec import Dashboard

Values = Mapping[str, Chosen]
NONE: Values = {}
MOST_REFERENCES: Final = 20_000  # to variables, in what the panels of a view say: each costs the loop some µs
MAX_DESCRIPTION: Final = 200_000  # characters of one, filled in


def place(dashboard: Dashboard, variables: Sequence[Resolved], around: Values = NONE) -> tuple[Placed, ...]:
    """The dashboard's panels and rows with their copies; All is every option of its variable."""
    return expand(dashboard.panels, {one.variable.name: _each(one) for one in variables})


def with_texts(placed: Placed, values: Mapping[str, Chosen]) -> Placed:
    """Descriptions and the titles of rows filled in, with values as words; a panel's title is its source's matter.

    InvalidError where the values are too long for that.
    """
    panel = placed.panel
    texts = {"description": interpolate(panel.description, values, "markdown", MAX_DESCRIPTION)}
    if panel.type == ROW:
        texts["title"] = interpolate(panel.title, values, "text", MAX_DESCRIPTION)
    return replace(placed, panel=panel.model_copy(update=texts))


class References:
    """Counts what panels name of variables in all that is filled in while a view is made, on the loop."""

    def __init__(self) -> None:
        self._left = MOST_REFERENCES
        self._known: dict[int, int] = {}  # by the dashboard's panel that one is or is a copy of

    def take(self, placed: Placed) -> None:
        """InvalidError where this panel names more than is left."""
        if placed.of not in self._known:
            self._known[placed.of] = _of_panel(placed.panel)
        self._left -= self._known[placed.of]
        if self._left < 0:
            raise InvalidError(f"the texts of this dashboard name variables more than {MOST_REFERENCES:,} times")


def _of_panel(panel: Panel) -> int:
    links = [(link.title, link.url) for link in panel.links]
    steps = [step.options for step in panel.transformations]
    return _references((panel.title, panel.description, links, steps, panel.options))


def _references(value: Any) -> int:
    if isinstance(value, str):
        return value.count("$") + value.count("[[")
    if isinstance(value, Mapping):
        return sum(map(_references, value.values()))
    return sum(map(_references, value)) if isinstance(value, (list, tuple)) else 0


def values_of(placed: Placed, variables: Sequence[Resolved], around: Values = NONE) -> dict[str, Chosen]:
    """The values that a panel's texts and queries get: its own where it repeats, else those of the view.

    `around` is what the dashboard says of itself, such as its title.
    """
    return {**around, **{one.variable.name: _own(one, placed.values) for one in variables}}


def _each(one: Resolved) -> Sequence[str]:
    if ALL_VALUE in one.current:
        return tuple(option.value for option in one.options)
    return tuple(one.values)


def _own(one: Resolved, own: Mapping[str, str]) -> Chosen:
    value = own.get(one.variable.name)
    if value is None:
        return one.values
    text = next((option.text for option in one.options if option.value == value), value)
    return Chosen((value,), single=True, texts=(text,))
