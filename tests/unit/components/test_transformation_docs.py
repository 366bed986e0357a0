"""The documentation of transformations."""

from __future__ import annotations

import re
from pathlib import Path

from heliograph.datasources.transform.registry import TRANSFORMATIONS

DOCS = Path(__file__).parents[3] / "docs/transformations.md"


def test_each_transformation_is_documented_and_no_other() -> None:
    table = [line for line in DOCS.read_text("utf-8").splitlines() if line.startswith("| `")]
    named = {name for line in table for name in re.findall(r"`(\w+)`", line.split("|")[1])}
    assert named == set(TRANSFORMATIONS.names)
