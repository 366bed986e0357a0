"""Transformations of a few rows that would make very many, or compare each with each: refused before they do."""

from __future__ import annotations

from time import perf_counter
from typing import Any

import numpy as np
import pytest

from heliograph.components.asking.transforming import transformed_in_turn
from heliograph.datasources.frame import Field, Frame
from heliograph.datasources.transform.bounds import LIGHT, MAX_VALUES, Allowance, Limits, OutgrownError
from heliograph.datasources.transform.steps import Step, transformed
from heliograph.datasources.working import Working
from heliograph.errors import InvalidError


def table(rows: int, columns: int = 1, ref: str = "A", key: float | None = 1.0) -> Frame:
    """A table with a key, the same in all rows or the number of the row, and columns of numbers."""
    keys = np.arange(rows, dtype=np.float64) if key is None else np.full(rows, key)
    numbers = np.arange(rows, dtype=np.float64)
    fields = [Field("k", "number", keys), *(Field(f"{ref}{n}", "number", numbers + n) for n in range(columns))]
    return Frame(tuple(fields), ref=ref)


SAME = [table(5000, ref="A"), table(5000, ref="B")]
EIGHT = [table(10, ref=ref) for ref in "ABCDEFGH"]
BOMBS: dict[str, tuple[list[Frame], str, dict[str, Any]]] = {
    "each with each": (SAME, "joinByField", {"byField": "k", "mode": "outerTabular"}),
    "each with each, inner": (SAME, "joinByField", {"byField": "k", "mode": "inner"}),
    "ten rows, eight times": (EIGHT, "joinByField", {"byField": "k", "mode": "inner"}),
    "beside": ([table(200_000, ref="A"), *(table(1, ref=f"B{n}") for n in range(100))], "concatenate", {}),
    "merged": ([table(3000, ref="A"), table(3000, ref="B")], "merge", {}),
    "a table a row": ([table(100_000, key=None)], "partitionByValues", {"fields": ["k"]}),
    "a window of all": (
        [table(50_000, key=None)],
        "calculateField",
        {"mode": "windowFunctions", "window": {"field": "A0", "reducer": "stdDev", "windowSize": 1}},
    ),
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_refused_by_what_it_would_make(name: str) -> None:
    frames, kind, options = BOMBS[name]
    with pytest.raises(InvalidError) as refused:
        transformed(frames, [Step.model_validate({"id": kind, "options": options})])
    assert refused.value.detail.startswith(f"transformation 1, {kind}: ")
    assert refused.value.detail.endswith(("values may", "tables may", "compared"))


def texts(rows: int, text: str = '"') -> Frame:
    return Frame((Field("t", "string", np.array([text] * rows, dtype=object)),), ref="A")


def times(rows: int) -> Frame:
    return Frame((Field("t", "number", np.arange(rows) * 86_400_000.0),), ref="A", is_table=True)


def quoted(count: int) -> dict[str, Any]:
    return {"conversions": [{"targetField": "t", "destinationType": "string"}] * count}


REPEATED = {"regex": "/^.*$/", "renamePattern": "$&" * 240}
LONG = {"conversions": [{"targetField": "t", "destinationType": "time"},
                        {"targetField": "t", "destinationType": "string", "dateFormat": "LLLL" * 50}]}  # fmt: skip
WIDE = texts(4000, "{" + ",".join(f'"k{n}":1' for n in range(1900)) + "}")
ALL = [f"p{n}" for n in range(1, 100)]
GROUPS = {"k": {"operation": "groupby"}, "A0": {"operation": "aggregate", "aggregations": ALL}}
# Each writes what it made into itself again, or much at once.
GROWING: dict[str, tuple[Frame, list[dict[str, Any]], str]] = {
    "quotes around quotes": (texts(1), [{"id": "convertFieldType", "options": quoted(100)}], "texts of more than"),
    "in many steps": (texts(1), [{"id": "convertFieldType", "options": quoted(1)}] * 50, "texts of more than"),
    "a name within a name": (texts(1), [{"id": "renameByRegex", "options": REPEATED}] * 9, "a name of more than"),
    "a long pattern of times": (times(300_000), [{"id": "convertFieldType", "options": LONG}], "may be written"),
    "many keys of many": (WIDE, [{"id": "extractFields", "options": {"source": "t", "format": "json"}}], "values may"),
    "all percentiles of each": (table(20_000, key=None), [{"id": "groupBy", "options": {"fields": GROUPS}}], "may"),
    "lists within lists": (
        texts(30),
        [{"id": "reduce", "options": {"reducers": ["allValues"], "mode": "reduceFields"}}] * 2
        + [{"id": "convertFieldType", "options": quoted(60)}],
        "texts of more than",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", GROWING)
def test_what_outgrows_memory_step_by_step_is_refused(name: str) -> None:
    frame, steps, words = GROWING[name]
    begun = perf_counter()
    with pytest.raises(InvalidError, match=words):
        transformed([frame], [Step.model_validate(step) for step in steps])
    assert perf_counter() - begun < 30


def test_steps_that_take_long_together_are_ended() -> None:
    step = {"id": "sortBy", "options": {"sort": [{"field": "A0"}]}}
    allowance = Allowance(Limits(seconds=0.05))
    with pytest.raises(InvalidError, match="take longer than"):
        transformed([table(300_000, key=None)], [Step.model_validate(step)] * 50, allowance)


async def test_what_is_little_and_grows_waits_for_its_turn() -> None:
    frames = [table(500, ref="A"), table(500, ref="B")]
    step = Step.model_validate({"id": "joinByField", "options": {"byField": "k", "mode": "inner"}})
    with pytest.raises(OutgrownError):
        transformed(frames, [step], Allowance(LIGHT))
    (joined,) = await transformed_in_turn(frames, [step], Working(), "1/user:7")
    assert joined.rows == 250_000


def test_what_is_large_but_fits_is_made() -> None:
    step = Step.model_validate({"id": "joinByField", "options": {"byField": "k", "mode": "inner"}})
    (joined,) = transformed([table(500, ref="A"), table(500, ref="B")], [step])
    assert joined.rows == 250_000 < MAX_VALUES
