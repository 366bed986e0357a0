"""What forms say of a wrong value: every field of all that is declared refuses one, by its path and in plain words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, get_args

import pytest
from pydantic import BaseModel, ValidationError

from heliograph.alerting.rules.declared import Rule
from heliograph.app.query_path import OPEN_KINDS
from heliograph.components.annotation_spec import AnnotationQuery
from heliograph.components.panel_spec import Panel, Target
from heliograph.components.panels.registry import default_registry
from heliograph.components.spec import Dashboard
from heliograph.datasources.expressions.declared import Expression
from heliograph.datasources.sources.base import Source
from heliograph.datasources.sources.heliograph import HeliographSource
from heliograph.datasources.sources.store import StoreSource
from heliograph.datasources.transform.registry import TRANSFORMATIONS
from heliograph.faults import form_of, invalid

KINDS: list[type[Source]] = [*OPEN_KINDS, StoreSource, HeliographSource]
PANELS = default_registry()
ROOTS: list[type[BaseModel]] = [
    *(Dashboard, Panel, Target, AnnotationQuery, Rule),
    *(PANELS.get(name).Options for name in PANELS.names),
    *(one for kind in KINDS for one in (kind.Config, kind.Target, kind.Query) if one is not None),
    *(step.Options for step in TRANSFORMATIONS),
    *get_args(Expression),
]
# What pydantic says of itself and of Python.
FOREIGN = re.compile(
    r"\d\.0\b|Input|String should|Value error|instance of|dictionary|tuple|validation|should (be|have|match)"
)
OF_KIND: list[tuple[str, Any]] = [
    ("object", {"nobody": "knows this\0"}),
    ("array", [[]]),
    ("string", "nonsense\0"),
    ("boolean", True),
    ("number", 12345.25),
]


def parts(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for one in get_args(annotation):
        yield from parts(one)


def models() -> Mapping[type[BaseModel], None]:
    """All that is declared, and what that is made of."""
    found: dict[type[BaseModel], None] = {}
    wanted = list(ROOTS)
    while wanted:
        model = wanted.pop()
        if model not in found:
            found[model] = None
            wanted += [one for field in model.model_fields.values() for one in parts(field.annotation)]
    return found


def plain(schema: Mapping[str, Any], definitions: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The types that a value may have, references followed."""
    if "$ref" in schema:
        yield from plain(definitions[schema["$ref"].rpartition("/")[2]], definitions)
    elif options := schema.get("anyOf") or schema.get("oneOf"):
        for one in options:
            yield from plain(one, definitions)
    else:
        yield schema


def wrong(types: list[Mapping[str, Any]]) -> Iterator[Any]:
    """Values beyond the bounds of what a field takes, one of each kind of bound."""
    kinds = {one.get("type", "choice" if "enum" in one or "const" in one else "any") for one in types}
    if "any" in kinds:
        return
    taken = kinds | ({"number"} if "integer" in kinds and "number" not in kinds else set())
    yield from [value for kind, value in OF_KIND if kind not in taken][:1]
    for one in types:
        bounds = [("maximum", 1), ("minimum", -1), ("exclusiveMinimum", 0), ("exclusiveMaximum", 0)]
        yield from (one[name] + beyond for name, beyond in bounds if name in one)
        if one.get("type") == "string" and kinds <= {"string", "null"}:
            yield from ["x" * (one["maxLength"] + 1)] if "maxLength" in one else []
            yield from [""] if one.get("minLength") else []
            yield from ["\0 ?"] if "pattern" in one or "enum" in one else []


def fields(model: type[BaseModel]) -> Iterator[tuple[str, list[Any]]]:
    """The fields of a model, each with values that it does not take."""
    schema = model.model_json_schema()
    for name, field in schema.get("properties", {}).items():
        values = list(wrong(list(plain(field, schema.get("$defs", {})))))
        # A source's name may also be the object that Grafana has for it.
        yield name, [one for one in values if name != "datasource" or not isinstance(one, dict)]


@pytest.mark.parametrize("model", models(), ids=lambda model: f"{model.__module__.rpartition('.')[2]}.{model.__name__}")
def test_a_wrong_value_is_refused_by_the_path_of_its_field_in_plain_words(model: type[BaseModel]) -> None:
    for name, values in fields(model):
        for value in values:
            with pytest.raises(ValidationError) as found:
                model.model_validate({name: value})
            told = {one["path"]: one["detail"] for one in invalid(found.value).extra["faults"]}
            mine = [detail for path, detail in told.items() if re.match(rf"\$\.{re.escape(name)}\b", path)]
            assert mine, (name, value, told)
            for detail in mine:
                assert len(detail) > 3
                assert not FOREIGN.search(detail), (name, value, detail)


def test_the_walk_is_of_every_field_that_takes_not_just_anything() -> None:
    found = [(model, name, values) for model in models() for name, values in fields(model)]
    assert len(found) > 700
    assert sum(1 for _, _, values in found if values) > 0.9 * len(found)


@pytest.mark.parametrize(
    ("pattern", "form"),
    [
        (r"^[A-Za-z_][A-Za-z0-9_]{0,63}$", "letters, digits and _, a letter or _ first, at most 64 of them"),
        (r"^[A-Za-z0-9_-]{1,64}$", "letters, digits, _ and -, at most 64 of them"),
        (r"^[a-z0-9-]*$", "lower-case letters, digits and - alone"),
        (r"^(list|hidden)$", "list or hidden"),
        (r"^(a|b|c)$", "one of a, b or c"),
        (r"^#\d+$", r"a text of the form ^#\d+$"),
    ],
)
def test_a_pattern_is_said_in_words(pattern: str, form: str) -> None:
    assert form_of(pattern) == form
