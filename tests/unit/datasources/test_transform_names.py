"""What the columns of series are called where transformations take their labels and names apart."""

from __future__ import annotations

import pytest

from heliograph.datasources.frame import Frame
from heliograph.datasources.transform.steps import Step, transformed

TIMES = [60_000.0, 120_000.0]
LABELS_AS_COLUMNS = [Step.model_validate({"id": name}) for name in ("labelsToFields", "merge")]


def of_prometheus(code: str, value: float) -> Frame:
    """One of a metric's series, named as they are named without a legend."""
    labels = {"__name__": "requests", "code": code}
    return Frame.series(TIMES, [value, value], name=f'requests{{code="{code}"}}', labels=labels, ref="A")


def of_sql(column: str, host: str, value: float) -> Frame:
    """A series of rows with two columns of numbers, told apart by a column of texts."""
    return Frame.series(TIMES, [value, value], name=f"{column} {host}", labels={"host": host}, ref="A", family=column)


@pytest.mark.parametrize(
    ("frames", "names", "rows"),
    [
        ([of_prometheus("200", 1), of_prometheus("500", 2)], ["time", "Value", "__name__", "code"], 4),
        ([of_sql("busy", "a", 1), of_sql("idle", "a", 2)], ["time", "busy", "host", "idle"], 2),
    ],
)
def test_series_whose_labels_become_columns_are_merged_to_one_table(
    frames: list[Frame], names: list[str], rows: int
) -> None:
    """A row for each time and series, not a column for each series."""
    (table,) = transformed(frames, LABELS_AS_COLUMNS)
    assert [one.name for one in table.fields] == names
    assert table.rows == rows


def test_series_are_shown_under_their_own_names_while_their_labels_stay() -> None:
    frames = [of_prometheus("200", 1), of_prometheus("500", 2)]
    left = transformed(frames, [Step.model_validate({"id": "limit", "options": {"limitField": 1}})])
    assert [(one.name, one.numbers[0].name, one.labels) for one in left] == [
        (one.name, one.name, one.labels) for one in frames
    ]
    (alone,) = transformed([Frame.series(TIMES, [1.0, 2.0], name="busy")], LABELS_AS_COLUMNS)
    assert [one.name for one in alone.fields] == ["time", "busy"]
