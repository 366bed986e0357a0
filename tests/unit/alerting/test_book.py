"""What a node knows of its rules, while its leases are renewed in time, late, or not at all."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from heliograph.alerting.clock import CommonClock
from heliograph.alerting.evaluation.book import Book
from heliograph.alerting.evaluation.keeper import LEASE_MS, Keeper
from heliograph.storage.config.alert_states import AlertStates
from heliograph.storage.config.database import Database
from heliograph.storage.config.leases import LeaseTable
from heliograph.storage.config.rules import NewRule, Rules

KEY = (1, "a")


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
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


async def test_who_renews_late_goes_on_with_what_it_knows(database: Database) -> None:
    node = Node(database, "one/1")
    await node.keeper.turn()
    known = await node.refresh()
    assert (known, node.keeper.unsure) == ({}, False)
    node.now_s += LEASE_MS / 1000
    assert (dict(node.keeper.held), node.keeper.unsure) == ({}, True)
    assert await node.refresh() is known
    await node.keeper.turn()
    assert (len(node.keeper.held), node.keeper.unsure) == (32, False)
    assert await node.refresh() is known


async def test_who_lost_its_leases_meanwhile_reads_anew(database: Database) -> None:
    node, same = Node(database, "one/1"), Node(database, "one/2")
    await node.keeper.turn()
    known = await node.refresh()
    node.now_s += LEASE_MS / 1000
    await same.keeper.turn()  # another start of the node takes them all
    assert await node.refresh() is known
    await node.keeper.turn()
    again = await node.refresh()
    assert again == {}
    assert again is not known
