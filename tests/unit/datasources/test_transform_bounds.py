"""Transformations of a few rows that would make very many, or compare each with each: refused before they do."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from heliograph.datasources.frame import Field, Frame
from heliograph.datasources.transform.bounds import MAX_VALUES
from heliograph.datasources.transform.steps import Step, transformed
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


def test_what_is_large_but_fits_is_made() -> None:
    step = Step.model_validate({"id": "joinByField", "options": {"byField": "k", "mode": "inner"}})
    (joined,) = transformed([table(500, ref="A"), table(500, ref="B")], [step])
    assert joined.rows == 250_000 < MAX_VALUES
