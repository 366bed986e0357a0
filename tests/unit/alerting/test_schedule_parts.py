"""Groups: when they are due, and what they share."""

from __future__ import annotations

from typing import Any

from heliograph.alerting.evaluation.groups import Timetable, grouped
from heliograph.alerting.evaluation.keeper import PARTS, part_of, share
from heliograph.alerting.evaluation.progress import LATE_MS, waits_since_ms
from heliograph.alerting.rules.compiled import Compiled, compile_rule
from heliograph.alerting.rules.declared import Rule
from heliograph.storage.config.rules import StoredRule

NOW = 1_700_000_000_000


def rule(name: str, **changes: Any) -> Compiled:
    document = {
        "rule_id": name,
        "title": name,
        "group": name,
        "interval": "15s",
        "targets": [{"query": "up"}],
        **changes,
    }
    return compile_rule(Rule.model_validate(document), 1)


def test_groups_that_ask_the_same_are_due_at_the_same_times() -> None:
    one, two = grouped([rule("a"), rule("b", condition={"fires": {"above": 3}})])
    other = grouped([rule("c", targets=[{"query": "down"}])])[0]
    assert one.next_ms(NOW) == two.next_ms(NOW)
    assert one.offset != other.offset


def test_a_paused_rule_is_in_no_group() -> None:
    assert [len(group.rules) for group in grouped([rule("a"), rule("b", group="a"), rule("c", paused=True)])] == [2]


def test_a_group_goes_on_from_its_last_evaluation_or_from_where_others_left_it() -> None:
    table = Timetable()
    (group,) = grouped([rule("a")])
    table.replace([group], NOW, {})
    first = table.next_ms()
    assert first is not None
    assert NOW < first <= NOW + 15_000
    assert table.due(first - 1) == []
    assert table.due(first) == [(first, group)]
    group.last_ms = first
    (again,) = grouped([rule("a")])
    table.replace([again], first + 1, {})
    assert (again.last_ms, table.next_ms()) == (first, first + 15_000)
    (taken,) = grouped([rule("b")])
    table.replace([taken], first + 1, {taken.part: first - 60_000})
    assert table.next_ms() == taken.due_ms(first + 1)  # the time that was left out, at once
    assert taken.last_ms == taken.due_ms(first - 60_000)


def test_a_group_that_was_late_is_evaluated_once_for_all_it_missed() -> None:
    table = Timetable()
    table.replace(grouped([rule("a")]), NOW, {})
    first = table.next_ms()
    assert first is not None
    assert [at_ms for at_ms, _ in table.due(first + 50_000)] == [first + 45_000]
    assert table.due(first + 50_000) == []


def test_an_interval_that_changes_leaves_a_group_where_it_is() -> None:
    one, two = grouped([rule("a"), rule("b", group="a", interval="1m")])
    assert one.part == two.part == part_of("1//a")


def test_all_parts_are_shared_out() -> None:
    assert all(share(nodes) * nodes >= PARTS for nodes in range(1, 40))
    assert (share(1), share(2), share(0)) == (PARTS, PARTS // 2, PARTS)


def stored(rule_id: str, *, created_ms: int = 0, paused: bool = False) -> StoredRule:
    config = {"paused": paused}
    return StoredRule(1, rule_id, rule_id, rule_id, config, "alert", None, "", 0, "", 1, "a", "a", created_ms, 0)


def test_rules_wait_since_the_part_that_is_most_behind_was_evaluated() -> None:
    old, new = stored("old"), stored("new", created_ms=NOW - 1000)
    behind = {part_of("1//old"): NOW - LATE_MS - 1}
    assert waits_since_ms([old, new], behind, NOW) == NOW - LATE_MS - 1
    assert waits_since_ms([old, new], {part_of("1//old"): NOW - LATE_MS}, NOW) is None, "another node may go on"
    assert waits_since_ms([stored("old", paused=True), new], behind, NOW) is None
    assert waits_since_ms([], {}, NOW) is None
    assert waits_since_ms([stored("never", created_ms=NOW - 2 * LATE_MS)], {}, NOW) == NOW - 2 * LATE_MS
