"""Docs are held to the code."""

from __future__ import annotations

import re
from pathlib import Path

from heliograph.app.settings import Settings

DOCS = Path(__file__).parents[2] / "docs"


def test_every_setting_is_documented_and_nothing_else() -> None:
    rows = re.findall(r"^\| `(\w+)` \| (?:`(\w+)`|–) \|", (DOCS / "settings.md").read_text("utf-8"), re.MULTILINE)
    assert [key for key, _ in rows] == list(Settings.model_fields)
    assert all(variable in ("", f"HELIOGRAPH_{key.upper()}") for key, variable in rows)
