"""The base of all that people declare in JSON: dashboards, variables, targets, options, rules.

A declaration is also its form: each field has a title (made of its name where none is given), a `description` that is
its help, bounds or choices, and a default. `GROUPS` says in which order and under which headings a form shows the
fields; `hint` names what the page draws a field with where its type does not say so.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Final, cast

from pydantic import BaseModel, ConfigDict
from pydantic.config import JsonDict
from pydantic.fields import ComputedFieldInfo, FieldInfo

STORED: Final[dict[str, Any]] = {"stored": True}  # the context of validating what was saved before, perhaps long ago
WORD: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
Groups = Mapping[str, Sequence[str]]
SHORT: Final[Mapping[str, str]] = {
    "url": "URL",
    "id": "id",
    "ms": "ms",
    "sql": "SQL",
    "json": "JSON",
    "ca": "CA",
    "datasource": "data source",
}


def title_of(name: str, _: FieldInfo | ComputedFieldInfo | None = None) -> str:
    """What a field is called in forms: `line_width` and `lineWidth` are `Line width`."""
    words = [SHORT.get(word.lower(), word.lower()) for word in WORD.findall(name)]
    text = " ".join(words)
    return text[:1].upper() + text[1:]


def hint(widget: str = "", **more: Any) -> dict[str, Any]:
    """How a form draws a field: `json_schema_extra` of it.

    `widget`: unit, color, zone, query, datasource, metric, field, index, ref, text (of several lines), thresholds,
    overrides, json. `names`: what choices are called by their value. `choices`: a list of the declarations' by name.
    `when`: the values of other fields with which it means something. `unit`: what a number counts.
    """
    own = {"x-widget": widget} if widget else {}
    return own | {f"x-{name}": value for name, value in more.items()}


def _grouped(schema: JsonDict, kind: type[Any]) -> None:
    """The groups of a declaration in its JSON schema, its own before those of its bases."""
    found: dict[str, list[str]] = {}
    for base in cast("type[Spec]", kind).__mro__:
        for title, fields in base.__dict__.get("GROUPS", {}).items():
            kept = found.setdefault(title, [])
            kept += [name for name in fields if not any(name in names for names in found.values())]
    properties = schema.get("properties", {})
    groups = [{"title": title, "fields": list(names)} for title, names in found.items() if names]
    if groups and isinstance(properties, dict):
        schema["x-groups"] = cast("Any", groups)
    if ways := cast("type[Spec]", kind).ONE_OF:
        schema["x-one-of"] = [{"title": title, "fields": list(names)} for title, names in ways.items()]


class Spec(BaseModel):
    """Base of all declarations: unknown keys are faults, not silence."""

    model_config = ConfigDict(extra="forbid", field_title_generator=title_of, json_schema_extra=_grouped)

    # Headings of its form, each with names of fields in their order.
    GROUPS: ClassVar[Groups] = {}
    # Where a value is said in exactly one of several ways: what each is called, and its fields.
    ONE_OF: ClassVar[Groups] = {}
