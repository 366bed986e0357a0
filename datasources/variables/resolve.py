"""The variables of a view: their options, what is chosen, and the values that queries get."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from ...errors import HeliographError, InvalidError, SourceMissingError
from ...scope import Scope
from ..sources.base import VariableOption
from ..timerange import TimeRange
from .adhoc import MOST_FILTERS, Filters, read
from .adhoc import NONE as NONE_OF_THEM
from .choice import Choice, Rules, after_refresh, chosen_values, from_address
from .chosen import Chosen
from .declared import Variable
from .formats import ALL_VALUE
from .interpolation import Variables, interpolate_as, names_in
from .options import custom_options, query_options
from .order import automatic_interval, dependency_order

AUTO = "$__auto"
ADHOC = "adhoc"
AUTO_STEPS = 30
MAX_VALUES = 1000
SOME_OPTIONS = 1000  # more are made off the loop
SOME_TEXT = 20_000  # characters of custom options; longer ones are read off the loop
MAX_OPTIONS_SIZE = 4 * 2**20  # characters of the options of all variables of a dashboard: each page carries them
OPTION_SIZE = 20  # characters of an option beside its value and its text
NONE: Mapping[str, Chosen] = {}


class Asker(Protocol):
    """Who is asked for options."""

    async def ask(
        self, datasource: str, template: str, values: Mapping[str, Chosen], range_: TimeRange, scope: Scope
    ) -> Sequence[VariableOption]:
        """Those of a query in which values are filled."""

    async def sources(self, org: int, kind: str) -> Sequence[VariableOption]:
        """The data sources of a kind: uid and name."""


@dataclass(frozen=True, slots=True)
class Resolved:
    """One variable with its options, what is chosen of them (`$__all` for All), and the values that queries get."""

    variable: Variable
    options: tuple[VariableOption, ...]
    current: tuple[str, ...]
    values: Chosen
    error: str = ""

    def as_json(self) -> dict[str, Any]:
        """What a page must know of the variable to offer its options."""
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


async def resolve(
    variables: Sequence[Variable],
    given: Mapping[str, Sequence[str]],
    range_: TimeRange,
    scope: Scope,
    asker: Asker,
    *,
    aged: bool = False,
    around: Mapping[str, Chosen] = NONE,
) -> tuple[Resolved, ...]:
    """All variables for the values given in the address, in the order in which they were declared.

    `around` is what the dashboard says of itself (`of_dashboard`).

    A value that is none of the options is InvalidError, unless the variable is a text box; where the values may have
    `aged`, as those of a bookmark, it is left out, and where none is left the default holds.
    """
    by_name = {variable.name: variable for variable in variables}
    resolved: dict[str, Resolved] = {}
    room = MAX_OPTIONS_SIZE
    for name in dependency_order({name: _references(variable) for name, variable in by_name.items()}):
        known = {**around, **{done: one.values for done, one in resolved.items()}}
        asked = tuple(given.get(name, ()))
        made = await _resolve(by_name[name], asked, known, range_, scope, asker, room, aged=aged)
        resolved[name] = made
        room -= _size(made.options)
    return tuple(resolved[variable.name] for variable in variables)


def _size(options: Sequence[VariableOption]) -> int:
    return sum(len(option.value) + len(option.text) + OPTION_SIZE for option in options)


def _references(variable: Variable) -> Iterator[str]:
    """What must be known before its options can be."""
    if variable.type == ADHOC:
        return names_in(variable.datasource or "")
    return names_in([variable.query, variable.datasource or "", variable.regex])


async def _resolve(  # noqa: PLR0917 - all of them are what a variable depends on
    variable: Variable,
    given: tuple[str, ...],
    known: Mapping[str, Chosen],
    range_: TimeRange,
    scope: Scope,
    asker: Asker,
    room: int,
    *,
    aged: bool,
) -> Resolved:
    if variable.type == ADHOC:
        return _filters(variable, given, known, aged=aged)
    rules = Rules(multi=variable.multi, include_all=variable.include_all, all_value=variable.all_value or "")
    error = ""
    options: tuple[VariableOption, ...] = ()
    try:
        options = await _options(variable, known, range_, scope, asker)
        if _size(options) > room:
            options = ()
            raise InvalidError(f"the options of all variables are more than {MAX_OPTIONS_SIZE >> 20} MB together")
    except SourceMissingError as failure:
        if variable.type == "datasource":  # what was stored names none either
            return Resolved(variable, (), (), Chosen((), missing=failure.detail), failure.detail)
        error = failure.detail
    except HeliographError as failure:
        error = failure.detail
    if not error and variable.type not in ("constant", "textbox"):
        if variable.type == "datasource":
            given = _by_uid(given, options)
        strange = [value for value in given if value not in _allowed(options, rules)]
        if strange and not aged:
            raise InvalidError(
                f"{strange[0]!r} is not an option of ${variable.name}", path=f"$.variables.{variable.name}"
            )
        given = tuple(value for value in given if value not in strange)
    choice = _choice(variable, options, given, rules, unknown_options=bool(error))
    values = chosen_values(choice, options, rules)
    if variable.type == "interval" and choice.value == AUTO:
        values = Chosen((automatic_interval(range_.span_ms, AUTO_STEPS, ""),), single=True)
    current = (choice.value,) if isinstance(choice.value, str) else choice.value
    offered = {option.value for option in options}  # an empty text may be one
    return Resolved(variable, options, tuple(value for value in current if value or value in offered), values, error)


def _filters(variable: Variable, given: tuple[str, ...], known: Mapping[str, Chosen], *, aged: bool) -> Resolved:
    """The filters that the address gives, else those of the dashboard; NONE_OF_THEM is none at all."""
    wanted = [text for text in (given or _current(variable)) if text not in ("", NONE_OF_THEM)]
    good = tuple(text for text in wanted if read(text) is not None)[:MOST_FILTERS]
    if len(good) < len(wanted) and not aged:
        raise InvalidError(f"${variable.name} has filters such as job|=|api", path=f"$.variables.{variable.name}")
    try:
        source, error = source_named(variable.datasource, known), ""
    except SourceMissingError as failure:
        source, error = "", failure.detail
    return Resolved(variable, (), good, Filters.of(() if error else good, source), error)


async def _options(
    variable: Variable, known: Mapping[str, Chosen], range_: TimeRange, scope: Scope, asker: Asker
) -> tuple[VariableOption, ...]:
    regex = interpolate_as(variable.regex, known, "regex")
    if variable.type == "query":
        source = source_named(variable.datasource, known)
        found = await asker.ask(source, variable.query, known, range_, scope)
        if regex or len(found) > SOME_OPTIONS:
            return tuple(await asyncio.to_thread(query_options, found, regex, variable.sort))
        return tuple(query_options(found, regex, variable.sort))
    if variable.type == "datasource":
        found = await asker.sources(scope.org, variable.query)
        return tuple(query_options(found, regex, variable.sort, "text"))
    if variable.type in ("custom", "interval"):
        text = interpolate_as(variable.query, known, "csv")
        found = await asyncio.to_thread(custom_options, text) if len(text) > SOME_TEXT else custom_options(text)
        return tuple(found) or tuple(VariableOption(one, one) for one in variable.options)
    return ()


def source_named(template: str | None, values: Variables) -> str:
    """The data source that a text with references names; SourceMissingError where its variable names none."""
    name = interpolate_as(template, values, "csv") if template else ""
    if template and not name:
        whys = (one.missing for name in names_in(template) if isinstance(one := values.get(name), Chosen))
        raise SourceMissingError(next(filter(None, whys), f"{template} names no data source"))
    return name


def _by_uid(given: Sequence[str], options: Sequence[VariableOption]) -> tuple[str, ...]:
    """Data sources by their uids where an address has their names."""
    uids = {**{option.text: option.value for option in options}, **{option.value: option.value for option in options}}
    return tuple(uids.get(value, value) for value in given)


def _choice(
    variable: Variable,
    options: Sequence[VariableOption],
    given: tuple[str, ...],
    rules: Rules,
    *,
    unknown_options: bool,
) -> Choice:
    """What is chosen: what the address gives, else the dashboard's choice where it is an option, else the default."""
    if variable.type == "constant":
        return Choice(variable.query, variable.query)
    if variable.type == "textbox":
        text = (given or _current(variable) or (variable.query,))[0]
        return Choice(text, text)
    if unknown_options:
        return _of_unknown(variable, given, rules)
    if given:
        return from_address(given[:MAX_VALUES] if variable.multi else given[0], options, rules)
    current = _current(variable)
    if not current and variable.include_all:
        return Choice(ALL_VALUE, "All")
    before: str | tuple[str, ...] = current if variable.multi else (current or ("",))[0]
    return after_refresh(Choice(before, before), options, rules)


def _of_unknown(variable: Variable, given: tuple[str, ...], rules: Rules) -> Choice:
    """Where the options cannot be had: what the dashboard's author stored, or All, whatever the address gives."""
    current = _current(variable)
    known = {*current, *((ALL_VALUE, "All") if rules.include_all else ())}
    wanted = given if given and known.issuperset(given) else current
    if not wanted:
        return after_refresh(Choice("", ""), (), rules)
    return from_address(wanted if variable.multi else wanted[0], (), rules)


def _allowed(options: Sequence[VariableOption], rules: Rules) -> set[str]:
    """The values that an address may give."""
    allowed = {option.value for option in options}
    if rules.include_all:
        allowed |= {ALL_VALUE, "All", *([rules.all_value] if rules.all_value else [])}
    return allowed


def _current(variable: Variable) -> tuple[str, ...]:
    current = variable.current
    return (current,) if isinstance(current, str) else tuple(current or ())
