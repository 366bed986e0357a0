"""`heliograph check --tests`: what promtool says of rule tests, and whether our own rules come to the same."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from heliograph.app.alerts.promtool import samples
from heliograph.app.alerts.rule_tests import differences, run_tests
from heliograph.errors import InvalidError

CORPUS = os.environ.get("HELIOGRAPH_TEST_CORPUS", "")
FOUND = sorted(Path(CORPUS, "rule-tests").glob("*/*.y*ml")) if CORPUS else []
FILES = [path for path in FOUND if "\ntests:" in path.read_text("utf-8")]
OURS = Path(__file__).parents[2] / "data" / "rule_tests"
pytestmark = pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool: apt install prometheus")


@pytest.mark.skipif(not FILES, reason="HELIOGRAPH_TEST_CORPUS names no folder of rule tests")
@pytest.mark.parametrize("file", FILES, ids=[file.name for file in FILES])
def test_every_rule_test_of_the_corpus_passes(file: Path) -> None:
    good, said = run_tests(file)
    assert good, said
    assert "SUCCESS" in said


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(OURS, tmp_path / "rules"))


def test_a_command_checks_rules_and_runs_their_tests(folder: Path) -> None:
    command = [sys.executable, "-m", "heliograph", "check", "rules.yml", "--tests", "good.yml"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120)
    assert (done.returncode, "SUCCESS" in done.stdout) == (0, True), done.stdout + done.stderr


@pytest.mark.parametrize(
    ("file", "before", "after", "says"),
    [
        ("good.yml", "all: 'cart=10 pay=11 '", "all: 'cart=10 pay=12 '", "pay=12"),
        ("good.yml", "who: pay-team", "who: other", "other"),
        ("good.yml", "{eval_time: 2m, alertname: Errors}", "{eval_time: 3m, alertname: Errors}", "Errors at 3m"),
        ("good.yml", "{eval_time: 59s, alertname: Down}", "{eval_time: 60s, alertname: Down}", "Down at 1m"),
        ("good.yml", "values: '0 0 10x7 stale'", "values: '0 0 _ 10x6'", "Errors at 3m45s"),
        ("rules.yml", "for: 2m", "for: 3m", "Errors at 3m45s"),
        ("rules.yml", "keep_firing_for: 90s", "", "Errors at 6m"),
        ("rules.yml", "keep_firing_for: 90s", "keep_firing_for: 61s", ""),
        ("rules.yml", "severity: page, who", "severity: warn, who", "warn"),
        ("rules.yml", 'region }}, ', 'none }}, ', " in , "),
    ],
)  # fmt: skip
def test_what_promtool_refuses_is_otherwise_here_too(
    folder: Path, file: str, before: str, after: str, says: str
) -> None:
    text = (folder / file).read_text()
    assert before in text
    (folder / file).write_text(text.replace(before, after))
    good, said = run_tests(folder / "good.yml")
    ours = [fault.detail for _, fault in differences(folder / "good.yml")]
    assert (good, bool(ours)) == (not says, bool(says)), said
    assert any(says in one for one in ours) or not says


def test_vectors_are_read_as_promtool_writes_them() -> None:
    found = samples(r'{__name__="x", i="a\"b, {}=\n\u00e9"} 0E+00, {} NaN, {a="b"} -Inf')
    assert [dict(one.labels) for one in found] == [{"__name__": "x", "i": 'a"b, {}=\né'}, {}, {"a": "b"}]
    assert [str(one.value) for one in found] == ["0.0", "nan", "-inf"]
    assert samples("nil") == []
    with pytest.raises(InvalidError, match="no vector of numbers"):
        samples("{} {count:1, sum:2}")
