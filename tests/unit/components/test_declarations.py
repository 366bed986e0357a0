"""What forms are drawn from: every field of every declaration has a title, help, and a way to be drawn."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from heliograph.app.query_path import OPEN_KINDS
from heliograph.components.declarations import declarations
from heliograph.components.panels.registry import default_registry
from heliograph.datasources.sources.heliograph import HeliographSource
from heliograph.datasources.sources.store import StoreSource
from heliograph.datasources.transform.registry import TRANSFORMATIONS
from heliograph.declared import title_of

DOCUMENT = declarations(default_registry(), [*OPEN_KINDS, StoreSource, HeliographSource], TRANSFORMATIONS)
DEFINITIONS: Mapping[str, Any] = DOCUMENT["$defs"]
WIDGETS = {
    "unit",
    "color",
    "query",
    "datasource",
    "text",
    "zone",
    "json",
    "field",
    "index",
    "metric",
    "ref",
    "thresholds",
    "overrides",
}
FIELDS = [(name, field) for name, schema in DEFINITIONS.items() for field in schema.get("properties", {})]


def plain(schema: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The types that a value may have, references followed."""
    if "$ref" in schema:
        yield from plain(DEFINITIONS[schema["$ref"].rpartition("/")[2]])
    elif options := schema.get("anyOf") or schema.get("oneOf"):
        for one in options:
            yield from plain(one)
    else:
        yield schema


def test_a_default_that_is_made_anew_for_each_is_said_as_it_would_be_written() -> None:
    query = DEFINITIONS["ElasticQuery"]["properties"]
    assert query["by"]["default"] == [{"type": "date_histogram"}]
    assert query["metrics"]["default"] == [{"type": "count"}]
    assert "default" not in DEFINITIONS["Dashboard"]["properties"]["panels"]


@pytest.mark.parametrize(("model", "name"), FIELDS, ids=[".".join(one) for one in FIELDS])
def test_a_field_has_a_title_help_and_a_way_to_be_drawn(model: str, name: str) -> None:
    field = DEFINITIONS[model]["properties"][name]
    assert field.get("description", "").endswith((".", "…", "`")), "what it is for, as a sentence"
    titles = [field.get("title") or title_of(name)]
    assert all(title[0].isupper() or title == "id" for title in titles)
    assert name in DEFINITIONS[model].get("required", []) or "default" in field or "$ref" in field or has_factory(field)
    assert field.get("x-widget", "text") in WIDGETS
    assert set(field.get("x-choices", "").split()) <= set(DOCUMENT["choices"])
    kinds = {one.get("type", "choice" if "enum" in one or "const" in one else "any") for one in plain(field)}
    assert kinds <= {"string", "number", "integer", "boolean", "array", "object", "null", "choice", "any"}


def has_factory(field: Mapping[str, Any]) -> bool:
    """A list, mapping or part whose default is made anew each time: nothing stands in it."""
    return {one.get("type") for one in plain(field)} <= {"array", "object", "null"}


@pytest.mark.parametrize("model", [name for name, schema in DEFINITIONS.items() if "x-groups" in schema])
def test_groups_name_each_field_once(model: str) -> None:
    schema = DEFINITIONS[model]
    named = [name for group in schema["x-groups"] for name in group["fields"]]
    assert sorted(named) == sorted(schema["properties"])


def test_every_panel_type_has_groups() -> None:
    for panel in DOCUMENT["panels"]:
        assert "x-groups" in DEFINITIONS[panel["schema"]["$ref"].rpartition("/")[2]], panel["type"]


def test_overrides_may_set_options_that_there_are() -> None:
    for panel in DOCUMENT["panels"]:
        properties = DEFINITIONS[panel["schema"]["$ref"].rpartition("/")[2]]["properties"]
        assert set(panel["per_field"]) <= set(properties)


def test_units_are_named_once_each_in_a_category() -> None:
    units = DOCUMENT["choices"]["units"]
    assert len({one["value"] for one in units}) == len(units) > 250
    assert all(one["group"] and one["title"] for one in units)
    assert next(one for one in units if one["value"] == "bytes") == {
        "value": "bytes", "title": "12.1 KiB", "group": "Data",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("name", "title"),
    [("line_width", "Line width"), ("excludeByName", "Exclude by name"), ("url", "URL")],
)
def test_a_name_becomes_a_title(name: str, title: str) -> None:
    assert title_of(name) == title


def test_sources_with_tables_are_those_in_whose_sql_they_are_put_together() -> None:
    tabled = {one["kind"] for one in DOCUMENT["sources"] if one["has_tables"]}
    assert tabled == {"clickhouse", "mysql", "postgresql", "sqlalchemy"}
