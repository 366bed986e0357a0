"""Rules of this codebase, held by tests."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROOMS = ("app", "components", "datasources", "alerting", "storage")
SOURCES = [path for room in ROOMS for path in sorted((ROOT / room).rglob("*.py"))]
TESTS = sorted((ROOT / "tests").rglob("*.py"))


def imported(path: Path) -> Iterator[str]:
    """Names of absolutely imported modules."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield node.module


@pytest.mark.parametrize("path", [*SOURCES, *TESTS], ids=lambda path: str(path.relative_to(ROOT)))
def test_nobody_imports_a_room_by_its_bare_name(path: Path) -> None:
    assert not [name for name in imported(path) if name.split(".")[0] in ROOMS]


def test_panel_is_imported_by_work_and_share_alone() -> None:
    allowed = (ROOT / "app" / "work", ROOT / "app" / "share")
    strangers = [
        str(path.relative_to(ROOT))
        for path in SOURCES
        if not any(path.is_relative_to(folder) for folder in allowed)
        and any(name.split(".")[0] in ("panel", "holoviews", "datashader") for name in imported(path))
    ]
    assert strangers == []


def test_each_folder_says_in_one_line_what_belongs_there() -> None:
    silent = [
        str(path.relative_to(ROOT))
        for path in SOURCES
        if path.name == "__init__.py"
        and "migrations" not in path.parts
        and not (ast.get_docstring(ast.parse(path.read_text("utf-8"))) or "").strip()
    ]
    assert silent == []
