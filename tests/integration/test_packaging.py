"""The wheel: it holds exactly the tracked files, and runs where nothing else of the repository is."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROOMS = ("app", "components", "datasources", "alerting", "storage")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel built from a clean export of the tracked files."""
    source, target = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("wheel")
    if subprocess.run(["git", "-C", str(ROOT), "rev-parse"], capture_output=True).returncode != 0:
        pytest.skip("the tests do not run in a git checkout: clone the repository")
    names = subprocess.check_output(["git", "-C", str(ROOT), "ls-files"], text=True).splitlines()
    for name in names:
        if (ROOT / name).exists():
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            (source / name).write_bytes((ROOT / name).read_bytes())
    built = subprocess.run(
        [sys.executable, "-m", "uv", "build", "--wheel", "-q", "-o", str(target), str(source)],
        capture_output=True,
        text=True,
        timeout=170,
    )
    assert built.returncode == 0, built.stderr
    return next(target.glob("*.whl"))


def installed_name(tracked: str) -> str | None:
    """Where a tracked file stands in the wheel; None for those that stay out."""
    room = tracked.split("/", maxsplit=1)[0]
    if room not in ROOMS:
        return None
    return (
        "heliograph/" + tracked.removeprefix("app/root/")
        if tracked.startswith("app/root/")
        else f"heliograph/{tracked}"
    )


def test_the_wheel_holds_exactly_the_tracked_files(wheel: Path) -> None:
    tracked = subprocess.check_output(["git", "-C", str(ROOT), "ls-files"], text=True).splitlines()
    expected = {name for name in map(installed_name, tracked) if name}
    with zipfile.ZipFile(wheel) as archive:
        packed = {name for name in archive.namelist() if ".dist-info/" not in name}
    assert packed == expected


def test_the_wheel_runs_by_itself(wheel: Path, tmp_path: Path) -> None:
    target = tmp_path / "site"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(target)
    program = (
        "import sys; sys.path.insert(0, sys.argv[1]);"
        "import heliograph, heliograph.app.cli, heliograph.app.pages.static_files;"
        "print(heliograph.__version__, heliograph.__file__.startswith(sys.argv[1]))"
    )
    result = subprocess.run(
        [sys.executable, "-c", program, str(target)], capture_output=True, text=True, cwd=tmp_path, timeout=60
    )
    assert result.stdout.split() == ["0.1.0", "True"], result.stderr
