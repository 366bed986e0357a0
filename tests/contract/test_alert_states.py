"""Rules, leases, instances and events: the same promises over SQLite and PostgreSQL."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from heliograph.errors import DuplicateError, VersionConflictError
from heliograph.storage.config.alert_history import AlertHistory
from heliograph.storage.config.alert_rows import AlertEvent, Gap, RuleChange, RuleFault, StoredInstance, group_text
from heliograph.storage.config.alert_states import AlertStates
from heliograph.storage.config.database import Database
from heliograph.storage.config.leases import LONGEST_MS, Lease, LeaseLostError, LeaseTable
from heliograph.storage.config.notifications import Notifications, Turn
from heliograph.storage.config.rules import NewRule, Rules

ORG = 1
NOW = 1_700_000_000_000
FIRING = StoredInstance(ORG, "load", "f1", {"host": "a"}, {"summary": "high"}, "Firing", NOW, NOW, None, 0, 3.5, NOW)


def event(number: int) -> AlertEvent:
    return AlertEvent(ORG, NOW + number, "load", "Load", "f1", {}, {}, "Normal", "Firing", float(number))


async def held(database: Database, name: str = "alerts/0") -> Lease:
    return (await LeaseTable(database).take([name], "a", 60_000))[0]


async def test_a_rule_has_versions_and_a_lost_race_is_said(database: Database) -> None:
    rules = Rules(database)
    before = await rules.stamp()
    made = await rules.create(ORG, NewRule("load", "Load", "host", {"for": "5m"}), by="user:1", now_ms=NOW)
    assert (made.version, made.config, await rules.stamp() != before) == (1, {"for": "5m"}, True)
    changed = NewRule("load", "Load", "host", {"for": "1m"})
    assert (await rules.update(ORG, changed, version=1, by="user:2", now_ms=NOW)).version == 2
    with pytest.raises(VersionConflictError) as caught:
        await rules.update(ORG, changed, version=1, by="user:2", now_ms=NOW)
    assert caught.value.current_version == 2
    with pytest.raises(DuplicateError):
        await rules.create(ORG, changed, by="user:1", now_ms=NOW)


async def test_the_rules_of_a_file_replace_those_that_it_had(database: Database) -> None:
    rules = Rules(database)
    await rules.create(ORG, NewRule("own", "Own", "x", {}), by="user:1", now_ms=NOW)
    first = [NewRule(name, name, "g", {"n": 1}, origin="a.yml") for name in ("one", "two")]
    assert await rules.replace(ORG, "a.yml", first, by="file", now_ms=NOW) == 2
    assert await rules.replace(ORG, "a.yml", first, by="file", now_ms=NOW) == 0
    second = [NewRule("two", "two", "g", {"n": 2}, origin="a.yml")]
    assert await rules.replace(ORG, "a.yml", second, by="file", now_ms=NOW) == 2
    assert {rule.rule_id: rule.version for rule in await rules.list(ORG)} == {"own": 1, "two": 2}
    with pytest.raises(DuplicateError):
        await rules.replace(ORG, "b.yml", [NewRule("own", "own", "g", {}, origin="b.yml")], by="file", now_ms=NOW)


async def test_one_of_many_gets_a_lease_and_each_owner_another_epoch(config_url: str, database: Database) -> None:
    others = [Database(config_url) for _ in range(3)]
    tables = [LeaseTable(one) for one in (database, *others)]
    taken = await asyncio.gather(
        *(table.take(["alerts/0"], f"node{index}", 60_000) for index, table in enumerate(tables))
    )
    (first,) = [lease for leases in taken for lease in leases]
    assert await tables[0].owners("alerts/") == {"alerts/0": first.owner}
    await tables[0].release([first], progress_ms=NOW)
    (second,) = await tables[1].take(["alerts/0"], "other", 60_000)
    assert (second.epoch, second.progress_ms) == (first.epoch + 1, NOW)
    assert await tables[0].renew([first], 60_000) == []
    assert [lease.epoch for lease in await tables[0].renew([second], 60_000, NOW + 1)] == [second.epoch]
    for one in others:
        await one.close()


async def test_a_lease_whose_time_is_over_is_anybodys(database: Database) -> None:
    table = LeaseTable(database)
    (first,) = await table.take(["alerts/0"], "a", -1000)
    (second,) = await table.take(["alerts/0"], "b", 60_000)
    assert (first.epoch, second.epoch, await table.take(["alerts/0"], "c", 60_000)) == (1, 2, [])


async def test_a_lease_that_nobody_could_have_taken_for_so_long_is_anybodys(database: Database) -> None:
    table = LeaseTable(database)
    (first,) = await table.take(["alerts/0"], "a", LONGEST_MS + 60_000)  # the clock was set back since
    assert await table.owners("alerts/") == {}
    (second,) = await table.take(["alerts/0"], "b", 60_000)
    assert (second.epoch, await table.renew([first], 60_000)) == (first.epoch + 1, [])
    assert await table.owners("alerts/") == {"alerts/0": "b"}


async def test_a_start_of_a_node_takes_what_the_one_before_held(database: Database) -> None:
    table = LeaseTable(database)
    (first,) = await table.take(["alerts/0"], "a/1", 60_000)
    (second,) = await table.take(["alerts/0"], "a/2", 60_000)
    assert (second.epoch, await table.renew([first], 60_000)) == (first.epoch + 1, [])
    assert await table.take(["alerts/0"], "b/1", 60_000) == []


async def test_a_change_is_written_under_the_lease_alone(database: Database) -> None:
    states, table = AlertStates(database), LeaseTable(database)
    await Rules(database).create(ORG, NewRule("load", "Load", "host", {}), by="a", now_ms=NOW)
    lease = await held(database)
    change = RuleChange(ORG, "load", 1, [FIRING], events=[event(1)])
    assert await states.commit(lease, [change]) == set()
    await table.release([lease])
    await table.take(["alerts/0"], "b", 60_000)
    with pytest.raises(LeaseLostError):
        await states.commit(lease, [RuleChange(ORG, "load", 1, gone=["f1"], events=[event(2)])])
    assert await states.instances() == [FIRING]
    assert [one.value for one in await states.events_after(0)] == [1.0]


async def test_what_another_version_of_a_rule_evaluated_to_is_left_out(database: Database) -> None:
    states, lease = AlertStates(database), await held(database)
    for name in ("load", "disk"):
        await Rules(database).create(ORG, NewRule(name, name, "host", {}), by="a", now_ms=NOW)
    old = RuleChange(ORG, "load", 0, [FIRING], events=[event(1)])
    good = RuleChange(ORG, "disk", 1, [replace(FIRING, rule_id="disk")])
    gone = RuleChange(ORG, "gone", None, events=[event(2)])
    assert await states.commit(lease, [old, good, gone]) == {(ORG, "load")}
    assert [one.rule_id for one in await states.instances()] == ["disk"]
    assert [one.value for one in await states.events_after(0)] == [2.0]


async def test_what_a_rule_fails_of_is_kept_until_it_does_not_or_is_gone(database: Database) -> None:
    states, lease, rules = AlertStates(database), await held(database), Rules(database)
    for name in ("load", "disk"):
        await rules.create(ORG, NewRule(name, name, "host", {}), by="a", now_ms=NOW)

    async def fail(name: str, detail: str, at_ms: int) -> None:
        await states.commit(lease, [RuleChange(ORG, name, 1, fault=RuleFault(detail, at_ms))])

    await fail("load", "no answer", NOW)
    await fail("load", "no data source", NOW + 1)
    await fail("disk", "no answer", NOW)
    await states.commit(
        lease, [RuleChange(ORG, "load", 1, [FIRING]), RuleChange(ORG, "load", 0, fault=RuleFault("", NOW))]
    )
    both = {(ORG, "load"): RuleFault("no data source", NOW), (ORG, "disk"): RuleFault("no answer", NOW)}
    assert await states.faults() == await states.faults(ORG) == both
    assert await states.faults(ORG + 1) == {}
    await fail("load", "", NOW + 2)
    await rules.delete(ORG, "disk")
    assert await states.faults() == {}


async def test_an_instance_is_changed_and_goes_and_outlives_its_rule(database: Database) -> None:
    states, lease, rules = AlertStates(database), await held(database), Rules(database)
    await rules.create(ORG, NewRule("load", "Load", "host", {}), by="a", now_ms=NOW)
    await states.commit(lease, [RuleChange(ORG, "load", 1, [FIRING, replace(FIRING, fingerprint="f2")])])
    await states.commit(lease, [RuleChange(ORG, "load", 1, [replace(FIRING, missing=1)], gone=["f2"])])
    assert await states.of_org(ORG, "load") == [replace(FIRING, missing=1)]
    assert await states.counts() == {"Firing": 1}
    assert await states.orphans() == []
    await rules.delete(ORG, "load")
    assert await states.orphans() == [replace(FIRING, missing=1)]


async def test_who_reads_on_from_an_id_misses_no_event(config_url: str, database: Database) -> None:
    """A number that is given first may be committed last, unless those who write wait for each other."""
    nodes = [Database(config_url) for _ in range(4)]
    await Rules(database).create(ORG, NewRule("load", "Load", "host", {}), by="a", now_ms=NOW)
    leases = [await held(database, f"alerts/{number}") for number in range(4)]
    done, seen = asyncio.Event(), list[AlertEvent]()

    async def write(node: Database, lease: Lease, base: int) -> None:
        for number in range(25):
            changes = [RuleChange(ORG, "load", 1, events=[event(base + number), event(base + number + 1000)])]
            await AlertStates(node).commit(lease, changes)

    async def read() -> None:
        last = False
        while not last:
            last = done.is_set()
            seen.extend(await AlertStates(database).events_after(seen[-1].id if seen else 0))

    reading = asyncio.create_task(read())
    await asyncio.gather(
        *(write(node, lease, index * 100) for index, (node, lease) in enumerate(zip(nodes, leases, strict=True)))
    )
    done.set()
    await reading
    assert len({one.value for one in seen}) == len(seen) == 200
    for node in nodes:
        await node.close()


async def test_what_is_old_is_forgotten_once_it_was_taken(database: Database) -> None:
    states, history, lease = AlertStates(database), AlertHistory(database), await held(database)
    await states.commit(lease, [RuleChange(ORG, "load", None, events=[event(number) for number in range(5)])])
    assert await history.forget(NOW + 3) == 0  # nobody was told of them yet
    taken = [one.id for one in await states.events_after(0)][3]
    await Notifications(database).write(lease, Turn(seen=taken), NOW)
    assert await history.forget(NOW + 2) == 2
    assert await history.forget(NOW + 100) == 2
    assert await history.forget(NOW + 100) == 0
    assert [one.value for one in await states.events_after(0)] == [4.0]


async def test_what_was_missed_is_kept_by_group(database: Database) -> None:
    states = AlertStates(database)
    group = group_text(ORG, "f_x", "g")
    first, second = Gap(f"{group}/15000", NOW, NOW + 60_000, 3), Gap(f"{group}/1000", NOW + 70_000, NOW + 72_000, 1)
    others = [Gap(f"{group_text(*one)}/1000", NOW, NOW + 2000, 1) for one in ((ORG, "fax", "g"), (ORG, "f_x", "g/15"))]
    foreign = Gap(f"{group_text(11, 'f_x', 'g')}/1000", NOW, NOW + 2000, 1)
    await states.record_gaps([first, second, *others, foreign])
    assert await states.gaps(ORG, NOW, NOW + 90_000, group=group) == [second, first]
    assert (second.group, second.interval_ms) == (group, 1000)
    assert await states.gaps(ORG, NOW + 61_000, NOW + 90_000) == [second]
    assert await states.gaps(ORG, NOW, NOW + 69_000) == [first, *reversed(others)]
    assert await states.missed(ORG, NOW, NOW + 90_000) == {group: 4, **{one.group: 1 for one in others}}
    joined = Gap("a/1", NOW, NOW + 1000, 1).joined(Gap("a/1", NOW + 2000, NOW + 9000, 6))
    assert joined == Gap("a/1", NOW, NOW + 9000, 7)


async def test_a_lease_says_how_far_its_work_is_done(database: Database) -> None:
    table = LeaseTable(database)
    taken = await table.take(["alerts/0", "alerts/1", "notifications"], "a/1", 60_000)
    assert await table.progress("alerts/") == {}
    await table.renew(taken[:1], 60_000, NOW)
    assert await table.progress("alerts/") == {"alerts/0": NOW}
