"""What becomes of a try to deliver, and of an event."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heliograph.alerting.grouping.notification import Notification, example
from heliograph.alerting.notifiers.base import NotifyError, Receipt
from heliograph.alerting.notifiers.texts import render
from heliograph.alerting.notifiers.times import rfc3339
from heliograph.alerting.notifying.arrangements import Arrangement
from heliograph.alerting.notifying.courier import LONGEST_WAIT_S, delivered, failed
from heliograph.alerting.notifying.desk import Desk, alert_of
from heliograph.backoff import spread_s
from heliograph.storage.config.alert_rows import AlertEvent
from heliograph.storage.config.notifications import DEAD, DELIVERED, PENDING, Delivery

NOW, HOUR = 1_700_000_000_000, 3_600_000
ONE = Delivery(1, "k", "g", "ops", "firing", {}, NOW, NOW, NOW)
LATER, NEVER = NotifyError("away", retryable=True, answer="a\0b"), NotifyError("no", retryable=False)


def test_what_arrived_is_delivered_with_what_the_receiver_said() -> None:
    after = delivered(ONE, Receipt("ok", "thanks\0"), NOW + 5)
    assert (after.state, after.tries, after.ended_ms, after.answer) == (DELIVERED, 1, NOW + 5, "thanks\ufffd")


def test_what_cannot_get_better_is_put_aside_at_once_and_the_rest_after_a_while() -> None:
    assert failed(ONE, NEVER, HOUR, NOW, 0.5).state == DEAD
    first = failed(ONE, LATER, HOUR, NOW, 1.0)
    assert (first.state, first.tries, first.due_ms) == (PENDING, 1, NOW + 1000)
    assert failed(ONE, LATER, HOUR, NOW + HOUR, 0.0).state == DEAD


def test_a_receiver_that_says_when_is_asked_no_sooner() -> None:
    busy = NotifyError("busy", retryable=True, wait_s=60.0)
    assert failed(ONE, busy, HOUR, NOW, 0.0).due_ms == NOW + 60_000


@given(st.integers(0, 10_000), st.floats(0, 1))
def test_waits_are_doubled_up_to_the_longest_and_half_of_them_is_chance(failures: int, chance: float) -> None:
    whole = min(LONGEST_WAIT_S, 2.0 ** min(failures, 60))
    assert whole / 2 <= spread_s(failures, 1.0, LONGEST_WAIT_S, chance) <= whole


@given(st.lists(st.floats(0, 1), min_size=60, max_size=60))
def test_tries_end_with_a_dead_letter_no_later_than_it_was_to_be_tried(chances: list[float]) -> None:
    one, now = ONE, NOW
    for chance in chances:
        one = failed(one, LATER, HOUR, now, chance)
        if one.state == DEAD:
            break
        now = one.due_ms
    assert one.state == DEAD
    assert now - NOW <= HOUR


def event(before: str, after: str, value: float | None = 1.0, at: int = NOW) -> AlertEvent:
    return AlertEvent(1, at, "load", "Load", "f", {"host": "a"}, {}, before, after, value, id=1)


@pytest.mark.parametrize(
    ("before", "after", "firing"),
    [
        ("Pending", "Firing", True), ("Normal", "NoData", True), ("Pending", "Error", True),
        ("Firing", "Normal", False), ("NoData", "Normal", False),
        ("Normal", "Pending", None), ("Pending", "Normal", None),
    ],
)  # fmt: skip
def test_events_between_alarms_and_calm_are_told_and_no_others(before: str, after: str, firing: bool | None) -> None:
    alert = alert_of(event(before, after), NOW)
    assert (alert.firing if alert is not None else None) is firing
    if alert is not None:
        assert alert.labels == {"alertname": "Load", "host": "a"}


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, None])
def test_a_value_that_json_has_not_is_none(value: float | None) -> None:
    alert = alert_of(event("Pending", "Firing", value), NOW)
    assert alert is not None
    assert alert.value is None
    said = replace(example("ops", NOW, ""), firing=(alert,))
    assert render("{{ range .Alerts }}{{ .Value }}{{ .ValueText }}{{ end }}", said) == "[no value]"


def test_times_of_an_alert_are_texts_and_instants_of_which_a_template_takes_what_it_wants() -> None:
    said = example("log", 1_435_065_584_128, "http://h")
    text = "{{ range .Alerts.Firing }}{{ .StartsAt }} {{ slice .StartsAt 0 4 }} {{ .EndsAt.IsZero }} "
    text += '{{ .StartsAt.Format "Mon 15:04" }} {{ .StartsAt.Sub .StartsAt }} {{ .StartsAt.Before .EndsAt }};{{ end }}'
    shown = rfc3339(said.alerts[0].starts_ms)
    day = datetime.fromtimestamp(said.alerts[0].starts_ms / 1000, UTC).strftime("%a %H:%M")
    assert render(text, said).split(";")[0] == f"{shown} {shown[:4]} true {day} 0s false"


def test_equal_label_sets_of_two_rules_are_two_alerts() -> None:
    desk = Desk(Arrangement(), (), NOW)
    events = [event("Pending", "Firing"), replace(event("Pending", "Firing"), rule_id="other")]
    desk.take(events, NOW)
    assert len(list(desk.firing())) == 2
    desk.take([event("Firing", "Normal", at=NOW + 1)], NOW + 1)
    assert [alert.rule_id for alert in desk.firing()] == ["other"]


def test_a_notification_is_the_same_after_it_was_kept() -> None:
    told = example("ops", NOW, "https://x")
    assert Notification.of_json(told.as_json()) == told
