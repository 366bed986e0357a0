"""What a node knows of its rules, while its leases are renewed in time, late, or not at all."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from fixtures.skewed import DatabaseClock

from heliograph.alerting.clock import CommonClock
from heliograph.alerting.evaluation.book import Book
from heliograph.alerting.evaluation.keeper import LEASE_MS, Keeper
from heliograph.storage.config.alert_rows import RuleChange, StoredInstance
from heliograph.storage.config.alert_states import AlertStates
from heliograph.storage.config.database import Database
from heliograph.storage.config.leases import LeaseTable
from heliograph.storage.config.rules import NewRule, Rules

KEY = (1, "a")


@pytest.fixture
async def database(tmp_path: Path, database_clock: DatabaseClock) -> AsyncIterator[Database]:
    made = Database(f"sqlite:///{tmp_path / 'heliograph.db'}")
    await made.upgrade()
    document = {"title": "A", "group": "g", "interval": "15s", "targets": [{"query": "up"}]}
    await Rules(made).replace(1, "", [NewRule("a", "A", "g", document)], by="test", now_ms=1)
    yield made
    await made.close()


class Node:
    """A node whose clock goes as it is told."""

    def __init__(self, database: Database, name: str) -> None:
        self.now_s = 0.0
        self.keeper = Keeper(LeaseTable(database), name, CommonClock(lambda: self.now_s, time.time))
        self.book = Book(Rules(database), AlertStates(database), self.keeper)

    async def refresh(self) -> Any:
        await self.book.refresh(nothing_ends)
        return self.book.known.get(KEY)


async def nothing_ends(*_: Any, gone: bool) -> None:
    raise AssertionError(gone)


async def test_who_renews_late_goes_on_with_what_it_knows(database: Database, database_clock: DatabaseClock) -> None:
    node = Node(database, "one/1")
    await node.keeper.turn()
    known = await node.refresh()
    assert (known, node.keeper.unsure) == ({}, False)
    node.now_s += LEASE_MS / 1000
    database_clock.ahead_s += LEASE_MS / 1000
    assert (dict(node.keeper.held), node.keeper.unsure) == ({}, True)
    assert await node.refresh() is known
    await node.keeper.turn()
    assert (len(node.keeper.held), node.keeper.unsure) == (32, False)
    assert await node.refresh() is known


async def test_who_lost_its_leases_meanwhile_reads_anew(database: Database, database_clock: DatabaseClock) -> None:
    node, same = Node(database, "one/1"), Node(database, "one/2")
    await node.keeper.turn()
    known = await node.refresh()
    node.now_s += LEASE_MS / 1000
    database_clock.ahead_s += LEASE_MS / 1000
    await same.keeper.turn()  # another start of the node takes them all
    assert await node.refresh() is known
    await node.keeper.turn()
    again = await node.refresh()
    assert again == {}
    assert again is not known


async def test_once_the_clock_was_set_back_all_is_read_again_as_of_now(
    database: Database, database_clock: DatabaseClock
) -> None:
    database_clock.ahead_s = 7200
    node = Node(database, "one/1")
    await node.keeper.turn()
    known = await node.refresh()
    ahead_ms = node.keeper.now_ms()
    group = next(iter(node.book.timetable.groups.values()))
    group.last_ms = ahead_ms
    pending = StoredInstance(1, "a", "f", {}, {}, "Pending", ahead_ms, ahead_ms, None, 0, 1.0, ahead_ms)
    (lease,) = [one for one in node.keeper.held.values() if one.name == group.part]
    await AlertStates(database).commit(lease, [RuleChange(1, "a", 1, [pending])])
    database_clock.ahead_s = 0
    await node.keeper.turn()
    again = await node.refresh()
    assert again is not known
    now_ms = node.keeper.now_ms()
    assert ahead_ms - now_ms > 7_000_000
    assert again["f"].instance.active_ms <= now_ms
    (group,) = node.book.timetable.groups.values()
    assert group.last_ms is not None
    assert group.last_ms <= now_ms
    assert now_ms - 15_000 < (node.book.timetable.next_ms() or 0) <= now_ms + 15_000
    assert await node.refresh() is again, "once"
