"""Matchers, the policy tree, mute timings, silences and inhibitions; equal to amtool's where amtool tells."""

from __future__ import annotations

import calendar
import json
import shutil
import subprocess
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from heliograph.alerting.alert import Alert, fingerprint_of
from heliograph.alerting.routing.inhibition import Inhibition, InhibitionSpec, Inhibitor, preview
from heliograph.alerting.routing.matchers import Matcher, all_match, parse, parsed
from heliograph.alerting.routing.muting import Interval, MuteTiming, days_of_month
from heliograph.alerting.routing.policy import PolicyTree, Route, group_key, group_text, routed, where
from heliograph.alerting.routing.silences import Silence, Silencer, SilenceSpec, over

NAMES, VALUES = ("service", "severity", "zone"), ("api", "page", "crit", "a b", 'q"\\', "ü", "")
needs_amtool = pytest.mark.skipif(shutil.which("amtool") is None, reason="apt install prometheus-alertmanager")
labels = st.dictionaries(st.sampled_from(NAMES), st.sampled_from([one for one in VALUES if one]), max_size=3)
PATTERNS = ("api|page", "a.*", ".+", "", "(?i)PAGE", "[^c]rit", "ü?")


def root_of(document: Mapping[str, Any]) -> Route:
    return PolicyTree.model_validate(document).routes_in_order()[0]


@pytest.mark.parametrize(
    ("text", "name", "operator", "value"),
    [
        ('service="api"', "service", "=", "api"),
        ("severity=~page|crit", "severity", "=~", "page|crit"),
        (' a != "x y" ', "a", "!=", "x y"),
        (r'a=~"\d+\.\d"', "a", "=~", r"\d+\.\d"),
        (r'a="q\"\\\n"', "a", "=", 'q"\\\n'),
        ("a=", "a", "=", ""),
        ("a==b", "a", "=", "=b"),
        ('"näme with space"!~"x"', "näme with space", "!~", "x"),
        ("ключ=x", "ключ", "=", "x"),
    ],
)
def test_a_matcher_is_read_as_alertmanager_reads_it(text: str, name: str, operator: str, value: str) -> None:
    assert parse(text) == Matcher(name, operator, value)
    assert parse(str(parse(text))) == parse(text)


@pytest.mark.parametrize(
    "text", ["", "service", '="x"', 'a="x', 'a=x"y', 'a="x"y"', "a=~(", "a=x,b=y", '{a="x"}', '""="x"', "a=~(?=x)"]
)
def test_what_is_no_matcher_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse(text)


@given(st.text(min_size=1, max_size=20), st.sampled_from(["=", "!="]), st.text(max_size=20))
def test_a_matcher_of_any_text_is_written_so_that_it_is_read_again(name: str, operator: str, value: str) -> None:
    made = Matcher(name, operator, value)
    assert parse(str(made)) == made


def test_a_label_that_is_not_there_is_an_empty_text() -> None:
    assert parse('a=""').matches({})
    assert parse("a!=x").matches({})
    assert parse("a=~|x").matches({})
    assert not parse("a=~.+").matches({})


# -- the tree ----------------------------------------------------------------------------------------------------------


tests_of_labels = st.builds(
    lambda name, operator, value, pattern: str(Matcher(name, operator, value if operator in ("=", "!=") else pattern)),
    st.sampled_from(NAMES),
    st.sampled_from(["=", "!=", "=~", "!~"]),
    st.sampled_from(VALUES),
    st.sampled_from(PATTERNS),
)


def nodes(depth: int) -> st.SearchStrategy[dict[str, Any]]:
    node = {
        "matchers": st.lists(tests_of_labels, max_size=2),
        "contact_point": st.sampled_from(["", "a", "b", "c"]),
        "continue": st.booleans(),
        "routes": st.lists(nodes(depth - 1), max_size=3) if depth else st.just([]),
    }
    return st.fixed_dictionaries(node)


trees = st.lists(nodes(2), max_size=3).map(lambda routes: {"contact_point": "root", "routes": routes})


def as_alertmanager(document: Mapping[str, Any]) -> dict[str, Any]:
    def node(one: Mapping[str, Any]) -> dict[str, Any]:
        made: dict[str, Any] = {"routes": [node(below) for below in one["routes"]]}
        for ours, theirs in (("contact_point", "receiver"), ("matchers", "matchers"), ("continue", "continue")):
            if one.get(ours):
                made[theirs] = one[ours]
        return made

    return {"route": node(document), "receivers": [{"name": name} for name in ("root", "a", "b", "c")]}


@needs_amtool
@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(document=trees, of=labels)
def test_alerts_go_where_amtool_says(tmp_path: Path, document: dict[str, Any], of: dict[str, str]) -> None:
    config = tmp_path / "alertmanager.yml"
    config.write_text(json.dumps(as_alertmanager(document)))  # JSON is YAML
    told = [f'{name}="{value}"'.replace("\\", "\\\\").replace('q"', 'q\\"') for name, value in of.items()]
    command = ["amtool", "config", "routes", "test", f"--config.file={config}", *told]
    answer = subprocess.run(command, capture_output=True, text=True)
    assert answer.returncode == 0, answer.stderr
    assert answer.stdout.strip() == ",".join(route.contact_point for route in routed(root_of(document), of))


