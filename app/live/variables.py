"""The variables of a view: their options, what is chosen, and the values that queries get."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from typing import Any

from ...components.spec import Dashboard, Variable
from ...datasources.query.interpolation import Verbatim, interpolate, names_in
from ...datasources.sources.base import VariableOption
from ...datasources.timerange import TimeRange
from ...storage.errors import HeliographError, InvalidError
from ...storage.scope import Scope

ALL = "$__all"
MAX_VALUES = 1000
Chosen = Mapping[str, tuple[str, ...]]
# (data source's name, query, range, scope) → options
AskOptions = Callable[[str, str, TimeRange, Scope], Awaitable[Sequence[VariableOption]]]


@dataclass(frozen=True, slots=True)
class Resolved:
    """One variable with its options, what is chosen of them (`$__all` for All), and the values that queries get."""

    variable: Variable
    options: tuple[VariableOption, ...]
    current: tuple[str, ...]
    values: tuple[str, ...]
    error: str = ""

    def as_json(self) -> dict[str, Any]:
        return {
            "name": self.variable.name,
            "label": self.variable.label or self.variable.name,
            "type": self.variable.type,
            "hide": self.variable.hide,
            "multi": self.variable.multi,
            "include_all": self.variable.include_all,
            "options": [{"value": option.value, "text": option.text} for option in self.options],
            "current": list(self.current),
            "error": self.error,
        }


def in_order(variables: Sequence[Variable]) -> list[Variable]:
    """The variables so that each comes after those its query refers to; InvalidError naming a cycle."""
    by_name = {variable.name: variable for variable in variables}
    graph = {
        name: [other for other in names_in(variable.query) if other in by_name] for name, variable in by_name.items()
    }
    try:
        return [by_name[name] for name in TopologicalSorter(graph).static_order()]
    except CycleError as error:
        raise InvalidError(f"variables refer to each other in a circle: {' → '.join(error.args[1])}") from None


async def resolve(
    dashboard: Dashboard, given: Mapping[str, Sequence[str]], range_: TimeRange, scope: Scope, ask: AskOptions
) -> tuple[Resolved, ...]:
    """All variables of a dashboard for the values given in the address, in the dashboard's order."""
    resolved: dict[str, Resolved] = {}
    for variable in in_order(dashboard.variables):
        known = {name: one.values for name, one in resolved.items()}
        error = ""
        try:
            options = await _options(variable, known, range_, scope, ask)
        except HeliographError as failure:
            options, error = (), failure.detail
        current = choose(variable, options, tuple(given.get(variable.name, ())), scope, unknown_options=bool(error))
        resolved[variable.name] = Resolved(variable, options, current, values_of(variable, options, current), error)
    return tuple(resolved[variable.name] for variable in dashboard.variables)


async def _options(
    variable: Variable, known: Chosen, range_: TimeRange, scope: Scope, ask: AskOptions
) -> tuple[VariableOption, ...]:
    if variable.type == "query":
        query = interpolate(variable.query, known, "text")
        found = await ask(variable.datasource or "", query, range_, scope)
        return tuple(sorted_options(filtered(found, variable.regex), variable.sort))
    if variable.type in ("custom", "interval", "datasource"):
        return tuple(custom_options(variable.query)) or tuple(VariableOption(one, one) for one in variable.options)
    return ()


def custom_options(text: str) -> Iterable[VariableOption]:
    """`a, b, Text : value`: commas between options, ` : ` between what is shown and what is put into queries."""
    for part in re.split(r"(?<!\\),", text):
        item = part.replace("\\,", ",").strip()
        if item:
            shown, separator, value = item.partition(" : ")
            yield VariableOption(value.strip(), shown.strip()) if separator else VariableOption(item, item)


def filtered(options: Sequence[VariableOption], regex: str) -> list[VariableOption]:
    """Options that match, as their first group where there is one; each once."""
    if not regex:
        return list(dict.fromkeys(options))
    try:
        pattern = re.compile(regex[1:-1] if len(regex) > 1 and regex[0] == regex[-1] == "/" else regex)
    except re.error as error:
        raise InvalidError(f"the variable's regular expression: {error}") from None
    kept = []
    for option in options:
        match = pattern.search(option.value[:1000])
        if match:
            value = match[1] if pattern.groups and match[1] is not None else option.value
            kept.append(VariableOption(value, value if value != option.value else option.text))
    return list(dict.fromkeys(kept))


def sorted_options(options: list[VariableOption], sort: int) -> list[VariableOption]:
    """As they come (0), by text (1, 2), number (3, 4), any case (5, 6), naturally (7, 8); even numbers: descending."""
    keys: Mapping[int, Callable[[VariableOption], Any]] = {
        1: lambda option: option.text,
        3: lambda option: float(match[0]) if (match := re.search(r"\d+", option.text)) else float("-inf"),
        5: lambda option: option.text.lower(),
        7: lambda option: [(not part.isdigit(), part.zfill(20)) for part in re.split(r"(\d+)", option.text)],
    }
    if not sort:
        return options
    return sorted(options, key=keys[sort - (sort % 2 == 0)], reverse=sort % 2 == 0)


def choose(
    variable: Variable,
    options: Sequence[VariableOption],
    given: tuple[str, ...],
    scope: Scope,
    *,
    unknown_options: bool = False,
) -> tuple[str, ...]:
    """What is chosen: what the address gives, else the dashboard's choice where it is an option, else the first.

    A value that is none of the options is InvalidError, unless the variable is a text box.
    """
    if variable.type == "constant":
        return (variable.query,)
    if variable.type == "textbox":
        return given[:1] or _current(variable) or (variable.query,)
    allowed = {option.value for option in options} | ({ALL} if variable.include_all else set())
    if given and not unknown_options:
        strange = [value for value in given if value not in allowed]
        if strange:
            raise InvalidError(
                f"{strange[0]!r} is not an option of ${variable.name}", path=f"$.variables.{variable.name}"
            )
        return (ALL,) if ALL in given else given[: MAX_VALUES if variable.multi else 1]
    current = tuple(value for value in _current(variable) if value in allowed)
    if current:
        return current
    if variable.include_all:
        return (ALL,)
    return (options[0].value,) if options else ()


def _current(variable: Variable) -> tuple[str, ...]:
    current = variable.current
    return (current,) if isinstance(current, str) else tuple(current or ())


def values_of(variable: Variable, options: Sequence[VariableOption], current: tuple[str, ...]) -> tuple[str, ...]:
    """The values that queries get: All is its custom text, or every option."""
    if current == (ALL,):
        if variable.all_value:
            return (Verbatim(variable.all_value),)
        return tuple(option.value for option in options)
    return current
