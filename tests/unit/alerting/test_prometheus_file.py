"""Rule files of Prometheus: what they become, and what of them is refused where."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from heliograph.alerting.rules.declared import Rule
from heliograph.alerting.rules.prometheus_file import Reading, read
from heliograph.alerting.rules.recording import RecordingRule
from heliograph.errors import InvalidError, MalformedError

CORPUS = os.environ.get("HELIOGRAPH_TEST_CORPUS", "")
FILES = sorted(Path(CORPUS, "rules").glob("*.yml")) if CORPUS else []
GROUP = """
groups:
- name: http
  interval: 30s
  labels: {team: shop}
  rules:
  - record: job:errors:rate5m
    expr: sum by (job) (rate(errors_total[5m]))
  - alert: Errors
    expr: job:errors:rate5m > 5
    for: 5m
    keep_firing_for: 1m
    labels: {severity: page, level: 3}
    annotations: {summary: '{{ $labels.job }} at {{ $value | humanize }}'}
"""


def test_a_group_becomes_rules_in_its_order() -> None:
    found = read(GROUP, Reading(folder="shop", datasource="prom"))
    assert found.faults == []
    record, alert = (one.rule for one in found.rules)
    assert isinstance(record, RecordingRule)
    assert isinstance(alert, Rule)
    assert (record.record, record.target.query, record.interval) == (
        "job:errors:rate5m",
        "sum by (job) (rate(errors_total[5m]))",
        "30s",
    )
    assert (alert.title, alert.for_, alert.keep_firing_for, alert.folder) == ("Errors", "5m", "1m", "shop")
    assert alert.labels == {"team": "shop", "severity": "page", "level": "3"}
    assert (alert.targets[0].datasource, alert.condition.fires.is_open, alert.missing_after) == ("prom", True, 1)
    assert (alert.no_data, alert.error) == ("Normal", "KeepLast")
    assert [one.position for one in found.rules] == [0, 1]


def test_what_yaml_merges_and_what_has_no_value_is_as_prometheus_reads_it() -> None:
    text = """
groups:
- name: g
  interval:
  rules:
  - alert: A
    expr: up{job=~`\\w+"`} # a raw text
    for:
    labels: &page {severity: page, level: 1.0, on: yes}
    annotations:
  - {alert: B, expr: up, labels: {<<: *page, severity: }, annotations: {a: ~}}
- name: empty
  rules:
"""
    found = read(text)
    first, second = (one.rule for one in found.rules)
    assert found.faults == []
    assert isinstance(first, Rule)
    assert isinstance(second, Rule)
    assert (first.for_, first.annotations, second.annotations) == ("0s", {}, {"a": ""})
    assert first.labels == {"severity": "page", "level": "1.0", "on": "yes"}
    assert second.labels == {**first.labels, "severity": ""}
    assert list(read("groups:\n").rules) == []


def test_ids_are_the_same_each_time_and_tell_rules_of_one_name_apart() -> None:
    twice = "groups:\n- name: g\n  rules:\n  - {alert: A, expr: up}\n  - {alert: A, expr: up == 0}\n"
    first, second = (one.rule.rule_id for one in read(twice).rules)
    assert first != second
    assert [one.rule.rule_id for one in read(twice).rules] == [first, second]


@pytest.mark.parametrize(
    ("rule", "path"),
    [
        ("{alert: A, expr: 'sum('}", "$.groups[0].rules[0].expr"),
        ("{alert: A, expr: up, for: -5m}", "$.groups[0].rules[0].for"),
        ("{alert: A, record: b, expr: up}", "$.groups[0].rules[0]"),
        ("{alert: A}", "$.groups[0].rules[0].expr"),
        ("{record: a b, expr: up}", "$.groups[0].rules[0].record"),
        ("{record: a, expr: up, for: 5m}", "$.groups[0].rules[0]"),
        ("{alert: A, expr: up, labels: {a-b: c}}", "$.groups[0].rules[0].labels"),
        ("{alert: A, expr: up, labels: {__name__: c}}", "$.groups[0].rules[0].labels"),
        ("{alert: A, expr: up, annotations: {a: '{{ nope }}'}}", "$.groups[0].rules[0].annotations.a"),
        ("{alert: A, expr: up, severity: page}", "$.groups[0].rules[0].severity"),
    ],
)
def test_a_fault_says_where_it_stands_and_leaves_the_other_rules(rule: str, path: str) -> None:
    found = read(f"groups:\n- name: g\n  rules:\n  - {rule}\n  - {{alert: Good, expr: up}}\n")
    assert [one.path for one in found.faults] == [path]
    assert [one.rule.title for one in found.rules] == ["Good"]


def test_all_that_is_wrong_with_a_rule_is_said_at_once() -> None:
    texts = "{a: '{{ nope }}', b: fine, c: '{{'}"
    found = read(
        "groups:\n- name: g\n  rules:\n"
        "  - {alert: A, expr: up ==, for: -5m, labels: {a-b: c}}\n"
        f"  - {{alert: B, expr: sum(, annotations: {texts}}}\n"
    )
    first, second = "$.groups[0].rules[0]", "$.groups[0].rules[1]"
    assert {one.path for one in found.faults} == {
        f"{first}.for", f"{first}.labels", f"{first}.expr",
        f"{second}.annotations.a", f"{second}.annotations.c", f"{second}.expr",
    }  # fmt: skip
    assert found.rules == []


def test_a_dash_without_a_rule_is_passed_over_as_by_prometheus() -> None:
    found = read("groups:\n- name: g\n  rules:\n  -\n  - {alert: Good, expr: up}\n  - ~\n")
    assert found.faults == []
    assert [(one.rule.title, one.path) for one in found.rules] == [("Good", "$.groups[0].rules[1]")]


def test_what_is_not_kept_is_said() -> None:
    found = read("groups:\n- name: g\n  limit: 5\n  rules:\n  - {alert: A, expr: up}\n")
    assert [one.path for one in found.faults] == ["$.groups[0].limit"]
    assert len(found.rules) == 1


def test_a_label_in_the_place_of_an_alerts_name_gives_way_to_it_as_for_prometheus() -> None:
    group = "groups:\n- name: g\n  labels: {alertname: all}\n  rules:\n"
    found = read(
        f"{group}  - {{record: r, expr: up}}\n  - {{alert: A, expr: up}}\n"
        "  - {alert: B, expr: up, labels: {alertname: own, a: b}}\n"
        "  - {alert: C, expr: up, labels: {alertname: '{{ x }}'}}\n"
    )
    assert [(one.path, one.harmless) for one in found.faults] == [
        ("$.groups[0].labels.alertname", True),
        ("$.groups[0].rules[2].labels.alertname", True),
        ("$.groups[0].rules[3].labels.alertname", False),
    ]
    assert [(one.rule.title, one.rule.labels) for one in found.rules] == [
        ("r", {"alertname": "all"}),
        ("A", {}),
        ("B", {"a": "b"}),
    ]


@pytest.mark.parametrize(
    ("written", "taken", "said"),
    [("500ms", "500ms", False), ("100ms", "100ms", False), ("10ms", "100ms", True), ("0s", "1m", False)],
)
def test_groups_may_be_evaluated_more_than_once_a_second(written: str, taken: str, said: bool) -> None:
    found = read(f"groups:\n- name: g\n  interval: {written}\n  rules:\n  - {{alert: A, expr: up}}\n")
    assert [one.rule.interval for one in found.rules] == [taken]
    assert [(one.path, one.harmless) for one in found.faults] == [("$.groups[0].interval", True)] * said


@pytest.mark.parametrize(
    ("said", "path"),
    [
        ("limit: many", "$.groups[0].limit"),
        ("limit: 1.5", "$.groups[0].limit"),
        ("query_offset: soon", "$.groups[0].query_offset"),
        ("query_offset: -1m", "$.groups[0].query_offset"),
        ("limit: 0", None),
        ("limit:", None),
        ("query_offset: 0s", None),
    ],
)
def test_what_is_not_kept_of_a_group_is_read_all_the_same(said: str, path: str | None) -> None:
    found = read(f"groups:\n- name: g\n  {said}\n  rules:\n  - {{alert: A, expr: up}}\n")
    assert [(one.path, one.harmless) for one in found.faults] == ([(path, False)] if path else [])
    assert len(found.rules) == (0 if path else 1)


def test_resources_of_kubernetes_hold_groups_too() -> None:
    resource = "kind: PrometheusRule\nspec:\n" + GROUP.replace("\n", "\n  ")
    assert len(read(resource).rules) == 2
    assert len(read(f"{resource}\n---\n{GROUP.replace('name: http', 'name: other')}").rules) == 4


@pytest.mark.parametrize("text", ["groups: [", "\tgroups: 1", "a: *nothing", "groups: []\ngroups: []"])
def test_what_is_no_yaml_is_malformed(text: str) -> None:
    with pytest.raises(MalformedError):
        read(text)


def test_little_text_does_not_become_a_large_document() -> None:
    lines = ["a: &a [x, x, x, x, x, x, x, x, x, x]"]
    for before, after in zip("abcdefgh", "bcdefghi", strict=True):
        lines.append(f"{after}: &{after} [{', '.join([f'*{before}'] * 10)}]")
    with pytest.raises(MalformedError):
        read("\n".join(lines))
    rules = "".join(f"  - {{alert: A{number}, expr: up, annotations: {{s: *a}}}}\n" for number in range(4_000))
    with pytest.raises(MalformedError, match="too long together"):
        read(f"a: &a {'x' * 9_000}\ngroups:\n- name: g\n  rules:\n{rules}")


@pytest.mark.parametrize("document", ["", "x: 1", "groups: 5", "- a", "kind: PrometheusRule\n"])
def test_what_is_no_rule_file_is_invalid(document: Any) -> None:
    with pytest.raises(InvalidError):
        read(document)


@pytest.mark.skipif(not FILES, reason="HELIOGRAPH_TEST_CORPUS names no folder of rule files")
@pytest.mark.parametrize("file", FILES, ids=[file.name for file in FILES])
def test_every_file_of_the_corpus_is_taken_whole(file: Path) -> None:
    text = file.read_text("utf-8")
    found = read(text, Reading(any_size=True))
    assert found.faults == []
    assert len(found.rules) == sum(
        line.strip().removeprefix("- ").startswith(("alert:", "record:")) for line in text.splitlines()
    )
