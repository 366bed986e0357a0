"""What is wrong with a value, in words that people read beside its field: `at most 10`, `a whole number`."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from .errors import InvalidError
from .jsonpath import cut, json_path

MAX_FAULTS: Final = 20  # that are named of one document
MAX_DETAIL: Final = 500  # characters of a fault
FIELD: Final = re.compile(r"[a-z][a-z0-9_]*")
OWN: Final = "Value error, "  # before what a validator of ours says
Context = Mapping[str, Any]
WORDS: Final[Mapping[str, str]] = {
    "bool_parsing": "true or false",
    "bool_type": "true or false",
    "dict_type": "an object",
    "extra_forbidden": "there is no field of this name",
    "finite_number": "a finite number",
    "float_parsing": "a number",
    "float_type": "a number",
    "frozen_set_type": "a list",
    "int_from_float": "a whole number",
    "int_parsing": "a whole number",
    "int_parsing_size": "a smaller number",
    "int_type": "a whole number",
    "is_instance_of": "an object",
    "list_type": "a list",
    "mapping_type": "an object",
    "missing": "this is missing",
    "model_attributes_type": "an object",
    "model_type": "an object",
    "none_required": "null, or nothing at all",
    "set_type": "a list",
    "string_type": "a text",
    "string_unicode": "a text",
    "tuple_type": "a list",
}
BOUNDS: Final[Mapping[str, Callable[[Context], str]]] = {
    "enum": lambda told: _one_of(told["expected"]),
    "greater_than": lambda told: f"more than {_number(told['gt'])}",
    "greater_than_equal": lambda told: f"at least {_number(told['ge'])}",
    "less_than": lambda told: f"less than {_number(told['lt'])}",
    "less_than_equal": lambda told: f"at most {_number(told['le'])}",
    "literal_error": lambda told: _one_of(told["expected"]),
    "multiple_of": lambda told: f"a multiple of {_number(told['multiple_of'])}",
    "string_pattern_mismatch": lambda told: form_of(told["pattern"]),
    "string_too_long": lambda told: f"at most {_many(told['max_length'], 'character')}",
    "string_too_short": lambda told: _least(told["min_length"], "character"),
    "too_long": lambda told: f"at most {_many(told['max_length'], 'item')}",
    "too_short": lambda told: _least(told["min_length"], "item"),
    "union_tag_invalid": lambda told: f"{told['discriminator'].strip(chr(39))}: one of {told['expected_tags']}",
    "union_tag_not_found": lambda told: f"{told['discriminator'].strip(chr(39))} is missing",
}
CHOICES = re.compile(r"\^\(([\w-]+(?:\|[\w-]+)*)\)\$")
LETTERS = re.compile(r"\^(?:\[((?:[^\]\\]|\\.)+)\])?\[((?:[^\]\\]|\\.)+)\](\*|\+|\{\d+,\d+\})\$")
RUNS: Final = (("A-Za-z", "letters"), ("a-z", "lower-case letters"), ("0-9", "digits"))


def invalid(error: ValidationError, prefix: Sequence[int | str] = ()) -> InvalidError:
    """Pydantic's faults as one InvalidError: the first in `path` and `detail`, some in `extra["faults"]`."""
    faults = [
        {
            "path": json_path([*prefix, *location(fault)]),
            "detail": cut(said(fault), MAX_DETAIL),
        }
        for fault in error.errors(include_url=False, include_input=False)[:MAX_FAULTS]
    ]
    first = faults[0]
    return InvalidError(f"{first['path']}: {first['detail']}", path=first["path"], faults=faults)


def said(fault: ErrorDetails) -> str:
    """A fault of a ValidationError in words of ours; what is not known here stays in pydantic's."""
    kind, told = fault["type"], fault.get("ctx", {})
    if kind in WORDS:
        return WORDS[kind]
    return BOUNDS[kind](told) if kind in BOUNDS and told else fault["msg"].removeprefix(OWN)


def location(fault: ErrorDetails) -> tuple[int | str, ...]:
    """Where it stands; a validator of a whole value begins its words with the name of the field."""
    name, colon, _ = fault["msg"].removeprefix(OWN).partition(": ")
    named = bool(colon) and fault["type"] == "value_error" and FIELD.fullmatch(name) is not None
    return (*fault["loc"], name) if named and name not in fault["loc"][-1:] else fault["loc"]


def form_of(pattern: str) -> str:
    """What texts that a pattern takes are made of: `letters, digits and _, at most 16 of them`."""
    if found := CHOICES.fullmatch(pattern):
        return _one_of(" or ".join(found[1].rsplit("|", 1)).replace("|", ", "))
    if (found := LETTERS.fullmatch(pattern)) is None:
        return f"a text of the form {pattern}"
    first, rest, count = found.groups()
    least, most = map(int, count[1:-1].split(",")) if count.startswith("{") else (int(count == "+"), 0)
    most += most and first is not None
    told = [_listed(rest, "and"), *([f"a {_listed(first, 'or')} first"] if first else [])]
    told += [f"at most {most} of them"] if most else []
    return ", ".join(told) if least or first or most else f"{told[0]} alone"


def _listed(characters: str, word: str) -> str:
    """A class of characters: `A-Za-z0-9_` is `letters, digits and _`."""
    names = []
    for run, name in RUNS:
        if run in characters:
            characters = characters.replace(run, "", 1)
            names.append(name if word == "and" else name.removesuffix("s"))
    names += characters.replace("\\", "")
    return f" {word} ".join(filter(None, [", ".join(names[:-1]), names[-1]]))


def _one_of(expected: str) -> str:
    return f"one of {expected}" if "," in expected else expected


def _number(bound: Any) -> Any:
    """A bound as people write it: `1`, and not `1.0`."""
    return int(bound) if isinstance(bound, float) and bound.is_integer() else bound


def _many(count: int, thing: str) -> str:
    return f"{count} {thing}" if count == 1 else f"{count} {thing}s"


def _least(count: int, thing: str) -> str:
    return "this may not be empty" if count == 1 else f"at least {_many(count, thing)}"
