"""Docs are held to the code."""

from __future__ import annotations

import re
import time
from pathlib import Path

from heliograph.alerting.notifiers.registry import default_kinds
from heliograph.app.api.query_request import QueryRequest
from heliograph.app.api.router import table
from heliograph.app.process.telemetry import Telemetry
from heliograph.app.settings import Settings
from heliograph.components.annotation_spec import AnnotationQuery
from heliograph.components.field_options import FieldOptions
from heliograph.components.panels.registry import default_registry
from heliograph.datasources.sources.network import NetworkGuard

DOCS = Path(__file__).parents[2] / "docs"


def test_every_setting_is_documented_and_nothing_else() -> None:
    rows = re.findall(r"^\| `(\w+)` \| (?:`(\w+)`|–) \|", (DOCS / "settings.md").read_text("utf-8"), re.MULTILINE)
    assert [key for key, _ in rows] == list(Settings.model_fields)
    assert all(variable in ("", f"HELIOGRAPH_{key.upper()}") for key, variable in rows)


def test_every_panel_type_and_option_is_documented() -> None:
    text = (DOCS / "panels.md").read_text("utf-8")
    registry = default_registry()
    common = text.split("## Field options\n")[1].split("\n## ")[0]
    for name in registry.names:
        own = text.split(f": `{name}`\n")[1].split("\n## ")[0]
        for option, field in registry.get(name).Options.model_fields.items():
            inherited = FieldOptions.model_fields.get(option)
            section = common if inherited is not None and inherited.description == field.description else own
            assert f"| `{option}` |" in section, (name, option)
            assert (field.description or "") in section, (name, option)


def test_every_key_of_an_annotation_query_is_documented() -> None:
    rows = re.findall(r"^\| (`.*?`) \|", (DOCS / "annotations.md").read_text("utf-8"), re.MULTILINE)
    assert {name for row in rows for name in re.findall(r"`(\w+)`", row)} == set(AnnotationQuery.model_fields)


def test_every_route_is_documented() -> None:
    text = (DOCS / "api.md").read_text("utf-8")
    for route in table().table:
        assert f"| {route.method} | `{route.path}` | {route.role} | {route.summary} |" in text


def test_every_field_of_a_query_is_documented() -> None:
    section = (DOCS / "api.md").read_text("utf-8").split("## Asking data sources")[1].split("\n## ")[0]
    for name, field in QueryRequest.model_fields.items():
        assert f"`{field.alias or name}`" in section or f'"{field.alias or name}"' in section, name


def test_every_metric_is_documented() -> None:
    text = (DOCS / "metrics.md").read_text("utf-8")
    for metric in Telemetry().registry.collect():
        if metric.name.startswith("heliograph_"):
            assert f"`{metric.name}" in text, metric.name


def test_every_page_of_the_docs_is_reached_from_the_readme() -> None:
    readme = (DOCS.parent / "README.md").read_text("utf-8")
    assert [page.name for page in DOCS.glob("*.md") if f"docs/{page.name}" not in readme] == []


def test_every_promise_of_security_names_a_test_that_there_is() -> None:
    text = (DOCS / "security.md").read_text("utf-8").split("## Promises")[1].split("\n## ")[0]
    rows = [line for line in text.splitlines() if line.startswith("| ")][1:]
    assert len(rows) > 10
    for row in rows:
        named = re.findall(r"`(tests/[\w/]+\.py|…)::(test_\w+)`", row)
        assert named, row
        assert len(named) == row.count("::"), row
        path = ""
        for place, name in named:
            path = path if place == "…" else place
            assert re.search(rf"^(async )?def {name}\(", (DOCS.parent / path).read_text("utf-8"), re.MULTILINE), row


def test_every_kind_of_contact_point_and_its_options_are_documented() -> None:
    text = (DOCS / "notifications.md").read_text("utf-8")
    for kind in default_kinds(NetworkGuard(()), time.time).all:
        assert f"| `{kind.kind}` |" in text
        assert all(f"`{secret}`" in text for secret in kind.secrets)
        for name, field in kind.Config.model_fields.items():
            assert f"| `{field.alias or name}` | {field.description} |" in text, (kind.kind, name)