@given(trees, labels)
def test_every_alert_goes_somewhere_and_always_to_the_same_groups(document: dict[str, Any], of: dict[str, str]) -> None:
    found, again = (routed(root_of(document), of) for _ in range(2))
    assert found
    assert [group_key(route, of) for route in found] == [group_key(route, of) for route in again]


def test_a_node_inherits_what_it_does_not_say_but_mute_timings() -> None:
    root = root_of(
        {
            "contact_point": "mail",
            "group_by": ["alertname"],
            "group_wait": "10s",
            "routes": [
                {
                    "matchers": ["severity=page"],
                    "mute_timings": ["nights"],
                    "repeat_interval": "1h",
                    "routes": [{"matchers": ["team=a"], "group_by": ["..."]}],
                }
            ],
        }
    )
    of = {"alertname": "Down", "severity": "page", "team": "a"}
    assert where(root, of) == [
        {
            "path": "$.routes[0].routes[0]",
            "contact_point": "mail",
            "group": of,
            "group_wait_ms": 10_000,
            "group_interval_ms": 300_000,
            "repeat_interval_ms": 3_600_000,
            "mute_timings": [],
        }
    ]
    assert group_text(routed(root, of)[0], of).startswith('{}/{severity="page"}/{team="a"}:{alertname="Down"')


@pytest.mark.parametrize(
    ("document", "path"),
    [
        ({}, ("contact_point",)),
        ({"contact_point": "a", "matchers": ["a=b"]}, ()),
        ({"contact_point": "a", "mute_timings": ["x"]}, ()),
        ({"contact_point": "a", "routes": [{"matchers": ["a"]}]}, ("routes", 0, "matchers", 0)),
        ({"contact_point": "a", "group_interval": "0s"}, ("group_interval",)),
        ({"contact_point": "a", "group_wait": "-1s"}, ("group_wait",)),
        ({"contact_point": "a", "group_by": ["...", "a"]}, ("group_by",)),
        ({"contact_point": "a", "routes": [{"receiver": "x"}]}, ("routes", 0, "receiver")),
    ],
)
def test_a_fault_of_a_policy_is_named_by_its_path(document: dict[str, Any], path: tuple[Any, ...]) -> None:
    with pytest.raises(ValidationError) as caught:
        PolicyTree.model_validate(document)
    assert caught.value.errors()[0]["loc"] == path


# -- mute timings ------------------------------------------------------------------------------------------------------


def at(text: str, zone: str = "UTC") -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp() * 1000)


@pytest.mark.parametrize(
    ("interval", "time", "holds"),
    [
        ({"times": [{"start_time": "09:00", "end_time": "17:00"}]}, "2026-03-02T09:00", True),
        ({"times": [{"start_time": "09:00", "end_time": "17:00"}]}, "2026-03-02T17:00", False),
        ({"times": [{"start_time": "22:00", "end_time": "24:00"}]}, "2026-03-02T23:59", True),
        ({"weekdays": ["monday:friday"]}, "2026-03-01T12:00", False),  # a Sunday
        ({"weekdays": ["sunday"]}, "2026-03-01T12:00", True),
        ({"days_of_month": ["-3:-1"]}, "2026-02-26T00:00", True),
        ({"days_of_month": ["-3:-1"]}, "2026-02-25T00:00", False),
        ({"days_of_month": ["29:31"]}, "2026-02-28T00:00", False),
        ({"days_of_month": ["1:31"]}, "2026-02-28T00:00", True),
        ({"months": ["january:march"], "years": ["2026:2027"]}, "2026-03-31T12:00", True),
        ({"months": ["12"]}, "2026-03-31T12:00", False),
        ({"years": ["2025"]}, "2026-03-31T12:00", False),
    ],
)
def test_an_interval_holds_when_alertmanager_says_so(interval: dict[str, Any], time: str, holds: bool) -> None:
    assert Interval.model_validate(interval).holds(at(time)) is holds


def test_an_interval_follows_the_clock_of_its_zone_over_the_change_to_summer_time() -> None:
    nine = {"times": [{"start_time": "09:00", "end_time": "10:00"}], "location": "Europe/Berlin"}
    timing = MuteTiming.model_validate({"name": "morning", "intervals": [nine]})
    for day in ("2026-03-28", "2026-03-29", "2026-10-24", "2026-10-25"):
        assert timing.mutes(at(f"{day}T09:30", "Europe/Berlin"))
        assert not timing.mutes(at(f"{day}T10:30", "Europe/Berlin"))


