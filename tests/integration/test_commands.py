"""The commands, as one types them: exit codes, one line on standard error, no traceback."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest


def heliograph(*arguments: str, stdin: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
    clean = {key: value for key, value in os.environ.items() if not key.startswith("HELIOGRAPH_")}
    return subprocess.run(
        [sys.executable, "-m", "heliograph", *arguments],
        input=stdin,
        env={**clean, **environment},
        capture_output=True,
        text=True,
        timeout=60,
    )


def one_line(result: subprocess.CompletedProcess[str], code: int) -> str:
    assert result.returncode == code, result.stderr
    assert "Traceback" not in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1, result.stderr
    return result.stderr.strip()


def test_a_user_and_a_token_are_made_without_a_server(tmp_path: Path) -> None:
    folder = ("--data-dir", str(tmp_path / "data"))
    assert heliograph("db", "upgrade", *folder).stdout.startswith("the config database is at revision")
    assert heliograph("user", "add", "mira", "--role", "admin", *folder, stdin="long enough\n").returncode == 0
    again = heliograph("user", "add", "mira", "--role", "admin", *folder, stdin="long enough\n")
    assert "there is a user mira already" in one_line(again, 1)
    short = heliograph("user", "add", "jo", "--role", "admin", *folder, stdin="short\n")
    assert "8 to 1000 characters" in one_line(short, 1)
    changed = heliograph("user", "passwd", "mira", *folder, stdin="another long one\n")
    assert changed.stdout == "mira has a new password; sessions with the old one end\n"
    assert "mira" not in one_line(heliograph("user", "passwd", "nobody", *folder, stdin="another long one\n"), 1)
    token = heliograph("token", "create", "--name", "ci", "--role", "viewer", *folder)
    assert token.returncode == 0
    assert token.stdout.startswith("hg_")
    assert len(token.stdout.strip().splitlines()) == 1


@pytest.mark.parametrize(
    "arguments",
    [["nope"], ["serve", "--port", "many"], ["token", "create", "--name", "x", "--role", "king"], ["user", "add"]],
)
def test_a_usage_error_is_one_line_and_exits_2(arguments: list[str]) -> None:
    assert one_line(heliograph(*arguments), 2).startswith("heliograph: ")


def test_without_a_command_there_is_help(tmp_path: Path) -> None:
    result = heliograph()
    assert (result.returncode, result.stderr) == (2, "")
    assert "serve" in result.stdout


@pytest.mark.parametrize("name", ["", "a b", "a/b", "x" * 201, os.fsdecode(b"\xff")])
def test_a_name_that_is_none_is_refused(tmp_path: Path, name: str) -> None:
    folder = ("--data-dir", str(tmp_path / "data"))
    refused = heliograph("user", "add", name, "--role", "viewer", *folder, stdin="long enough\n")
    assert "a name" in one_line(refused, 1)
    if name not in ("a b", "a/b"):
        assert "name" in one_line(heliograph("token", "create", "--name", name, "--role", "viewer", *folder), 1)


@pytest.mark.parametrize(
    ("environment", "names"),
    [
        ({"HELIOGRAPH_PORT": "x"}, "port"),
        ({"HELIOGRAPH_SURPRISE": "1"}, "HELIOGRAPH_SURPRISE: unknown setting"),
        ({"HELIOGRAPH_DATABASE_URL": "oracle://x"}, "database_url"),
        ({"HELIOGRAPH_ANONYMOUS_ROLE": "king"}, "anonymous_role"),
        ({"HELIOGRAPH_CONFIG": "/no/such/file.toml"}, "no such file"),
    ],
)
def test_a_bad_setting_is_one_line_that_names_it(tmp_path: Path, environment: dict[str, str], names: str) -> None:
    assert names in one_line(heliograph("db", "upgrade", "--data-dir", str(tmp_path), **environment), 1)


@pytest.mark.parametrize(
    ("more", "names"),
    [
        ('uid = "b"\ntype = "nope"', "datasources.1.type: there is no data source type nope"),
        ('uid = "b"\ntype = "prometheus"\nurl = "nonsense"', "datasources.1.url: "),
        (
            'uid = "b"\ntype = "prometheus"\nurl = "http://h"\noptions = { colour = 1 }',
            "datasources.1.options.colour: ",
        ),
        (
            'uid = "b"\ntype = "prometheus"\nurl = "http://h"\nsecrets = { pasword = "x" }',
            "datasources.1.secrets.pasword: ",
        ),
        ('uid = "a"\ntype = "nope"', "datasources.1.uid: another"),
    ],
)
def test_a_source_of_the_file_that_cannot_be_stops_the_start(tmp_path: Path, more: str, names: str) -> None:
    file = tmp_path / "heliograph.toml"
    first = '[[datasources]]\nuid = "a"\ntype = "prometheus"\nurl = "http://127.0.0.1:9090"\n'
    file.write_text(f"{first}[[datasources]]\n{more}\n")
    result = heliograph("serve", "--port", "0", "--data-dir", str(tmp_path / "data"), "--config", str(file))
    assert (result.returncode, "Traceback" in result.stderr) == (1, False)
    assert f"heliograph: {names}" in result.stderr


def test_dashboards_are_checked_with_the_path_of_each_fault(tmp_path: Path) -> None:
    good, bad, broken = tmp_path / "good.json", tmp_path / "bad.json", tmp_path / "broken.json"
    good.write_text(json.dumps({"title": "x", "panels": [{"panel_id": 1, "type": "stat"}]}))
    bad.write_text(json.dumps({"title": "x", "panels": [{"panel_id": 1, "type": "stat", "options": {"unit": 3}}]}))
    broken.write_text("{")
    assert heliograph("check", str(good)).returncode == 0
    result = heliograph("check", str(good), str(bad), str(broken))
    assert result.returncode == 1
    lines = result.stdout.strip().splitlines()
    assert lines[0].startswith(f"{bad}:$.panels[0].options.unit: ")
    assert lines[1].startswith(f"{broken}:$: not JSON")


def test_dashboards_of_grafana_are_brought_with_a_line_for_each_note(tmp_path: Path) -> None:
    folder, file = ("--data-dir", str(tmp_path / "data")), tmp_path / "there.json"
    panel = {"id": 2, "type": "stat", "title": "Up", "targets": [{"refId": "A", "expr": "up"}], "timeFrom": "1h"}
    file.write_text(json.dumps({"title": "There", "uid": "there", "schemaVersion": 39, "panels": [panel]}))
    first = heliograph("import", str(file), "--source", "P1=prometheus", *folder)
    assert first.returncode == 0, first.stderr
    note, done = first.stdout.splitlines()
    assert note.startswith(f"{file}: panel 2 (Up): timeFrom: ")
    assert done == f"{file}: there, 0 panels as they were, 1 with notes, 0 left out"
    again = heliograph("import", str(file), *folder)
    assert again.stdout == first.stdout
    file.write_text('{"title": "Ours", "panels": []}')
    assert "not a dashboard of Grafana" in one_line(heliograph("import", str(file), *folder), 1)


def test_the_view_process_loads_neither_chdb_nor_panel() -> None:
    heavy = "('chdb', 'panel', 'holoviews', 'datashader', 'pandas')"
    program = f"import heliograph.app.roles.view, sys; print([name for name in {heavy} if name in sys.modules])"
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
    assert result.stdout.strip() == "[]"
