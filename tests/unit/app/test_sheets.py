"""The data of panels as CSV, Arrow and JSON."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from heliograph.app.share.sheets import arrow_of, cell, csv_of, iso_time, json_of, sheet_of
from heliograph.datasources.frame import Field, Frame
from heliograph.errors import InvalidError, NotFoundError

CASES = json.loads((Path(__file__).parents[2] / "data" / "csv_cells.json").read_text("utf-8"))
A = Frame.series([0, 1000], [1.5, np.nan], name="a")
B = Frame.series([1000, 2000], [2, 3], name="b")
ROWS = Frame(
    (
        Field.time([0.0, np.nan], "at"),
        Field.number("id", [1.0, 2.0**63], exact=[None, "9223372036854775808"]),
        Field.string("name", ["=x", None]),
        Field.boolean("ok", [True, None]),
    ),
    is_table=True,
)


@pytest.mark.parametrize(("value", "text"), CASES)
def test_a_cell_is_quoted_where_it_must_be_and_runs_nowhere(value: Any, text: str) -> None:
    assert cell(value) == text


def test_series_stand_side_by_side_over_time() -> None:
    assert csv_of(sheet_of([A, B])).decode().splitlines() == [
        "Time,a,b",
        "1970-01-01T00:00:00.000Z,1.5,",
        "1970-01-01T00:00:01.000Z,,2",
        "1970-01-01T00:00:02.000Z,,3",
    ]


def test_series_without_instants_in_common_make_no_table_of_any_size() -> None:
    many = [Frame.series([float(number)], [1.0], name=str(number)) for number in range(3000)]
    with pytest.raises(InvalidError, match="3000 rows of 3001 columns"):
        sheet_of(many)


def test_series_of_one_name_are_told_apart() -> None:
    assert [column.name for column in sheet_of([A, A])] == ["Time", "a", "a_2"]


def test_a_table_keeps_its_digits_its_days_and_what_is_missing() -> None:
    assert csv_of(sheet_of([ROWS])).decode().splitlines() == [
        "at,id,name,ok",
        "1970-01-01T00:00:00.000Z,1,'=x,true",
        ",9223372036854775808,,",
    ]
    assert json.loads(json_of(sheet_of([ROWS]))) == {
        "columns": [
            {"name": "at", "type": "time"},
            {"name": "id", "type": "number"},
            {"name": "name", "type": "string"},
            {"name": "ok", "type": "boolean"},
        ],
        "rows": [[0, 1, "=x", True], [None, "9223372036854775808", None, None]],
    }


def test_arrow_has_types() -> None:
    table = pa.ipc.open_file(arrow_of(sheet_of([ROWS]))).read_all()
    assert [str(field.type) for field in table.schema] == ["timestamp[ms, tz=UTC]", "double", "string", "bool"]
    assert table.column("at").null_count == 1
    assert table.column("name").to_pylist() == ["=x", None]


def test_one_of_several_tables_is_named_by_its_number() -> None:
    other = Frame((Field.string("other", ["x"]),))
    assert [column.name for column in sheet_of([ROWS, A, other], 1)] == ["other"]
    for frames, number in (([ROWS], 1), ([A], 1), ([], 0)):
        with pytest.raises(NotFoundError):
            sheet_of(frames, number)


def test_instants_are_written_as_pages_write_them() -> None:
    assert iso_time(1_710_320_300_250.0) == "2024-03-13T08:58:20.250Z"
    assert iso_time(float("nan")) == ""
    assert iso_time(1e300) == "1e+300"
