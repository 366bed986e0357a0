"""Rules as they are declared: what is taken, and what is refused with which words."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from heliograph.alerting.rules.compiled import compiled
from heliograph.alerting.rules.condition import Condition
from heliograph.alerting.rules.declared import Rule
from heliograph.alerting.rules.durations import duration_ms, duration_text
from heliograph.alerting.schedule import due_ms, missed, next_ms, offset_ms
from heliograph.datasources.expressions.bound import Bound
from heliograph.storage.config.rules import StoredRule

RULE: dict[str, Any] = {
    "rule_id": "error-rate",
    "title": "Error rate",
    "folder": "shop",
    "group": "http",
    "interval": "15s",
    "targets": [{"ref": "A", "datasource": "prometheus", "query": "up"}],
    "condition": {"of": "A", "reducer": "last", "fires": {"above": 5}, "resolves": {"below": 3}},
    "for": "5m",
    "keep_firing_for": "0s",
    "missing_after": 2,
    "no_data": "NoData",
    "error": "Error",
    "labels": {"severity": "page"},
    "annotations": {"summary": "{{ $labels.service }} at {{ $value | humanize }} %"},
    "dashboard_id": "shop",
    "panel_id": 3,
    "paused": False,
    "version": 4,
}


def test_a_rule_is_the_document_that_it_was() -> None:
    rule = Rule.model_validate(RULE)
    assert rule.model_dump(by_alias=True, exclude_unset=True, exclude_none=True) == RULE | {
        "condition": {"of": "A", "reducer": "last", "fires": {"above": 5.0}, "resolves": {"below": 3.0}}
    }
    assert (rule.interval_ms, rule.for_ms, rule.keep_firing_ms) == (15_000, 300_000, 0)


@pytest.mark.parametrize(
    ("change", "where", "words"),
    [
        ({"title": "\u200b "}, "title", "nobody sees"),
        ({"group": "\u3164"}, "group", "nobody sees"),
        ({"title": "a\u202eb"}, "title", "direction of reading"),
        ({"for": "-5m"}, "for", "not a duration"),
        ({"for": "5 minutes"}, "for", "not a duration"),
        ({"interval": "0s"}, "interval", "at least 100ms"),
        ({"interval": "99ms"}, "interval", "at least 100ms"),
        ({"condition": {"fires": {"above": 5}, "resolves": {"below": 7}}}, "condition", "wrong side"),
        ({"condition": {"fires": {"above": 5}, "resolves": {"above": 7}}}, "condition", "wrong side"),
        ({"condition": {"fires": {"below": 5}, "resolves": {"below": 3}}}, "condition", "wrong side"),
        ({"condition": {"fires": {"from": 5}, "resolves": {"to": 5}}}, "condition", "wrong side"),
        ({"condition": {"fires": {"above": 9, "below": 1}}}, "condition.fires", "no number"),
        ({"condition": {"of": "B", "fires": {"above": 5}}}, "", "no target is B"),
        ({"condition": {"fires": {"above": math.inf}}}, "condition.fires.above", "finite"),
        ({"labels": {"a b": "x"}}, "labels", "not the name of a label"),
        ({"labels": {"alertname": "x"}}, "labels", "title of the rule"),
        ({"targets": [{"ref": "A"}, {"ref": "A"}]}, "", "two targets are A"),
        ({"dashboard_id": None}, "", "of which dashboard"),
        ({"no_data": "Error"}, "no_data", "Input should be"),
        ({"colour": "red"}, "colour", "Extra inputs"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_its_place(change: dict[str, Any], where: str, words: str) -> None:
    with pytest.raises(ValidationError) as caught:
        Rule.model_validate({**RULE, **change})
    (fault,) = caught.value.errors()
    assert ".".join(str(part) for part in fault["loc"]) == where
    assert words in fault["msg"]


values = st.one_of(st.floats(), st.sampled_from([2.0, 3.0, 4.0, 5.0, 6.0, math.inf, -math.inf, math.nan]))


@given(values)
def test_no_value_both_fires_and_has_recovered(value: float) -> None:
    condition = Condition.model_validate({"fires": {"above": 5}, "resolves": {"below": 3}})
    assert not (condition.breached(value) and condition.recovered(value))
    single = Condition.model_validate({"fires": {"above": 5}})
    assert single.breached(value) is not single.recovered(value)


def test_ends_belong_where_the_words_say() -> None:
    assert [Bound(above=5).holds(value) for value in (5, 5.1, math.nan, math.inf)] == [False, True, False, True]
    assert [Bound(**{"from": 5}).holds(value) for value in (4.9, 5)] == [False, True]
    assert [Bound(outside=(1, 2)).holds(value) for value in (0, 1, 2, 3)] == [True, False, False, True]
    assert Bound().holds(math.nan), "an expression that filters by itself has said all"


@pytest.mark.parametrize(
    ("text", "ms"), [("0", 0), ("0s", 0), ("90s", 90_000), ("1h30m", 5_400_000), ("1d", 86_400_000), ("250ms", 250)]
)
def test_durations_are_those_of_prometheus(text: str, ms: int) -> None:
    assert duration_ms(text) == ms
    assert duration_ms(duration_text(ms)) == ms


@pytest.mark.parametrize("text", ["", "5", "m", "-5m", "5m1h", "1.5h", "5M", "2000d", "5m ", "٣m"])
def test_other_texts_are_no_durations(text: str) -> None:
    with pytest.raises(ValueError, match=r"not a duration|longer"):
        duration_ms(text)


@given(st.integers(0, 2**42), st.text(max_size=20), st.sampled_from([1000, 15_000, 60_000, 86_400_000]))
def test_a_group_is_due_once_an_interval_at_its_own_place(now_ms: int, key: str, interval: int) -> None:
    due = due_ms(now_ms, key, interval)
    assert now_ms - interval < due <= now_ms < next_ms(now_ms, key, interval)
    assert due % interval == offset_ms(key, interval)
    assert next_ms(due, key, interval) - due == interval


def test_groups_spread_over_the_interval() -> None:
    places = {offset_ms(f"1/{number}", 60_000) // 6000 for number in range(200)}
    assert places == set(range(10))


def test_evaluations_that_were_not_are_counted() -> None:
    assert [missed(last, 60_000, 15_000) for last in (None, 45_000, 30_000, 0)] == [0, 0, 1, 3]


def test_a_rule_that_was_saved_with_a_blank_title_is_evaluated_all_the_same() -> None:
    config = {"title": " ", "group": "\u200b", "targets": RULE["targets"]}
    stored = StoredRule(1, "old", " ", "\u200b", config, "alert", None, "", 0, "", 1, "a", "a", 0, 0)
    assert compiled(stored) is not None
