"""Rules without a second threshold go through the states of Prometheus's own: `ALERTS`, by its engine."""

from __future__ import annotations

import json
import random
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from heliograph.alerting.evaluation.held import Known
from heliograph.alerting.evaluation.outcome import evaluate
from heliograph.alerting.evaluation.samples import Sample, Taken
from heliograph.alerting.rules.compiled import Compiled, compile_rule
from heliograph.alerting.rules.declared import Rule

PROMTOOL = shutil.which("promtool")
SERIES, STEPS, MINUTE = 500, 30, 60_000
TIMES = [("0m", "0m"), ("2m", "0m"), ("0m", "3m"), ("3m", "2m"), ("90s", "90s")]
Value = float | None  # None: the series is gone


def walk(dice: random.Random) -> list[Value]:
    """Values that stay as they are for a while, above, below, or gone."""
    found: list[Value] = []
    while len(found) < STEPS:
        value = dice.choice([0.0, 10.0, 10.0, None])
        found += [value] * dice.randint(1, 6)
    return found[:STEPS]


def rule(number: int, **changes: Any) -> Compiled:
    pending, keep = TIMES[number]
    document = {
        "rule_id": f"r{number}",
        "title": f"R{number}",
        "interval": "1m",
        "targets": [{"query": "m"}],
        "for": pending,
        "keep_firing_for": keep,
        "missing_after": 1,
        "no_data": "Normal",
        "error": "KeepLast",
        **changes,
    }
    return compile_rule(Rule.model_validate(document), 1)


def states(one: Compiled, walks: Sequence[Sequence[Value]], *, filtered: bool) -> list[dict[str, str]]:
    """The state of each series that has one, at each step."""
    known: Known = {}
    found = []
    for step in range(STEPS):
        samples = [
            Sample({"i": str(number)}, value)
            for number, values in enumerate(walks)
            if (value := values[step]) is not None and not (filtered and value <= 5)
        ]
        known = evaluate(one, known, Taken(samples), step * MINUTE, lambda text, _labels, _value: text).known
        found.append({held.labels["i"]: str(held.instance.state).lower() for held in known.values()})
    return found


@pytest.mark.skipif(PROMTOOL is None, reason="promtool: apt install prometheus")
@pytest.mark.parametrize("seed", range(1))
def test_the_states_of_every_series_are_those_of_prometheus(tmp_path: Path, seed: int) -> None:
    dice = random.Random(seed)
    walks = [walk(dice) for _ in range(SERIES)]
    rules = [
        {"alert": f"R{number}", "expr": "m > 5", "for": pending, "keep_firing_for": keep}
        for number, (pending, keep) in enumerate(TIMES)
    ]
    expected: list[list[dict[str, Any]]] = [[] for _ in range(STEPS)]
    for number in range(len(TIMES)):
        ours = states(rule(number), walks, filtered=True)
        with_bound = states(rule(number, condition={"fires": {"above": 5}}), walks, filtered=False)
        assert ours == with_bound
        for step, by_series in enumerate(ours):
            for name, state in by_series.items():
                labels = f'ALERTS{{alertname="R{number}", alertstate="{state}", i="{name}"}}'
                expected[step].append({"labels": labels, "value": 1})
    test = {
        "rule_files": ["rules.yml"],
        "evaluation_interval": "1m",
        "tests": [
            {
                "interval": "1m",
                "input_series": [
                    {
                        "series": f'm{{i="{number}"}}',
                        "values": " ".join("stale" if value is None else f"{value:g}" for value in values),
                    }
                    for number, values in enumerate(walks)
                ],
                "promql_expr_test": [
                    {"expr": "ALERTS", "eval_time": f"{step}m", "exp_samples": samples}
                    for step, samples in enumerate(expected)
                ],
            }
        ],
    }
    (tmp_path / "rules.yml").write_text(json.dumps({"groups": [{"name": "g", "rules": rules}]}))
    (tmp_path / "test.yml").write_text(json.dumps(test))
    assert PROMTOOL is not None
    done = subprocess.run(
        [PROMTOOL, "test", "rules", "test.yml"], cwd=tmp_path, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, (done.stdout + done.stderr)[:3000]
    assert sum(map(len, expected)) > SERIES
