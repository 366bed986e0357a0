"""The alert role's own assembly over a SQLite database that is both its config and, another one, its data source."""

from __future__ import annotations

import asyncio
import contextlib
import random
import sqlite3
import time
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import Any

import pytest
from fixtures.naming import fresh
from fixtures.prometheus import Prometheus, written
from fixtures.skewed import DatabaseClock

from heliograph.alerting.clock import CommonClock
from heliograph.alerting.evaluation.keeper import PARTS
from heliograph.alerting.rules.checking import parsed
from heliograph.alerting.rules.keeping import as_new
from heliograph.app.accounts import now_ms
from heliograph.app.alerts.assembly import AlertGraph, compose, evaluating
from heliograph.app.alerts.recorder import StoreRecorder
from heliograph.app.basis import based
from heliograph.app.configuration import load_settings
from heliograph.app.settings import Settings
from heliograph.errors import ReadOnlyError
from heliograph.storage.config.alert_rows import AlertEvent, RuleChange
from heliograph.storage.config.leases import Lease

DEATHS = 12
LOAD: dict[str, Any] = {
    "title": "Load",
    "interval": "1s",
    "targets": [{"ref": "A", "datasource": "numbers", "query": "SELECT host, load FROM loads"}],
    "condition": {"of": "A", "fires": {"above": 5}, "resolves": {"below": 3}},
    "missing_after": 1,
    "no_data": "Normal",
    "error": "KeepLast",
    "labels": {"severity": "page"},
    "annotations": {"summary": "{{ $labels.host }} has {{ $value }}"},
}


def prepared(tmp_path: Path, name: str = "node") -> Settings:
    """A node over a config database that others may share, with the numbers of a file as its source."""
    config = tmp_path / f"{name}.toml"
    config.write_text(
        f'sql_drivers = ["sqlite"]\ndatabase_url = "sqlite:///{tmp_path / "config.db"}"\n'
        f'secret_key = "the same on all nodes, long enough"\nmetrics_url = "http://nobody@127.0.0.1:9/"\n'
        f'[[datasources]]\nuid = "numbers"\ntype = "sqlalchemy"\nurl = "sqlite:///{tmp_path / "numbers.db"}"\n'
    )
    return load_settings(config=config, flags={"data_dir": tmp_path / name}, environ={})


def set_loads(tmp_path: Path, **loads: float) -> None:
    with sqlite3.connect(tmp_path / "numbers.db") as numbers:
        numbers.execute("CREATE TABLE IF NOT EXISTS loads (host TEXT PRIMARY KEY, load REAL)")
        numbers.execute("DELETE FROM loads")
        numbers.executemany("INSERT INTO loads VALUES (?, ?)", loads.items())
    numbers.close()


async def make(graph: AlertGraph, **changes: Any) -> None:
    document = {**LOAD, "rule_id": "load", **changes}
    await graph.basis.config.rules.create(1, as_new(parsed(document), None), by="test", now_ms=now_ms())


async def told(graph: AlertGraph) -> list[AlertEvent]:
    return list(await graph.basis.config.alerts.events_after(0))


async def until(graph: AlertGraph, test: Callable[[list[AlertEvent]], Any], seconds: float = 120) -> list[AlertEvent]:
    async with asyncio.timeout(seconds):
        while not test(found := await told(graph)):
            await asyncio.sleep(0.05)
    return found


def counted(graph: AlertGraph, name: str) -> float:
    lines = graph.figures.exposition().decode().splitlines()
    return next((float(line.rpartition(" ")[2]) for line in lines if line.startswith(name)), 0.0)


def steps(events: list[AlertEvent]) -> list[tuple[str, str]]:
    return [(event.labels.get("host", ""), event.to_state) for event in events]


async def test_two_thresholds_hold_on_a_table_of_sql(tmp_path: Path) -> None:
    set_loads(tmp_path, a=9, b=1)
    async with evaluating(prepared(tmp_path)) as graph:
        await make(graph)
        (_, fired) = await until(graph, lambda found: len(found) == 2)
        assert fired.labels == {"host": "a", "severity": "page", "alertname": "Load"}
        assert (fired.to_state, fired.annotations, fired.value) == ("Firing", {"summary": "a has 9"}, 9.0)
        set_loads(tmp_path, a=4, b=9)
        assert steps(await until(graph, lambda found: len(found) == 4))[2:] == [("b", "Pending"), ("b", "Firing")]
        set_loads(tmp_path, a=2, b=9)
        assert steps(await until(graph, lambda found: len(found) == 5))[4:] == [("a", "Normal")]
        set_loads(tmp_path, a=2)
        assert steps(await until(graph, lambda found: len(found) == 6))[5:] == [("b", "Normal")]
        assert await graph.basis.config.alerts.instances() == []


