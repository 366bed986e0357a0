"""Variables of panels as instances of rules."""

from __future__ import annotations

from typing import Any

import promql_parser
import pytest

from heliograph.alerting.rules.per_value import per_value


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ('up{job="$job"}', 'up{job=~"api|web"}'),
        ('up{job=~"${job:regex}", other="x"}', 'up{job=~"api|web", other="x"}'),
        ("up{job=~'[[job]]'}", 'up{job=~"api|web"}'),
        ('sum(rate(x{job="$job"}[5m]))', 'sum by (job) (rate(x{job=~"api|web"}[5m]))'),
        ('sum by (code) (x{job="$job"})', 'sum by (code, job) (x{job=~"api|web"})'),
        ('sum(x{job="$job"}) by (code)', 'sum(x{job=~"api|web"}) by (code, job)'),
        ('sum by (job) (x{job="$job"})', 'sum by (job) (x{job=~"api|web"})'),
        ('sum without (job, pod) (x{job="$job"})', 'sum without (pod) (x{job=~"api|web"})'),
        (
            'max(sum by (pod) (x{job="$job"})) / count(y{job="$job"})',
            'max by (job) (sum by (pod, job) (x{job=~"api|web"})) / count by (job) (y{job=~"api|web"})',
        ),
        ('sum(x) / sum(y{job="$job"})', 'sum(x) / sum by (job) (y{job=~"api|web"})'),
        ('x{text="sum(job=~)", job="$job"}', 'x{text="sum(job=~)", job=~"api|web"}'),
    ],
)
def test_a_matcher_asks_for_all_values_and_aggregations_keep_its_label(text: str, made: str) -> None:
    assert per_value(text, {"job": ["api", "web"]}) == (made, {"job": "job"})
    promql_parser.parse(made)


def test_without_values_every_one_there_is() -> None:
    assert per_value('up{instance=~"$host"}', {"host": []}) == ('up{instance=~".+"}', {"host": "instance"})


def test_values_are_no_patterns_and_end_no_string() -> None:
    made, _ = per_value('up{job="$job"}', {"job": ['a.b"c']})
    selector: Any = promql_parser.parse(made)
    assert selector.matchers.matchers[0].value == 'a\\.b"c'


def test_what_is_no_whole_value_stays() -> None:
    for text in ('up{job="$job-x"}', "rate(x[$job])", 'up{job!="$job"}', 'up{job="$other"}'):
        assert per_value(text, {"job": ["a"]}) == (text, {})
