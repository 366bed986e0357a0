"""States over time, as the events of rules tell them, and the marks of the list that are made of them."""

from __future__ import annotations

from heliograph.app.pages.alert_list import FLAPS, MARKS, flapped, marks
from heliograph.datasources.sources.heliograph_alerts import GRID, MISSED, interrupted, lane, steps_of
from heliograph.datasources.timerange import TimeRange
from heliograph.storage.config.alert_rows import AlertEvent, Gap, RuleFault, StoredInstance

HALF_HOUR = 1_800_000
NOW = MARKS * HALF_HOUR + 1_000_000_000_000


def event(at_ms: int, before: str, after: str, fingerprint: str = "f") -> AlertEvent:
    return AlertEvent(1, at_ms, "load", "Load", fingerprint, {}, {}, before, after, 1.0)


def instance(state: str, since_ms: int, fingerprint: str = "f") -> StoredInstance:
    return StoredInstance(1, "load", fingerprint, {}, {}, state, since_ms, since_ms, None, 0, 1.0, since_ms)


def test_an_instance_was_what_its_first_event_left_and_is_what_its_last_brought() -> None:
    events = [event(NOW - 10, "Firing", "Normal"), event(NOW - 50, "Pending", "Firing")]
    assert steps_of(events, []) == {("load", "f"): [(0, "Pending"), (NOW - 50, "Firing"), (NOW - 10, "Normal")]}


def test_what_stands_without_an_event_has_stood_since_it_began() -> None:
    events = [event(NOW - 10, "Normal", "Pending", "g")]
    found = steps_of(events, [instance("Firing", NOW - 99), instance("Pending", NOW - 10, "g")])
    assert found["load", "f"] == [(0, "Normal"), (NOW - 99, "Firing")]
    assert found["load", "g"] == [(0, "Normal"), (NOW - 10, "Pending")]
    assert list(found) == [("load", "g"), ("load", "f")]  # those with news first


def test_a_mark_is_the_worst_state_of_its_half_hour() -> None:
    began, ended = NOW - 5 * HALF_HOUR + 60_000, NOW - 4 * HALF_HOUR + 60_000
    events = [
        event(ended, "Firing", "Normal"),
        event(began + 1000, "Pending", "Firing"),
        event(began, "Normal", "Pending"),
    ]
    found = marks([], events, NOW)
    assert found == ["Normal"] * 7 + ["Firing", "Firing"] + ["Normal"] * 3
    assert marks([instance("NoData", NOW - 1000)], [], NOW) == ["Normal"] * 11 + ["NoData"]
    assert marks([instance("Firing", 0)], [], NOW) == ["Firing"] * MARKS
    assert marks([], [], NOW) == ["Normal"] * MARKS
    failing = RuleFault("no data source", NOW - HALF_HOUR - 1)
    assert marks([], [], NOW, fault=failing) == ["Normal"] * 10 + ["Error"] * 2


def test_a_rule_has_no_state_before_it_was_there() -> None:
    assert marks([], [], NOW, NOW - HALF_HOUR - 60_000) == [""] * (MARKS - 2) + ["Normal"] * 2
    steps = [(0, "Normal"), (NOW - 50, "Firing")]
    shown = lane("one", steps, TimeRange(NOW - 200, NOW), NOW - 100)
    times, states = (list(field.values) for field in shown.fields)
    assert [state for at, state in zip(times, states, strict=True) if at < NOW - 100] == [None] * times.index(NOW - 100)
    assert set(states[times.index(NOW - 100) :]) == {"Normal", "Firing"}


def test_a_rule_flaps_where_one_of_its_instances_fires_again_and_again() -> None:
    fired = [event(NOW - count * 60_000, "Pending", "Firing") for count in range(FLAPS)]
    ended = [event(NOW - count * 60_000 - 1, "Firing", "Normal") for count in range(FLAPS)]
    assert flapped([*fired, *ended], NOW) == FLAPS
    assert flapped(fired[1:], NOW) == 0
    assert flapped([*fired[1:], event(NOW - 1, "Pending", "Firing", "another")], NOW) == 0
    assert flapped(fired, NOW + 2 * HALF_HOUR) == 0, "it is an hour ago"


def test_what_was_not_evaluated_has_no_state_until_it_was_again() -> None:
    range_ = TimeRange(NOW - GRID * 1000, NOW)  # a second is seen
    steps = [(0, "Normal"), (NOW - 90_000, "Pending"), (NOW - 30_000, "Firing")]
    gap = Gap("1//g/10000", NOW - 80_000, NOW - 50_000, 2)
    found = interrupted(steps, [gap], range_)
    assert found == [*steps[:2], (NOW - 70_000, MISSED), (NOW - 50_000, "Pending"), steps[2]]
    ends = Gap("1//g/10000", NOW - 60_000, NOW - 30_000, 2)  # and what it saw then is another state
    assert interrupted(steps, [ends], range_) == [*steps[:2], (NOW - 50_000, MISSED), steps[2]]
    earlier = Gap("1//g/10000", NOW - 80_000, NOW - 60_000, 1)
    both = [*steps[:2], (NOW - 70_000, MISSED), (NOW - 60_000, "Pending"), (NOW - 50_000, MISSED), steps[2]]
    assert interrupted(steps, [ends, earlier], range_) == interrupted(steps, [earlier, ends], range_) == both
    short = Gap("1//g/100", NOW - 80_000, NOW - 79_800, 1)
    assert interrupted(steps, [short], range_) == steps, "nobody sees it"
