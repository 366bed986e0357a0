"""What a receiver hears of a group: properties that hold whatever happens, and the times at which it speaks."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from heliograph.alerting.alert import Alert
from heliograph.alerting.grouping.group import Group, Muted, Said
from heliograph.alerting.grouping.groups import Groups
from heliograph.alerting.routing.policy import PolicyTree, Route

WAIT, INTERVAL, REPEAT = 10_000, 60_000, 600_000
TICK = 5000
NAMES = ("a", "b", "c")


def root_of(**more: Any) -> Route:
    document = {"contact_point": "here", "group_wait": "10s", "group_interval": "1m", "repeat_interval": "10m", **more}
    return PolicyTree.model_validate(document).routes_in_order()[0]


class Desk:
    """Groups, what is muted, and what the receivers have heard: (time, contact point, what was said)."""

    def __init__(self, root: Route | None = None) -> None:
        self.groups = Groups(root or root_of())
        self.root = root or root_of()
        self.now = 0
        self.muted = Muted()
        self.heard: list[tuple[int, str, Said]] = []
        self.disk: dict[str, Group] = {}

    def write(self) -> None:
        """What has changed goes to the disk, and nothing else."""
        for key in self.groups.changed:
            self.disk.pop(key, None)
            group = self.groups.get(key)
            if group is not None:
                self.disk[key] = reread(group)
        self.groups.changed.clear()

    def fire(self, *names: str, **labels: str) -> None:
        for name in names:
            self.groups.take([Alert(name, {"alertname": name, **labels}, starts_ms=self.now)], self.now)

    def end(self, *names: str) -> None:
        for name in names:
            self.groups.take([Alert(name, {"alertname": name}, starts_ms=self.now, ends_ms=self.now)], self.now)

    def mute(self, *names: str, everything: bool = False) -> None:
        self.muted = Muted(frozenset(names), everything)

    def wait(self, ms: int) -> None:
        """Let time pass, looked at every five seconds."""
        for _ in range(ms // TICK):
            self.now += TICK
            self.groups.unmute(lambda _: self.muted, self.now)
            for group, said in self.groups.flush(self.now, lambda _: self.muted, lambda _: True):
                self.heard.append((self.now, group.contact_point, said))
            self.write()

    def restart(self) -> None:
        """As a process that dies: what is written down is read again."""
        self.write()
        self.groups = Groups(self.root, self.disk.values(), self.now)

    def follow(self, root: Route) -> None:
        self.root = root
        self.groups.follow(root, self.now)

    def told(self) -> list[tuple[int, Sequence[str], Sequence[str]]]:
        return [(at, names(said.firing), names(said.resolved)) for at, _, said in self.heard]


def names(alerts: Sequence[Alert]) -> list[str]:
    return sorted(one.fingerprint for one in alerts)


def reread(group: Group) -> Group:
    kept = json.loads(json.dumps(group.as_json()))
    found = Group.of_json(group.key, group.contact_point, group.due_ms, kept)
    assert found == group
    return found


def test_a_group_waits_then_speaks_at_most_each_interval_and_again_after_long() -> None:
    desk = Desk()
    desk.fire("a")
    desk.wait(5000)
    desk.fire("b")
    desk.wait(10_000)
    desk.fire("c")
    desk.wait(700_000)
    assert desk.told() == [
        (10_000, ["a", "b"], []),
        (70_000, ["a", "b", "c"], []),
        (670_000, ["a", "b", "c"], []),
    ]


def test_whoever_was_told_of_an_alert_is_told_of_its_end() -> None:
    desk = Desk()
    desk.fire("a", "b")
    desk.wait(20_000)
    desk.end("a")
    desk.wait(60_000)
    desk.end("b")
    desk.wait(60_000)
    assert desk.told() == [(10_000, ["a", "b"], []), (70_000, ["b"], ["a"]), (130_000, [], ["b"])]
    ended = [alert for _, _, said in desk.heard for alert in said.resolved]
    assert [(one.starts_ms, one.ends_ms) for one in ended] == [(0, 20_000), (0, 80_000)]
    assert list(desk.groups) == []


def test_an_alert_that_ends_before_anybody_was_told_is_told_to_nobody() -> None:
    desk = Desk()
    desk.fire("a")
    desk.wait(5000)
    desk.end("a")
    desk.wait(120_000)
    assert desk.told() == []
    assert list(desk.groups) == []


def test_an_alert_that_fires_again_before_its_end_was_told_goes_on_firing() -> None:
    desk = Desk()
    desk.fire("a")
    desk.wait(20_000)
    desk.end("a")
    desk.wait(5000)
    desk.fire("a")
    desk.wait(120_000)
    assert desk.told() == [(10_000, ["a"], [])]


def test_the_end_of_an_alert_that_was_silenced_after_it_was_told_is_told() -> None:
    desk = Desk()
    desk.fire("a")
    desk.wait(20_000)
    desk.mute("a")
    desk.end("a")
    desk.wait(60_000)
    assert desk.told() == [(10_000, ["a"], []), (70_000, [], ["a"])]


def test_an_alert_that_is_not_silenced_any_more_is_told_within_the_wait() -> None:
    desk = Desk()
    desk.mute("a")
    desk.fire("a")
    desk.wait(15_000)
    desk.mute()
    desk.wait(30_000)
    assert desk.told() == [(30_000, ["a"], [])]


def test_a_mute_timing_holds_everything_back_and_what_it_held_is_told_within_the_wait() -> None:
    desk = Desk()
    desk.fire("a", "b")
    desk.wait(20_000)
    desk.mute(everything=True)
    desk.end("a")
    desk.fire("c")
    desk.wait(300_000)
    assert desk.told() == [(10_000, ["a", "b"], [])]
    desk.mute()
    desk.wait(15_000)
    assert desk.told()[1][0] <= 335_000
    assert desk.told()[1][1:] == (["b", "c"], ["a"])


def test_what_is_said_has_a_name_of_its_own_that_a_restart_does_not_change() -> None:
    one, other = Desk(), Desk()
    for desk in (one, other):
        desk.fire("a")
        desk.wait(5000)
    other.restart()
    for desk in (one, other):
        desk.wait(60_000)
        desk.fire("b")
        desk.wait(60_000)
    keys = [said.key for _, _, said in one.heard]
    assert keys == [said.key for _, _, said in other.heard]
    assert len(set(keys)) == len(keys) == 2


def test_older_news_change_nothing() -> None:
    desk = Desk()
    desk.now = 50_000
    desk.fire("a")
    desk.now = 40_000
    desk.end("a")
    desk.now = 51_000
    desk.wait(20_000)
    assert [told[1:] for told in desk.told()] == [(["a"], [])]


def test_groups_that_are_read_once_the_clock_was_set_back_go_on_from_now() -> None:
    desk = Desk()
    desk.now = 50_000_000
    desk.fire("a", "b")
    desk.wait(20_000)
    desk.end("b")
    desk.write()
    desk.now = 1_000_000
    desk.restart()
    desk.fire("c")
    desk.wait(70_000)
    desk.end("a", "c")
    desk.wait(130_000)
    assert desk.told() == [
        (50_010_000, ["a", "b"], []),
        (1_010_000, ["a", "c"], ["b"]),
        (1_130_000, [], ["a", "c"]),
    ]


def test_a_changed_policy_tells_nothing_twice_and_ends_what_it_told() -> None:
    desk = Desk()
    desk.fire("a", "b")
    desk.wait(20_000)
    desk.follow(root_of(group_by=["alertname"], routes=[{"matchers": ["alertname=b"], "contact_point": "there"}]))
    desk.wait(20_000)
    desk.end("a", "b")
    desk.wait(130_000)
    told = [(where, names(said.firing), names(said.resolved)) for _, where, said in desk.heard]
    assert told[0] == ("here", ["a", "b"], [])
    assert sorted(told[1:]) == [("here", [], ["a"]), ("here", [], ["b"]), ("there", [], ["b"]), ("there", ["b"], [])]


Event = tuple[str, Any]
events: st.SearchStrategy[list[Event]] = st.lists(
    st.one_of(
        st.tuples(st.just("fire"), st.sampled_from(NAMES)),
        st.tuples(st.just("end"), st.sampled_from(NAMES)),
        st.tuples(st.just("mute"), st.sets(st.sampled_from(NAMES))),
        st.tuples(st.just("mute all"), st.booleans()),
        st.tuples(st.just("wait"), st.sampled_from([5000, 15_000, 70_000, 700_000])),
        st.tuples(st.just("restart"), st.none()),
        st.tuples(st.just("follow"), st.sampled_from([[], ["alertname"], ["..."]])),
    ),
    max_size=40,
)


def play(happened: Sequence[Event], *, restarts: bool = True) -> tuple[Desk, dict[str, bool]]:
    desk, firing = Desk(), dict.fromkeys(NAMES, False)
    for kind, what in happened:
        desk.now += 1
        if kind == "fire" and not firing[what]:
            firing[what] = True
            desk.fire(what)
        elif kind == "end" and firing[what]:
            firing[what] = False
            desk.end(what)
        elif kind == "mute":
            desk.mute(*what)
        elif kind == "mute all":
            desk.mute(everything=what)
        elif kind == "wait":
            desk.wait(what)
        elif kind == "restart" and restarts:
            desk.restart()
        elif kind == "follow":
            desk.follow(root_of(group_by=what))
    return desk, firing


@settings(max_examples=200)
@given(events)
def test_each_firing_that_was_told_is_followed_by_its_end_and_no_end_comes_without(happened: list[Event]) -> None:
    desk, firing = play(happened)
    desk.end(*[name for name in NAMES if firing[name]])
    desk.mute()
    desk.wait(200_000)
    knows: Mapping[str, bool] = _heard_in_order(desk)
    assert not any(knows.values())
    assert list(desk.groups) == []


def _heard_in_order(desk: Desk) -> dict[str, bool]:
    """What the receiver believes in the end."""
    knows = dict.fromkeys(NAMES, False)
    for _, _, said in desk.heard:
        for one in said.firing:
            knows[one.fingerprint] = True
        for one in said.resolved:
            assert knows[one.fingerprint], "an end of what was never told"
            knows[one.fingerprint] = False
    return knows


@settings(max_examples=200)
@given(events)
@example([("fire", "a"), ("wait", 15_000), ("end", "a"), ("follow", ["alertname"]), ("fire", "a")])
def test_whoever_is_not_muted_knows_in_the_end_what_fires(happened: list[Event]) -> None:
    desk, firing = play(happened)
    desk.mute()
    desk.wait(200_000)
    assert _heard_in_order(desk) == firing


@settings(max_examples=200)
@given(events)
@example([("fire", "b"), ("wait", 15_000), ("follow", ["alertname"]), ("restart", None), ("end", "b"), ("wait", 5000)])
def test_restarts_change_nothing_that_anybody_is_told(happened: list[Event]) -> None:
    with_them, without = play(happened)[0], play(happened, restarts=False)[0]
    heard = [sorted((at, said.key) for at, _, said in desk.heard) for desk in (with_them, without)]
    assert heard[0] == heard[1]
    assert sorted(with_them.told()) == sorted(without.told())


@settings(max_examples=200)
@given(events)
def test_what_is_muted_is_not_told_that_it_fires(happened: list[Event]) -> None:
    desk, muted = Desk(), Muted()
    for kind, what in happened:
        desk.now += 1
        if kind == "mute":
            muted = Muted(frozenset(what))
            desk.muted = muted
        if kind == "fire":
            desk.fire(what)
        if kind == "wait":
            before = len(desk.heard)
            desk.wait(what)
            for _, _, said in desk.heard[before:]:
                assert not {one.fingerprint for one in said.firing} & muted.alerts


@settings(max_examples=200)
@given(st.lists(st.tuples(st.sampled_from(NAMES), st.booleans()), max_size=30))
def test_alerts_that_come_at_once_are_taken_as_one_after_the_other(happened: list[tuple[str, bool]]) -> None:
    alerts = [
        Alert(name, {"alertname": name}, starts_ms=at, ends_ms=None if fires else at)
        for at, (name, fires) in enumerate(happened)
    ]
    together, apart = Groups(root_of()), Groups(root_of())
    together.take(alerts, 0)
    for one in alerts:
        apart.take([one], 0)
    assert {one.key: one.members for one in together} == {one.key: one.members for one in apart}
