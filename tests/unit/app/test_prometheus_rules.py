"""Rules and alerts in the form of Prometheus's API."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from heliograph.alerting.evaluation.keeper import part_of
from heliograph.app.api.prometheus_rules import NEVER, Evaluated, groups_of, number_text
from heliograph.storage.config.alert_rows import RuleFault, StoredInstance
from heliograph.storage.config.rules import StoredRule


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1.0, "1e+00"),
        (0.0, "0e+00"),
        (-15.25, "-1.525e+01"),
        (123456789.0, "1.23456789e+08"),
        (1e-7, "1e-07"),
        (1e100, "1e+100"),
        (float("inf"), "+Inf"),
        (None, "NaN"),
    ],
)
def test_numbers_are_as_go_writes_them(value: float | None, text: str) -> None:
    assert number_text(value) == text


def stored(rule_id: str, kind: str, position: int, **config: Any) -> StoredRule:
    title = config.get("title", config.get("record", ""))
    return StoredRule(1, rule_id, title, "g", config, kind, None, "shop", position, "", 1, "a", "a", 0, 0)


def test_groups_hold_their_rules_with_the_worst_state_of_their_alerts() -> None:
    alert = {
        "title": "Errors",
        "group": "g",
        "interval": "30s",
        "for": "5m",
        "targets": [{"query": "errors > 5", "datasource": "p"}],
        "labels": {"severity": "page"},
    }
    record = {"record": "a:b", "group": "g", "interval": "30s", "target": {"query": "sum(a)"}}
    firing = StoredInstance(1, "e", "f", {"a": "b"}, {}, "Firing", 2000, 1500, None, 0, 7.5, 2000)
    pending = StoredInstance(1, "e", "g", {"a": "c"}, {}, "Pending", 2000, 2000, None, 0, 6.0, 2000)
    (group,) = groups_of(
        [stored("r", "record", 0, **record), stored("e", "alert", 1, **alert)],
        Evaluated({"e": [pending, firing]}, {}),
        "",
        with_files=False,
    )
    assert (group["name"], group["file"], group["interval"]) == ("g", "shop", 30.0)
    recording, alerting = group["rules"]
    assert (recording["type"], recording["name"], recording["query"]) == ("recording", "a:b", "sum(a)")
    assert (alerting["type"], alerting["state"], alerting["duration"], alerting["query"]) == (
        "alerting",
        "firing",
        300.0,
        "errors > 5",
    )
    assert alerting["alerts"][1] == {
        "labels": {"a": "b"},
        "annotations": {},
        "state": "firing",
        "activeAt": "1970-01-01T00:00:01.500000Z",
        "value": "7.5e+00",
    }


def test_a_rule_says_when_it_was_evaluated_last_and_how_that_went() -> None:
    targets = [{"query": "errors > 5", "datasource": "p"}]
    alert = {"title": "Errors", "group": "g", "interval": "30s", "targets": targets}
    rules = [
        stored("e", "alert", 0, **alert),
        stored("p", "alert", 1, **alert, paused=True),
        stored("q", "alert", 2, **alert, error="KeepLast"),
    ]
    faults = {(1, name): RuleFault("there is no data source p", 2000) for name in ("p", "q")}
    done_ms = 1_700_000_000_000
    progress = {part_of("1/shop/g"): done_ms}

    def told(evaluated: Evaluated) -> list[tuple[str, str]]:
        (group,) = groups_of(rules, evaluated, "alert", with_files=False)
        assert group["lastEvaluation"] == group["rules"][0]["lastEvaluation"]
        return [(one["health"], one["lastEvaluation"]) for one in group["rules"]]

    (healthy, last), paused, keeping = told(Evaluated({}, progress))
    at_ms = datetime.fromisoformat(last).timestamp() * 1000
    assert done_ms - 30_000 < at_ms <= done_ms
    assert (healthy, paused, keeping) == ("ok", ("unknown", NEVER), ("ok", last))
    assert told(Evaluated({}, progress, faults)) == [("ok", last), ("unknown", NEVER), ("err", last)]
    (group,) = groups_of(rules, Evaluated({}, progress, faults), "alert", with_files=False)
    assert [one.get("lastError") for one in group["rules"]] == [None, None, "there is no data source p"]
    assert told(Evaluated({}, {}))[0] == ("unknown", NEVER)
    assert groups_of(rules, Evaluated({}, progress), "record", with_files=False) == []
