"""Options as our panel types take them: those at fault are taken out, with a note."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from pydantic import ValidationError

from ..panels.base import PanelOptions
from .given import Notes

MAX_FAULTS: Final = 200  # of one panel's options


def fitting(checks: type[PanelOptions], options: dict[str, Any], notes: Notes) -> dict[str, Any]:
    """The options without those that the type does not take."""
    for _ in range(MAX_FAULTS):
        try:
            checks.model_validate(options)
        except ValidationError as error:
            fault = error.errors()[0]
            options = _without(options, fault["loc"])
            where = ".".join(str(one) for one in fault["loc"])
            notes.say(f"options.{where}", f"is left out: {fault['msg'].removeprefix('Value error, ')}")
        else:
            return {key: value for key, value in options.items() if value is not None}
    return {}


def _without(options: dict[str, Any], place: Sequence[int | str]) -> dict[str, Any]:
    """The options without the one at fault; of an override its setting, of a list its entry."""
    name, rest = str(place[0]) if place else "", place[1:]
    value = options.get(name)
    if not name or not isinstance(value, list) or not rest or not isinstance(rest[0], int):
        return {key: one for key, one in options.items() if key != name}
    at = rest[0]
    if name == "overrides" and len(rest) > 2 and rest[1] == "set":
        entry = value[at]
        kept = {key: one for key, one in entry["set"].items() if key != rest[2]}
        entries = [*value[:at], *([{**entry, "set": kept}] if kept else []), *value[at + 1 :]]
    else:
        entries = [*value[:at], *value[at + 1 :]]
    return {**options, name: entries}
