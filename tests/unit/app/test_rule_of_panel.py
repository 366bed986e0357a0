"""What becomes of the variables in a query that a rule is made of."""

from __future__ import annotations

from typing import Any

import pytest

from heliograph.app.api.rule_of_panel import Making

VALUES = {"host": ("a",), "hostname": ("b",), "least": ("2",)}


@pytest.mark.parametrize(
    ("text", "language", "made", "noted"),
    [
        ("up > $least", "promql", "up > 2", ["least"]),
        ("up > [[least]]", "promql", "up > 2", ["least"]),
        ('up{host="$hostname"}', "promql", 'up{host="b"}', ["hostname"]),
        ('up{host="$host"} > $least', "promql", 'up{host=~".+"} > 2', ["host", "least"]),
        ({"metric": "up", "where": ["${hostname}"]}, "json", {"metric": "up", "where": ["b"]}, ["hostname"]),
        ("up > $other", "promql", "up > $other", []),
    ],
)
def test_a_query_notes_the_variables_that_it_has_and_no_others(
    text: Any, language: str, made: Any, noted: list[str]
) -> None:
    making = Making(VALUES, {"host": ()})
    assert making.query(text, language) == made
    assert list(making.notes) == noted