async def test_a_rule_may_be_over_an_expression(tmp_path: Path) -> None:
    set_loads(tmp_path, a=3, b=1)
    async with evaluating(prepared(tmp_path)) as graph:
        double = {"ref": "B", "datasource": "__expr__", "query": {"type": "math", "expression": "$A * 2"}}
        await make(graph, targets=[*LOAD["targets"], double], condition={"of": "B", "fires": {"above": 5}})
        (_, fired) = await until(graph, lambda found: len(found) == 2)
        assert (fired.labels["host"], fired.value) == ("a", 6.0)


async def test_whoever_is_deleted_or_paused_is_over(tmp_path: Path) -> None:
    set_loads(tmp_path, a=9)
    async with evaluating(prepared(tmp_path)) as graph:
        await make(graph)
        await make(graph, rule_id="other", title="Other")
        await until(graph, lambda found: len(found) == 4)
        rules = graph.basis.config.rules
        await rules.delete(1, "load")
        paused = as_new(parsed({**LOAD, "rule_id": "other", "title": "Other", "paused": True}), None)
        await rules.update(1, paused, version=1, by="test", now_ms=now_ms())
        found = await until(graph, lambda found: len(found) == 6)
        assert {(event.title, event.to_state, event.reason) for event in found[4:]} == {
            ("Load", "Normal", "the rule ended"),
            ("Other", "Normal", "the rule ended"),
        }
        assert await graph.basis.config.alerts.instances() == []


