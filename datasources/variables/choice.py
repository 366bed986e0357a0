"""What is chosen of a variable: after its options changed, after a person picked, and in the address of a view."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from ..sources.base import VariableOption
from .chosen import Chosen, Verbatim
from .formats import ALL_TEXT, ALL_VALUE
from .options import Option


@dataclass(frozen=True, slots=True)
class Rules:
    """What may be chosen: several values, All, All where nothing else is left; and the text that All writes."""

    multi: bool = False
    include_all: bool = False
    default_to_all: bool = False
    all_value: str = ""


@dataclass(frozen=True, slots=True)
class Choice:
    """What is chosen and what a person sees for it: one of each, or as many texts as values. All is `$__all`."""

    value: str | tuple[str, ...]
    text: str | tuple[str, ...]

    @property
    def is_all(self) -> bool:
        """Whether all options are chosen by the one word for it."""
        return self.value == ALL_VALUE or (isinstance(self.value, tuple) and ALL_VALUE in self.value[:1])


ALL: Final = Choice(ALL_VALUE, ALL_TEXT)


def after_refresh(choice: Choice, options: Sequence[VariableOption], rules: Rules) -> Choice:
    """What stays chosen once the options are these: what still is one of them, else the default."""
    if not options:
        return _of_nothing(rules)
    if choice.is_all:
        if rules.include_all:
            return Choice(choice.value, ALL_TEXT)
        return _first(options, rules)
    if rules.multi:
        wanted = (choice.value,) if isinstance(choice.value, str) else choice.value
        texts = {option.value: option.text for option in reversed(options)}
        kept = tuple(value for value in wanted if value in texts)
        return Choice(kept, tuple(texts[value] for value in kept)) if kept else _default(options, rules)
    same = next((option for option in options if option.value == choice.value), None)
    # A renamed value keeps its text: the last option with that text is what was meant.
    same = same or next((option for option in reversed(options) if option.text == choice.text), None)
    return Choice(same.value, same.text) if same else _default(options, rules)


def picked(values: str | Sequence[str], options: Sequence[VariableOption], rules: Rules) -> Choice:
    """What a person's pick means: All picked last drops the rest, a value picked after All drops All."""
    if isinstance(values, str):
        return Choice(values, _text_of(values, options))
    if not values:
        return _default(options, rules)
    chosen = tuple(values)
    if chosen[-1] == ALL_VALUE:
        chosen = (ALL_VALUE,)
    elif chosen[0] == ALL_VALUE:
        chosen = chosen[1:]
    return Choice(chosen, tuple(_text_of(value, options) for value in chosen))


def from_address(values: str | Sequence[str], options: Sequence[VariableOption], rules: Rules) -> Choice:
    """What `var-x=…` of an address chooses, the text `All` and All's own text being All."""
    means_all = {ALL_TEXT, rules.all_value} - {""} if rules.include_all else set()
    if isinstance(values, str):
        return picked(ALL_VALUE if values in means_all else values, options, rules)
    return picked([ALL_VALUE if value in means_all else value for value in values], options, rules)


def to_address(choice: Choice, rules: Rules) -> str | list[str]:
    """The value of `var-x` in an address: a list where the variable takes several."""
    if isinstance(choice.value, tuple):
        return list(choice.value)
    return [choice.value] if rules.multi else choice.value


def chosen_values(choice: Choice, options: Sequence[VariableOption], rules: Rules) -> Chosen:
    """The values that queries get: All is its own text where it has one, else every option."""
    if choice.is_all:
        if rules.all_value:
            return Chosen((Verbatim(rules.all_value),), everything=True)
        return _with_options([option.value for option in options], options, rules, everything=True)
    values = [choice.value] if isinstance(choice.value, str) else list(choice.value)
    return _with_options(values, options, rules, everything=False)


def _with_options(
    values: Sequence[str], options: Sequence[VariableOption], rules: Rules, *, everything: bool
) -> Chosen:
    by_value = {option.value: option for option in reversed(options)}
    properties = [option.properties if isinstance(option := by_value.get(value), Option) else {} for value in values]
    return Chosen(
        values,
        single=not rules.multi,
        everything=everything,
        texts=[_text_of(value, options) for value in values],
        properties=properties if any(properties) else (),
    )


def _of_nothing(rules: Rules) -> Choice:
    if rules.include_all or rules.default_to_all:
        return ALL
    return Choice((), ()) if rules.multi else Choice("", "")


def _default(options: Sequence[VariableOption], rules: Rules) -> Choice:
    if rules.default_to_all:
        return Choice((ALL_VALUE,), (ALL_TEXT,)) if rules.multi else ALL
    return _first(options, rules) if options else Choice((), ()) if rules.multi else Choice("", "")


def _first(options: Sequence[VariableOption], rules: Rules) -> Choice:
    first = options[0]
    return Choice((first.value,), (first.text,)) if rules.multi else Choice(first.value, first.text)


def _text_of(value: str, options: Sequence[VariableOption]) -> str:
    if value == ALL_VALUE:
        return ALL_TEXT
    return next((option.text for option in options if option.value == value), value)
