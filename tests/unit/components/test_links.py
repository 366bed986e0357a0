"""Data links: what references stand for, and how values are written into addresses."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from heliograph.components.field_options import FieldOptions
from heliograph.components.fields import resolve
from heliograph.components.link_rows import rows_of
from heliograph.components.link_spec import Link
from heliograph.components.links import Place, links_of
from heliograph.components.panels.registry import default_registry
from heliograph.datasources.frame import Field, Frame
from heliograph.datasources.timerange import TimeRange

ROWS = json.loads((Path(__file__).parents[2] / "data" / "link_values.json").read_text("utf-8"))["rows"]


def href(reference: str, **changes: Any) -> str:
    column = Field.number("took", [1.5], {"host": "a b", "x": "1"})
    about: dict[str, Any] = {
        "value": 1.5,
        "text": "1.5 s",
        "time_ms": 1_722_492_000_123.0,
        **changes,
    }
    place = Place(Frame((column,)), column, "Took", **about)
    (made,) = links_of([Link(title="t", url=f"/x?{reference}", new_tab=False)], place)
    return str(made["href"]).removeprefix("/x?")


@pytest.mark.parametrize(("text", "spec", "expected"), ROWS)
def test_a_value_is_written_after_its_format(text: str, spec: str, expected: str) -> None:
    column = Field.number("v", [1.0], {"x": text})
    place = Place(Frame((column,)), column, "v")
    reference = "${__field.labels.x" + (f":{spec}" if spec else "") + "}"
    (made,) = links_of([Link(title="t", url=f"/x?{reference}", new_tab=False)], place)
    assert made["href"] == f"/x?{expected}"


@pytest.mark.parametrize(
    ("reference", "expected"),
    [
        ("${__value}", "1.5%20s"),
        ("$__value", "1.5%20s"),
        ("${__value.raw}", "1.5"),
        ("${__field.labels:raw}", 'host="a b", k8s.pod="p", x="1"'.replace(" ", "")),
        ("${__field.labels.__values:raw}&${__data.refId}", "1,ab,p&A"),
        ("${__value.text}", "1.5%20s"),
        ("${__value.time}", "1722492000123"),
        ("${__value.time:date:iso}", "2024-08-01T06:00:00.123Z"),
        ("${__field.displayName}", "Took"),
        ("${__field.labels.host:percentencode}", "a%20b"),
        ("${__field.labels.host}", "a%20b"),
        ("${__data.fields.shop}", "Z%C3%BCrich"),
        ('${__data.fields["shop"]}', "Z%C3%BCrich"),
        ("${__data.fields[1]}", "Z%C3%BCrich"),
        ("${__data.fields[1].text}", "Z%C3%BCrich"),
        ("${__data.fields.took}", "1.50%20s"),
        ("${__data.fields[2].text}", "1.50"),
        ("${__data.fields[2].numeric}", "1.5"),
        ("${__data.fields.id}", "6951419298100303058"),
        ("${__data.fields.k8s.pod.name}&${__data.fields.k8s.pod.name.text:raw}", "api-1&api-1"),
        ('${__field.labels.k8s.pod}&${__field.labels["k8s.pod"]}&${__field.labels.host.pod}', "p&p&"),
        ("${__data.fields.Time}", "1722492000123"),
        ("${__data.fields[9]}${__data.nope}${__data.fields.took.nope}", ""),
        ("${__user.login}&${__url.path}&$__timezone", "${__user.login}&${__url.path}&$__timezone"),
    ],
)
def test_references_stand_for_the_value_its_field_and_its_row(reference: str, expected: str) -> None:
    column = Field.number("took", [1.5], {"host": "a b", "x": "1", "k8s.pod": "p"})
    ids = Field.number("id", [6.951419298100303e18], exact=["6951419298100303058"])
    others = Field.time([1_722_492_000_123.0]), Field.string("shop", ["Zürich"])
    frame = Frame((*others, column, ids, Field.string("k8s.pod.name", ["api-1"])), name="cpu", ref="A", is_table=True)
    options = FieldOptions.model_validate(
        {"links": [{"title": "t", "url": "x"}], "overrides": [{"match": {"name": "took"}, "set": {"unit": "s"}}]}
    )
    (rows,) = rows_of(options, resolve(options, [frame])).values()
    place = Place(frame, column, "Took", 1.5, "1.5 s", 1_722_492_000_123.0, rows.at(0))
    (made,) = links_of([Link(title="t", url=f"/x?{reference}", new_tab=False)], place)
    assert made["href"] == f"/x?{expected}"


@pytest.mark.parametrize(("length", "links"), [(140, 1), (150, 0), (1_000_000, 0)])
def test_a_link_that_long_values_would_make_very_long_is_left_out(length: int, links: int) -> None:
    column = Field.string("text", ["x" * length])
    place = Place(Frame((column,)), column, "text", "x" * length)
    link = Link(title="${__value.raw}" * 10, url="/x?" + "${__value.raw}" * 140, new_tab=False)
    made = links_of([link], place)
    assert len(made) == links
    assert sum(len(str(one)) for one in made) < 50_000


def test_what_will_be_chosen_later_stays_for_the_page() -> None:
    assert href("${__value.time:date:iso}&${__field.labels.x}", later=True) == "${__value.time:date:iso}&1"


OF_KIND: dict[str, dict[str, Any]] = {"bar": {"sort": "value"}, "pie": {"sort": "value", "small": 0}}


@pytest.mark.parametrize("kind", ["stat", "gauge", "bargauge", "bar", "pie", "table"])
def test_every_panel_over_a_table_links_with_the_row_of_a_value(kind: str) -> None:
    shops = Field.string("shop", ["b", "a"])
    ids = Field.number("id", [1.0, 6.951419298100303e18], exact=[None, "6951419298100303058"])
    frame = Frame((shops, Field.number("sales", [7.0, 9.0]), ids), is_table=True, ref="A")
    panel = default_registry().get(kind)
    link = {"title": "t", "url": "/x?${__data.fields.shop}-${__data.fields[2]}"}
    given = {"overrides": [{"match": {"name": "sales"}, "set": {"links": [link]}}]}
    options = panel.Options.model_validate(given | OF_KIND.get(kind, {}))
    made = panel.columns(options, [frame], TimeRange(0, 1))
    cells = {name: list(column) for name, column in made.sources.get("rows", {}).items()}
    drawn = json.dumps([made.texts, cells])
    found = sorted(re.findall(r'"href": "/x\?([^"]*)"', drawn))
    assert found == ["a-6951419298100303058", "b-1"]