async def test_what_was_written_stands_though_the_database_could_not_say_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The connection breaks after the commit, before its answer."""
    set_loads(tmp_path, a=9)
    async with evaluating(prepared(tmp_path)) as graph:
        alerts = graph.basis.config.alerts
        commit = alerts.commit

        async def unanswered(lease: Lease, changes: Sequence[RuleChange]) -> Collection[tuple[int, str]]:
            await commit(lease, changes)
            monkeypatch.undo()
            set_loads(tmp_path, a=1)
            raise ReadOnlyError("the config database does not answer")

        monkeypatch.setattr(alerts, "commit", unanswered)
        await make(graph)
        found = await until(graph, lambda found: steps(found)[-1:] == [("a", "Normal")])
        assert steps(found) == [("a", "Pending"), ("a", "Firing"), ("a", "Normal")]
        assert await alerts.instances() == []


@pytest.mark.parametrize("restarted", [False, True])
async def test_a_clock_that_is_set_back_by_hours_delays_nothing(
    tmp_path: Path, database_clock: DatabaseClock, *, restarted: bool
) -> None:
    set_loads(tmp_path, a=9, b=1)
    database_clock.ahead_s = 7200
    async with contextlib.AsyncExitStack() as stack:
        graph = await stack.enter_async_context(evaluating(prepared(tmp_path)))
        at_once = {"contact_point": "log", "group_by": ["host"], "group_wait": "0s", "group_interval": "1s"}
        await graph.basis.config.telling.policies.put(1, at_once, version=0, by="test", now_ms=now_ms())
        await make(graph, **{"for": "1s"})
        await until(graph, lambda found: steps(found) == [("a", "Pending"), ("a", "Firing")])
        assert await delivered(graph, 1) == ["firing"]
        if restarted:
            await stack.aclose()
        database_clock.ahead_s = 0
        if restarted:
            graph = await stack.enter_async_context(evaluating(prepared(tmp_path)))
        else:
            await seen_back(graph)
        set_loads(tmp_path, a=1, b=9)
        found = await until(graph, lambda found: len(found) == 5, seconds=60)
        assert sorted(steps(found[2:])) == [("a", "Normal"), ("b", "Firing"), ("b", "Pending")]
        assert all(event.at_ms <= now_ms() for event in found[2:])
        assert sorted(await delivered(graph, 3)) == ["firing", "firing", "resolved"]


async def seen_back(graph: AlertGraph) -> None:
    """Until it is known that the clock was set back."""
    async with asyncio.timeout(60):
        while not graph.keeper.turns:
            await asyncio.sleep(0.05)


async def delivered(graph: AlertGraph, count: int) -> list[str]:
    """What was told, once it is so much: the first one first."""
    async with asyncio.timeout(60):
        while True:
            found = await graph.basis.config.telling.notifications.deliveries(1, state="delivered")
            if len(found) >= count:
                return [one.status for one in reversed(found)]
            await asyncio.sleep(0.05)


async def test_whatever_moment_it_dies_at_no_event_is_lost_or_told_twice(tmp_path: Path) -> None:
    """Its tasks end as they stand, in the middle of whatever they do, and nothing is given back."""
    dice, settings = random.Random(3), prepared(tmp_path)
    set_loads(tmp_path, a=1)
    async with based(settings) as basis:
        recorder = StoreRecorder(basis.client, tmp_path / "spool")
        clock = CommonClock(time.monotonic, time.time)
        first = compose(basis, recorder, clock)
        await make(first, **{"for": "1s"})
        stop = asyncio.Event()
        changing = asyncio.create_task(change_for_ever(tmp_path, stop))
        for _ in range(DEATHS):
            graph = compose(basis, recorder, clock)
            tasks = [asyncio.create_task(graph.keeper.run()), asyncio.create_task(graph.evaluator.run())]
            await asyncio.sleep(dice.uniform(0.3, 4))
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        stop.set()
        await changing
        await graph.evaluator.close()
        found = await told(first)
        left = {one.fingerprint: one.state for one in await basis.config.alerts.instances()}
    states: dict[str, str] = {}
    times: dict[str, int] = {}
    for event in found:
        key = event.fingerprint
        assert event.from_state == states.get(key, "Normal")
        assert event.at_ms >= times.get(key, 0)
        states[key], times[key] = event.to_state, event.at_ms
    assert {key: state for key, state in states.items() if state != "Normal"} == left
    assert {state for _, state in steps(found)} == {"Pending", "Firing", "Normal"}


async def change_for_ever(tmp_path: Path, stop: asyncio.Event) -> None:
    dice = random.Random(4)
    while not stop.is_set():
        await asyncio.to_thread(lambda: set_loads(tmp_path, **{host: dice.choice([1, 4, 9, 9]) for host in "abcd"}))
        await asyncio.sleep(dice.uniform(0.5, 2.5))


async def test_two_nodes_share_the_parts_and_one_that_leaves_gives_its_own_back(tmp_path: Path) -> None:
    set_loads(tmp_path, a=9)
    async with evaluating(prepared(tmp_path, "one")) as one:
        async with evaluating(prepared(tmp_path, "two")) as two:
            for number in range(8):
                await make(one, rule_id=f"load-{number}", group=f"g{number}")
            async with asyncio.timeout(90):
                while (len(one.keeper.held), len(two.keeper.held)) != (PARTS // 2, PARTS // 2):
                    await asyncio.sleep(0.1)
            found = await until(one, lambda found: len(found) >= 16)
            assert len(found) == 16
            assert set(one.keeper.held) & set(two.keeper.held) == set()
            assert {len(graph.evaluator.book.timetable.groups) for graph in (one, two)} != {0, 8}
        async with asyncio.timeout(90):
            while len(one.keeper.held) != PARTS:
                await asyncio.sleep(0.1)
        set_loads(tmp_path, a=1)
        found = await until(one, lambda found: len(found) >= 24)
        assert [event.to_state for event in found[16:]] == ["Normal"] * 8


async def test_prometheus_is_asked_for_the_instant_and_its_templates_ask_it_too(
    tmp_path: Path, prometheus: Prometheus
) -> None:
    name = fresh("alert_test").replace("-", "_")

    async def write(value: float) -> None:
        series = written({"__name__": name, "service": "api"}, [(now_ms(), value)])
        await asyncio.to_thread(prometheus.write, series)

    config = tmp_path / "node.toml"
    config.write_text(
        f'metrics_url = "http://nobody@127.0.0.1:9/"\n'
        f'[[datasources]]\nuid = "prometheus"\ntype = "prometheus"\nurl = "{prometheus.url}"\n'
    )
    settings = load_settings(config=config, flags={"data_dir": tmp_path / "node"}, environ={})
    await write(9)
    async with evaluating(settings) as graph:
        summary = (
            f'{{{{ $labels.service }}}} at {{{{ with query "{name} * 2" }}}}{{{{ . | first | value }}}}{{{{ end }}}}'
        )
        await make(
            graph,
            targets=[{"ref": "A", "datasource": "prometheus", "query": name}],
            annotations={"summary": summary},
        )
        (_, fired) = await until(graph, lambda found: len(found) == 2)
        assert (fired.labels["service"], fired.value, fired.annotations["summary"]) == ("api", 9.0, "api at 18")
        await write(4)
        seen = 'heliograph_rule_evaluations_total{outcome="ok"}'
        before = counted(graph, seen)
        async with asyncio.timeout(90):
            while counted(graph, seen) < before + 3:
                await asyncio.sleep(0.1)
        assert len(await told(graph)) == 2
        await write(2)
        (*_, over) = await until(graph, lambda found: len(found) == 3)
        assert over.to_state == "Normal"
