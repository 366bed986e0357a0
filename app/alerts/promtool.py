"""PromQL over given series, by Prometheus's own engine: what `promtool test rules` makes of a document."""

from __future__ import annotations

import ast
import json
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from ...alerting.evaluation.samples import Sample, Taken
from ...alerting.rules.durations import duration_text
from ...errors import HeliographError, InvalidError, NotInstalledError

TIMEOUT_S: Final = 300.0
# What promtool says of a query that was to find nothing: the number that we wrote behind it, and what it found.
FOUND: Final = re.compile(
    r'# (\d+)", time: [^\n]*?,(?: err: (?P<error>[^\n]*)|\s+exp: ?[^\n]*\n\s+got: ?(?P<got>[^\n]*))'
)
SERIES: Final = re.compile(r'\{((?:[^"}]|"(?:[^"\\]|\\.)*")*)\} ([^\s,]+)(?:, |\Z)')
LABEL: Final = re.compile(r'"?([^\s",=]+)"?=("(?:[^"\\]|\\.)*")')


@dataclass(frozen=True, slots=True)
class Asked:
    """An expression at an instant after the start of the series, in ms."""

    text: str
    at_ms: int


Answers = Mapping[Asked, Taken | HeliographError]


def said_of(path: Path) -> tuple[bool, str]:
    """Whether the tests of a file pass, and what is said of them; NotInstalledError where there is no promtool."""
    promtool = shutil.which("promtool")
    if promtool is None:
        raise NotInstalledError("rule tests are run by promtool, which is not installed: apt install prometheus")
    command = [promtool, "test", "rules", path.name]
    try:
        done = subprocess.run(command, cwd=path.parent, capture_output=True, text=True, timeout=TIMEOUT_S, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise InvalidError(f"{path}: {error}") from None
    return done.returncode == 0, (done.stdout + done.stderr).strip()


def answers(document: Mapping[str, Any], test: Mapping[str, Any], wanted: Iterable[Asked]) -> Answers:
    """What expressions come to over the series of a test and what the rules of its document record of them.

    Each is asked as one that finds nothing, and promtool says what it found instead.
    """
    asked = list(dict.fromkeys(wanted))
    expected = [
        {"expr": f"{one.text}\n# {number}", "eval_time": duration_text(one.at_ms)} for number, one in enumerate(asked)
    ]
    whole = {**document, "tests": [{**test, "promql_expr_test": expected}]}
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory, "asked.json")
        path.write_text(json.dumps(whole), "utf-8")
        _, said = said_of(path)
    found: dict[Asked, Taken | HeliographError] = dict.fromkeys(asked, Taken(()))
    for match in FOUND.finditer(said):
        error, got = match["error"], match["got"]
        found[asked[int(match[1])]] = InvalidError(error) if error else Taken(samples(got))
    return found


def samples(text: str) -> list[Sample]:
    """A vector as promtool writes it: `{a="b"} 1E+00, {} NaN`. InvalidError for one with histograms."""
    found, end = list[Sample](), 0
    if text == "nil":
        return found
    for match in SERIES.finditer(text):
        labels = {name: str(ast.literal_eval(quoted)) for name, quoted in LABEL.findall(match[1])}
        try:
            found.append(Sample(labels, float(match[2])))
        except ValueError:
            break
        end = match.end()
    if end != len(text):
        raise InvalidError(f"no vector of numbers: {text[end : end + 100]}")
    return found