@given(st.dates(date(2000, 1, 1), date(2099, 1, 1)), st.integers(-31, 31).filter(bool))
def test_a_day_from_the_end_of_a_month_is_that_day_of_every_month(day: date, number: int) -> None:
    length = calendar.monthrange(day.year, day.month)[1]
    held = Interval.model_validate({"days_of_month": [str(number)]}).holds(at(f"{day.isoformat()}T12:00"))
    from_end = max(1, length + number + 1)
    assert held is (day.day == number if number > 0 else day.day == from_end and length + number + 1 >= 1)


@pytest.mark.parametrize("text", ["0", "32", "5:3", "-1:-3", "-3:5", "5:-31", "x", "1:2:3", "٣"])
def test_days_that_are_none_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        days_of_month(text)


@pytest.mark.parametrize(
    "interval",
    [
        {"times": [{"start_time": "17:00", "end_time": "09:00"}]},
        {"times": [{"start_time": "9:00", "end_time": "10:00"}]},
        {"times": [{"start_time": "09:00", "end_time": "24:01"}]},
        {"weekdays": ["friday:monday"]},
        {"weekdays": ["0"]},
        {"months": ["13"]},
        {"years": ["soon"]},
        {"location": "Mars/Olympus"},
        {"location": "../../etc/passwd"},
    ],
)
def test_intervals_that_are_none_are_refused(interval: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Interval.model_validate(interval)


# -- silences ----------------------------------------------------------------------------------------------------------


def test_a_silence_silences_while_it_lasts() -> None:
    silence = Silence(7, (parse("service=api"),), 100, 200)
    found = [Silencer([silence], now).silencing({"service": "api"}) for now in (99, 100, 199, 200)]
    assert found == [(), (7,), (7,), ()]
    assert Silencer([silence], 150).silencing({"service": "web"}) == ()


@given(st.lists(st.lists(tests_of_labels, min_size=1, max_size=2), max_size=6), labels)
def test_silences_are_found_by_their_labels_as_if_all_were_tried(tests: list[list[str]], of: dict[str, str]) -> None:
    silences = [Silence(number, parsed(texts), 0, None) for number, texts in enumerate(tests)]
    assert Silencer(silences, 5).silencing(of) == tuple(one.id for one in silences if all_match(one.matchers, of))


def test_a_silence_that_ends_with_the_alert_ends_with_the_last_one() -> None:
    silence = Silence(1, (parse("service=api"),), 0, None, ends_with_alert=True)
    api, web = {"service": "api"}, {"service": "web"}
    assert over([silence], [api], [api | {"pod": "2"}], 5) == ()
    assert over([silence], [web], [], 5) == ()
    assert over([silence], [api], [web], 5) == (silence,)
    assert over([Silence(1, (parse("service=api"),), 0, 99)], [api], [], 5) == ()


@pytest.mark.parametrize(
    "document",
    [
        {"matchers": [], "ends_at": 5},
        {"matchers": ["a=~.*"], "ends_at": 5},
        {"matchers": ["a!=x"], "ends_at": 5},
        {"matchers": ["a=x"]},
        {"matchers": ["a=x"], "starts_at": 9, "ends_at": 5},
        {"matchers": ["a"], "ends_at": 5},
    ],
)
def test_a_silence_that_would_silence_all_or_never_end_is_refused(document: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        SilenceSpec.model_validate(document)


# -- inhibitions -------------------------------------------------------------------------------------------------------


def alert(**of: str) -> Alert:
    return Alert(fingerprint_of(of), of)


def test_what_follows_from_a_firing_alert_is_hidden_and_the_preview_says_by_what() -> None:
    rule = Inhibition.of(
        InhibitionSpec(source=['severity="page"'], target=['severity=~"warning|info"'], equal=["cluster"])
    )
    page, here = alert(severity="page", cluster="a"), alert(severity="warning", cluster="a")
    there, bare = alert(severity="warning", cluster="b"), alert(severity="warning")
    found = list(preview([rule], [page, here, there, bare]))
    assert [(one.alert, one.rule, one.by) for one in found] == [(here, 0, page)]
    assert list(preview([rule], [here])) == []


def test_alerts_that_pass_both_sides_do_not_hide_each_other() -> None:
    rule = Inhibition.of(InhibitionSpec(source=["team=a"], target=["severity=~.+"]))
    one, two = alert(team="a", severity="page"), alert(team="a", severity="info")
    assert list(preview([rule], [one, two])) == []
    assert [hidden.alert for hidden in preview([rule], [one, alert(team="a")])] == [one]


def test_an_alert_that_has_ended_hides_nothing() -> None:
    rule = Inhibition.of(InhibitionSpec(source=["severity=page"], target=["severity=info"]))
    ended = Alert("f", {"severity": "page"}, ends_ms=5)
    assert Inhibitor([rule], [ended]).hides(alert(severity="info")) is None


def test_fingerprints_are_those_of_prometheus() -> None:
    # github.com/prometheus/common/model: LabelSet.Fingerprint of {} is the offset, and of this what amtool shows.
    assert fingerprint_of({}) == "cbf29ce484222325"
