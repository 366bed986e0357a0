"""Rules of this codebase, held by tests."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

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


def test_nobody_imports_a_room_by_its_bare_name() -> None:
    bare = [(path, name) for path in (*SOURCES, *TESTS) for name in imported(path) if name.split(".")[0] in ROOMS]
    assert bare == []


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


def test_each_public_function_and_class_says_what_it_is() -> None:
    """Those of modules: methods may say it where a base does."""
    declared = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    silent = [
        f"{path.relative_to(ROOT)}: {node.name}"
        for path in SOURCES
        if "migrations" not in path.parts
        for node in ast.parse(path.read_text("utf-8")).body
        if isinstance(node, declared) and not node.name.startswith("_") and not ast.get_docstring(node)
    ]
    assert silent == []


OWN_LISTS = ("datasources/sources/sqldenied.py",)  # patterns made of lists of words that stand in the file
PATTERN_CALLS = frozenset({"compile", "match", "fullmatch", "search", "sub", "subn", "split", "findall", "finditer"})


def constants_of(tree: ast.Module) -> Iterator[str]:
    """Names in capitals that a module gives a value or imports."""
    for node in tree.body:
        targets = [node.target] if isinstance(node, ast.AnnAssign) else getattr(node, "targets", [])
        yield from (target.id for target in targets if isinstance(target, ast.Name) and target.id.isupper())
        if isinstance(node, ast.ImportFrom):
            yield from (alias.name for alias in node.names if alias.name.isupper())


def literal(node: ast.expr, constants: frozenset[str]) -> bool:
    """Whether a pattern is made of what stands in the source alone."""
    if isinstance(node, ast.Constant):
        return True
    if isinstance(node, ast.JoinedStr):
        return all(literal(one, constants) for one in node.values)
    if isinstance(node, ast.FormattedValue):
        return literal(node.value, constants)
    if isinstance(node, ast.BinOp):
        return literal(node.left, constants) and literal(node.right, constants)
    if isinstance(node, ast.Name):
        return node.id in constants
    if isinstance(node, ast.Attribute | ast.Subscript):
        return literal(node.value, constants)
    if isinstance(node, ast.Call):
        escapes = isinstance(node.func, ast.Attribute) and node.func.attr == "escape"
        own = isinstance(node.func, ast.Name) and node.func.id == "sorted"
        joins = isinstance(node.func, ast.Attribute) and node.func.attr in ("join", "sub")
        return escapes or ((own or joins) and all(literal(one, constants) for one in node.args))
    if isinstance(node, ast.GeneratorExp):
        return isinstance(node.elt, ast.JoinedStr)
    return False


def nodes() -> Iterator[tuple[str, frozenset[str], ast.AST]]:
    """All of the sources: where it stands, the constants that are known there, what stands there."""
    for path in SOURCES:
        name = str(path.relative_to(ROOT))
        if name not in ("app/root/patterns.py", *OWN_LISTS):
            tree = ast.parse(path.read_text("utf-8"))
            constants = frozenset(constants_of(tree))
            for node in ast.walk(tree):
                yield f"{name}:{getattr(node, 'lineno', 0)}", constants, node


def test_only_patterns_of_our_own_run_without_bound() -> None:
    """Patterns of people go through heliograph.patterns, which is linear."""
    strangers, kernels = [], []
    for place, constants, node in nodes():
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and isinstance(node.func.value, ast.Name)
            and node.func.value.id == "re"
            and node.func.attr in PATTERN_CALLS
            and not literal(node.args[0], constants)
        ):
            strangers.append(place)
        if isinstance(node, ast.Attribute) and node.attr.endswith("_regex"):
            kernels.append(place)
    assert strangers == []
    assert kernels == [], "Arrow's kernels for patterns belong to heliograph.patterns"


def test_migrations_are_one_chain() -> None:
    folder = ROOT / "storage" / "config" / "migrations" / "versions"
    found = re.compile(r'^(revision|down_revision) = (?:"(\w+)"|None)$', re.MULTILINE)
    chain = [dict(found.findall(path.read_text("utf-8"))) for path in sorted(folder.glob("[0-9]*.py"))]
    names = [path.name[:4] for path in sorted(folder.glob("[0-9]*.py"))]
    assert names == [f"{number:04}" for number in range(1, len(names) + 1)], "two of one number, or a gap"
    assert [(one["revision"], one["down_revision"]) for one in chain] == list(zip(names, ["", *names], strict=False))


JS_FUNCTION = re.compile(r"\s*(async\s+)?(\([^=]*\)|\w+)\s*=>")


def waited_for(path: Path) -> Iterator[tuple[int, str]]:
    """The lines and texts of what tests have a page asked until it holds."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr == "wait_for_function"
        ):
            first = node.args[0]
            if isinstance(first, ast.Constant) and isinstance(first.value, str):
                yield node.lineno, first.value


def test_what_a_page_is_asked_until_it_holds_is_a_function() -> None:
    """Playwright evaluates any other text anew each time, which the policy of our pages lets happen but once."""
    texts = [
        f"{path.relative_to(ROOT)}:{line}: {text}"
        for path in TESTS
        for line, text in waited_for(path)
        if not JS_FUNCTION.match(text)
    ]
    assert texts == []
