"""Expressions over series, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest

from heliograph.datasources.sources.arithmetic import Expression
from heliograph.errors import InvalidError


def test_the_four_operations_over_named_arrays() -> None:
    result = Expression("100 * (1 - a / b) + -2").evaluate({"a": np.array([1.0, 2.0]), "b": np.array([4.0, 0.0])})
    np.testing.assert_array_equal(result, [73.0, np.nan])


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a +",
        "__import__('os')",
        "a.b",
        "a[0]",
        "a ** 9",
        "f(a)",
        "'x'",
        "True",
        "a if b else c",
        "lambda: 1",
        "1 +" * 900,
    ],
)
def test_nothing_else_is_an_expression(text: str) -> None:
    with pytest.raises(InvalidError):
        Expression(text)
