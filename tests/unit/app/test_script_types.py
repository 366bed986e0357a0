"""The JSDoc types of the page's scripts hold, by TypeScript's own checker."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

TYPESCRIPT = "typescript@5.9.3"
SCRIPTS = Path(__file__).parents[3] / "app" / "pages" / "static" / "js"
CHECK = (
    "--allowJs --checkJs --noEmit --strict --target es2022 --module es2022 --moduleResolution bundler "
    "--lib es2023,dom,dom.iterable"
)


@pytest.fixture(scope="session")
def compiler(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The command of the TypeScript compiler, from npm."""
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("npm is not installed: apt install npm")
    folder = tmp_path_factory.mktemp("typescript")
    done = subprocess.run(
        [npm, "install", "--prefix", str(folder), "--no-save", "--no-audit", "--no-fund", TYPESCRIPT],
        capture_output=True,
        text=True,
        timeout=120,
    )
    if done.returncode:
        pytest.skip(f"npm gives no {TYPESCRIPT}: {done.stderr.strip()[-200:]}")
    return ["node", str(folder / "node_modules" / "typescript" / "bin" / "tsc")]


def test_types_hold(compiler: list[str]) -> None:
    scripts = sorted(str(path) for path in SCRIPTS.rglob("*.js"))
    done = subprocess.run([*compiler, *CHECK.split(), *scripts], capture_output=True, text=True, timeout=150)
    assert done.stdout == ""
    assert done.returncode == 0


def test_a_wrong_type_is_found(compiler: list[str], tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.js"
    wrong.write_text("/** @param {number} a */\nexport function twice(a) {\n  return a * 2;\n}\ntwice('b');\n")
    done = subprocess.run([*compiler, *CHECK.split(), str(wrong)], capture_output=True, text=True, timeout=150)
    assert "TS2345" in done.stdout
