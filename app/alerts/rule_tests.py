"""`heliograph check --tests`: files of `promtool test rules`, by promtool and by the rules that they become here.

Promtool evaluates all expressions. What alerts come of them it says as Prometheus would, and we as this server will,
with rules as they are imported, their machine and their templates: both have to come to what the file expects.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Annotated, Any, Final

from pydantic import BaseModel, BeforeValidator, Field

from ...alerting.rules.compiled import Compiled, compile_rule
from ...alerting.rules.declared import Rule
from ...alerting.rules.durations import DURATION, UNITS_MS, duration_text
from ...alerting.rules.prometheus_file import Fault, Reading
from ...alerting.rules.yaml_texts import document_of
from ...errors import MalformedError
from ...jsonpath import json_path
from .promtool import answers, said_of
from .rehearsal import Fires, Scene, rehearsed
from .rule_files import matching, read_path

MAX_ASKED: Final = 100_000  # expressions at instants of one test: promtool takes half a minute for them
MINUTE_MS: Final = 60_000
SERIES: Final = ("interval", "input_series", "external_labels", "external_url")  # of a test, what makes answers


def _ms(text: object) -> int:
    """Milliseconds of a duration of any length."""
    match = DURATION.fullmatch(str(text))
    if match is None:
        raise ValueError(f"{str(text)[:40]!r} is not a duration")
    return sum(int(count) * unit for count, unit in zip(match.groups(), UNITS_MS.values(), strict=True) if count)


Time = Annotated[int, BeforeValidator(lambda text: 0 if text in ("0", "") else _ms(text))]
Texts = Annotated[dict[str, str], BeforeValidator(lambda value: value or {})]


class Expected(BaseModel):
    """An alert that a test expects, by labels and annotations."""

    exp_labels: Texts = Field(default_factory=dict)
    exp_annotations: Texts = Field(default_factory=dict)


class AlertTest(BaseModel):
    """What one alert has to be at one time of a test."""

    alertname: str = ""
    eval_time: Time = 0
    exp_alerts: Annotated[list[Expected], BeforeValidator(lambda value: value or [])] = Field(default_factory=list)


class Test(BaseModel):
    """One test of a file, as promtool has it: what it says of rules; its series are read apart."""

    external_labels: Texts = Field(default_factory=dict)
    external_url: str = ""
    alert_rule_test: Annotated[list[AlertTest], BeforeValidator(lambda value: value or [])] = Field(
        default_factory=list
    )


class TestFile(BaseModel):
    """A file of tests for rules, as promtool has it."""

    evaluation_interval: Time = 0
    rule_files: Annotated[list[str], BeforeValidator(lambda value: value or [])] = Field(default_factory=list)
    tests: list[dict[str, Any]] = Field(default_factory=list)

    @property
    def interval_ms(self) -> int:
        """From one evaluation to the next: a minute where the file does not say."""
        return self.evaluation_interval or MINUTE_MS


def run_tests(path: Path) -> tuple[bool, str]:
    """Whether the tests of a file pass, and what is said of them. NotInstalledError where there is no promtool."""
    good, said = said_of(path)
    wrong = list(differences(path)) if good else []
    lines = [f"{file}:{fault.path}: {fault.detail}" for file, fault in wrong]
    return good and all(fault.harmless for _, fault in wrong), "\n".join([said, *lines])


def differences(path: Path) -> Iterator[tuple[Path, Fault]]:
    """What of the alerts that a file expects is otherwise here, with the file in which it stands."""
    try:
        document = document_of(path.read_text("utf-8"))[0]
        file = TestFile.model_validate(document)
        tests = [Test.model_validate(one) for one in file.tests]
    except (OSError, ValueError, MalformedError) as error:
        yield path, Fault("$", str(error))
        return
    paths = [found for name in file.rule_files for found in matching(str(path.parent.absolute() / name))]
    rules: list[Compiled] = []
    for one in paths:
        read = read_path(one, Reading(any_size=True))
        yield from ((one, fault) for fault in read.faults if not fault.harmless)
        rules += [compile_rule(placed.rule, 1) for placed in read.rules if isinstance(placed.rule, Rule)]
    settings = {name: document[name] for name in ("evaluation_interval", "group_eval_order") if name in document}
    document = {**settings, "rule_files": [str(one) for one in paths]}
    for number, (test, raw) in enumerate(zip(tests, file.tests, strict=True)):
        ask = partial(answers, document, {name: raw[name] for name in SERIES if name in raw})
        scene = Scene(ask, test.external_labels, test.external_url)
        for checked, fault in _otherwise(test, scene, rules, file.interval_ms):
            where = json_path(["tests", number, "alert_rule_test", checked])
            yield path, replace(fault, path=where)


def _otherwise(test: Test, scene: Scene, rules: Sequence[Compiled], interval_ms: int) -> Iterator[tuple[int, Fault]]:
    """The checks of a test that come out otherwise, by their number."""
    named = [rule for rule in rules if rule.own["alertname"] in {one.alertname for one in test.alert_rule_test}]
    last_ms = max((one.eval_time for one in test.alert_rule_test), default=0)
    instants = range(0, last_ms + 1, interval_ms)
    if len(named) * len(instants) > MAX_ASKED:
        yield (
            0,
            Fault("", f"more than {MAX_ASKED} evaluations: what comes of them here is not looked at", harmless=True),
        )
        return
    found = rehearsed(scene, named, instants)
    for number, check in enumerate(test.alert_rule_test):
        at_ms = check.eval_time // interval_ms * interval_ms
        fires = [one for rule in named if rule.own["alertname"] == check.alertname for one in found[rule, at_ms]]
        expected = [
            Fires({**one.exp_labels, "alertname": check.alertname}, one.exp_annotations) for one in check.exp_alerts
        ]
        if _lines(fires) != _lines(expected):
            said = f"{check.alertname} at {duration_text(check.eval_time)}: expected {_lines(expected)}"
            yield number, Fault("", f"{said}, here {_lines(fires)}")


def _lines(alerts: Iterable[Fires]) -> list[str]:
    return sorted(json.dumps([dict(one.labels), dict(one.annotations)], sort_keys=True) for one in alerts)
