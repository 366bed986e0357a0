"""What a table says of how other columns are shown: its columns as unit, bounds, names, colours of theirs."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from pydantic import Field

from ...declared import Spec, hint
from ..scripttext import to_number
from .naming import Naming
from .reducing import Reducer
from .table import Column, Table, as_text

NAME, VALUE, LABEL, IGNORE = "field.name", "field.value", "field.label", "__ignore"
MOST_DECIMALS: Final = 15
LISTS: Final = ("mappings.value", "mappings.color", "mappings.text")


class Mapped(Spec):
    """What a column is used as: `max`, `min`, `unit`, `decimals`, `displayName`, `color`, `threshold1`, …"""

    fieldName: str = Field("", description="The column.")
    handlerKey: str | None = Field(
        None,
        title="Used as",
        description="What it is used as: `max`, `min`, `unit`, `decimals`, `displayName`, `color`, `threshold1`, …",
    )
    reducerId: Reducer | None = Field(
        None,
        title="Value",
        description="Which of its values counts; empty: the last.",
        json_schema_extra=hint(choices="reducers"),
    )
    handlerArguments: dict[str, Any] | None = Field(
        None, max_length=10, title="More", description="More of what it is used as, such as the colour of a threshold."
    )


@dataclass(frozen=True, slots=True)
class Use:
    """One column of the table, as what it is used, and how it becomes one value."""

    column: Column
    name: str
    key: str | None
    reducer: str
    color: str = "red"


def uses_of(table: Table, mappings: Sequence[Mapped], *, named: bool) -> list[Use]:
    """The columns with their uses: by mapping, else by name. `named`: the first text is a name, the first number a
    value where no mapping says so, and all that is left are labels.
    """
    naming, taken = Naming(), {one.handlerKey for one in mappings}
    found = []
    for column in table.columns:
        name = naming.of(column, table)
        mapping = next((one for one in mappings if one.fieldName == name), None)
        key = _known(mapping.handlerKey if mapping is not None else name.lower())
        if named and key is None and mapping is None:
            key = _automatic(column, taken)
        if key in (NAME, VALUE):
            taken = taken | {key}
        if named and key is None:
            key = LABEL
        reducer = (mapping.reducerId if mapping else None) or ("allValues" if key in LISTS else "lastNotNull")
        arguments = (mapping.handlerArguments if mapping else None) or {}
        color = (arguments.get("threshold") or {}).get("color") or "red"
        found.append(Use(column, name, key, reducer, str(color)))
    return found


def _known(key: str | None) -> str | None:
    return key if key in PLAIN or key in (NAME, VALUE, LABEL, IGNORE, "threshold1", *LISTS) else None


def _automatic(column: Column, taken: set[str | None]) -> str | None:
    if column.kind == "string" and NAME not in taken:
        return NAME
    return VALUE if column.kind == "number" and VALUE not in taken else None


def config_of(uses: Sequence[Use], values: Sequence[Any]) -> dict[str, Any]:
    """The settings that one row of values makes."""
    config: dict[str, Any] = {}
    lists: dict[str, list[Any]] = {}
    for use, value in zip(uses, values, strict=True):
        if value is None or use.key is None:
            continue
        if use.key in LISTS and isinstance(value, list):
            lists[use.key] = value
        elif use.key == "threshold1" and not math.isnan(number := _number(value)):
            steps = config.setdefault("thresholds", {"mode": "absolute", "steps": []})["steps"]
            steps.append({"value": number, "color": use.color})
        elif use.key in PLAIN and (made := PLAIN[use.key](value)) is not None:
            config[use.key] = made
    if "mappings.value" in lists:
        config["mappings"] = [_mapping(lists)]
    return config


def _mapping(lists: Mapping[str, list[Any]]) -> dict[str, Any]:
    colors, texts = lists.get("mappings.color", []), lists.get("mappings.text", [])
    options: dict[str, Any] = {}
    for index, value in enumerate(lists["mappings.value"]):
        if value is not None:
            pairs = {"color": colors[index : index + 1], "text": texts[index : index + 1]}
            options[as_text(value)] = {key: one[0] for key, one in pairs.items() if one} | {"index": index}
    return {"type": "value", "options": options}


def _number(value: Any) -> float:
    return math.nan if value == "" or isinstance(value, (list, dict)) else to_number(value)


def _finite(value: Any) -> float | None:
    number = _number(value)
    return None if math.isnan(number) else number


def _decimals(value: Any) -> int | None:
    number = _number(value)
    return int(number) if number == number // 1 and 0 <= number <= MOST_DECIMALS else None


PLAIN: Final[Mapping[str, Callable[[Any], Any]]] = {
    "max": _finite,
    "min": _finite,
    "unit": as_text,
    "decimals": _decimals,
    "displayName": as_text,
    "color": lambda value: {"fixedColor": value, "mode": "fixed"},
}
