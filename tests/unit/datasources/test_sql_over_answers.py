"""SQL over answers: which targets it names, and what its tables and its rows are."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from heliograph.datasources.expressions.declared import expression_of
from heliograph.datasources.expressions.filling import filled
from heliograph.datasources.expressions.sql_names import tables_in
from heliograph.datasources.expressions.sql_tables import arrow_of
from heliograph.datasources.frame import Field, Frame
from heliograph.datasources.variables.chosen import Chosen
from heliograph.errors import InvalidError, SourceError


@pytest.mark.parametrize(
    ("sql", "names"),
    [
        ("SELECT a.host, a.value / b.value AS share FROM A a JOIN B b USING (host)", "A B"),
        ("SELECT B, C FROM A, B WHERE x IN (1, D)", "A B"),
        ("WITH B AS (SELECT * FROM A) SELECT * FROM B", "A"),
        ("WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t) SELECT * FROM t, A", "A"),
        ("SELECT extract(year FROM time), x IS DISTINCT FROM y FROM A", "A"),
        ("SELECT * FROM (SELECT * FROM A) x LEFT JOIN (B JOIN C USING (k)) ON true", "A B C"),
        ("FROM A SELECT 'FROM B' -- FROM C", "A"),
        ('SELECT * FROM "A" /* FROM B */, range(3) r, information_schema.tables', "A"),
        ("SELECT (SELECT max(v) FROM B) FROM A ORDER BY 1, C", "A B"),
        ("SELECT * FROM A UNION ALL SELECT * FROM B", "A B"),
    ],
)
def test_the_targets_that_a_select_names(sql: str, names: str) -> None:
    assert tables_in(sql) == frozenset(names.split())


@pytest.mark.parametrize("sql", ["SELECT 1", "SELECT * FROM A, a", "", "x" * 10_001])
def test_sql_that_is_over_nothing_is_refused(sql: str) -> None:
    with pytest.raises(InvalidError):
        expression_of({"type": "sql", "query": sql})


def test_values_of_variables_are_literals() -> None:
    chosen = {"host": Chosen(("a' OR 1=1 --",), single=True)}
    asked = filled({"type": "sql", "query": "SELECT * FROM A WHERE host = $host"}, chosen, ["A"])
    assert asked["query"] == "SELECT * FROM A WHERE host = 'a'' OR 1=1 --'"


def read(data: bytes) -> pa.Table:
    return pa.ipc.open_stream(data).read_all()


def test_series_are_one_table_with_their_labels() -> None:
    frames = [
        Frame.series([0.0, 1000.0], [1.0, np.nan], labels={"host": "a"}),
        Frame.series([1000.0], [3.0], labels={"host": "b", "job": "n"}),
    ]
    table = read(arrow_of({"A": frames})["A"])
    assert table.column_names == ["time", "value", "host", "job"]
    assert table.column("value").to_pylist() == [1.0, None, 3.0]
    assert table.column("job").to_pylist() == [None, None, "n"]
    assert [one.timestamp() for one in table.column("time").to_pylist()] == [0, 1, 1]


def test_digits_stay_and_missing_times_are_null() -> None:
    fields = (
        Field.time([0.0, np.nan]),
        Field.number("n", [2.0**60, 1.0], exact=["1152921504606846977", None]),
        Field.boolean("on", [True, None]),
    )
    table = read(arrow_of({"A": [Frame(fields, is_table=True)]})["A"])
    assert table.column("n").to_pylist() == [1152921504606846977, 1]
    assert table.column("time").to_pylist()[1] is None
    assert table.column("on").to_pylist() == [True, None]


def test_a_target_of_several_tables_is_no_table() -> None:
    one = Frame((Field.string("x", ["a"]),), is_table=True)
    with pytest.raises(SourceError, match="target A answers 2 tables"):
        arrow_of({"A": [one, one]})
