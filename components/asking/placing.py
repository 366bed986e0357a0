"""The panels of a view: those of its dashboard, repeated for the values that are chosen, each with its own values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from ...datasources.variables.chosen import Chosen
from ...datasources.variables.formats import ALL_VALUE
from ...datasources.variables.interpolation import interpolate
from ...datasources.variables.resolve import Resolved
from ..panel_spec import ROW
from ..repeat import Placed, expand
from ..spec import Dashboard

Values = Mapping[str, Chosen]
NONE: Values = {}


def place(dashboard: Dashboard, variables: Sequence[Resolved], around: Values = NONE) -> tuple[Placed, ...]:
    """The dashboard's panels and rows with their copies; All is every option of its variable."""
    placed = expand(dashboard.panels, {one.variable.name: _each(one) for one in variables})
    return tuple(_with_texts(one, values_of(one, variables, around)) for one in placed)


def _with_texts(placed: Placed, values: Mapping[str, Chosen]) -> Placed:
    """Descriptions and the titles of rows filled in, with values as words; a panel's title is its source's matter."""
    panel = placed.panel
    texts = {"description": interpolate(panel.description, values, "markdown")}
    if panel.type == ROW:
        texts["title"] = interpolate(panel.title, values, "text")
    return replace(placed, panel=panel.model_copy(update=texts))


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
