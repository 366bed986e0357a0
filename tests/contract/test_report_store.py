"""Reports that are due, changed and paused: the same promises over SQLite and PostgreSQL."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path

import pytest

from heliograph.errors import NotFoundError, VersionConflictError
from heliograph.storage.config.dashboards import Dashboards
from heliograph.storage.config.database import Database
from heliograph.storage.config.leases import LeaseLostError, LeaseTable
from heliograph.storage.config.reports import NEVER_MS, Plan, Report, Reports

ORG, NOW, DAY = 1, 1_700_000_000_000, 86_400_000
PLAN = Plan("Daily", "0 8 * * *", "UTC", "team", (("who", ("ann",)),))


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'config.db'}"
    make: Callable[[], str] = request.getfixturevalue("postgres_database")
    return make()


@pytest.fixture
async def database(url: str) -> AsyncIterator[Database]:
    database = Database(url)
    await database.upgrade()
    yield database
    await database.close()


async def made(database: Database) -> Report:
    await Dashboards(database).create(ORG, {"title": "Shop"}, by="user:1", now_ms=NOW, dashboard_id="shop")
    return await Reports(database).create(ORG, "shop", PLAN, by="user:1", now_ms=NOW, due_ms=NOW)


async def test_what_was_due_as_its_node_died_is_sent_by_another_once(database: Database, url: str) -> None:
    name = f"report/{(await made(database)).id}"
    other = Database(url)  # of another node
    try:
        first, second = (Reports(database), LeaseTable(database)), (Reports(other), LeaseTable(other))
        (due,) = await first[0].due(NOW)
        (dead,) = await first[1].take([name], "a/1", 60_000)
        assert await second[1].take([name], "b/1", 60_000) == [], "while the first may be alive"
        await first[1].renew([dead], 1)  # the last sign of it
        while not (taken := await second[1].take([name], "b/1", 60_000)):
            await asyncio.sleep(0.05)
        (still,) = await second[0].due(NOW, due.id)
        sent = replace(still, sent=True, message="250 ok")
        await second[0].ended(taken[0], sent, ended_ms=NOW + 5, due_ms=NOW + DAY)
        await second[1].release(taken)
        with pytest.raises(LeaseLostError):  # the first was not dead after all
            await first[0].ended(dead, replace(due, message="late"), ended_ms=NOW + 9, due_ms=NOW + 9)
        assert await first[1].take([name], "c/1", 60_000) != []
        assert await first[0].due(NOW + 10, due.id) == [], "whoever looks next finds it sent"
        (kept,) = await first[0].list(ORG, "shop")
        assert (kept.sent, kept.message, kept.ended_ms, kept.due_ms) == (True, "250 ok", NOW + 5, NOW + DAY)
    finally:
        await other.close()


async def test_a_report_is_changed_by_who_read_its_version(database: Database) -> None:
    reports, report = Reports(database), await made(database)
    plan = Plan("Weekly", "0 8 * * 1", "Europe/Berlin", "ops", (), "now-7d", "now", "UTC")
    saved = await reports.change(report, plan, by="user:2", due_ms=NOW + DAY)
    assert saved == await reports.of_org(ORG, report.id)
    assert (saved.plan, saved.version, saved.created_by, saved.due_ms) == (plan, 2, "user:2", NOW + DAY)
    with pytest.raises(VersionConflictError) as caught:
        await reports.change(report, PLAN, by="user:1", due_ms=NOW)
    assert caught.value.current_version == 2
    await reports.delete(ORG, report.id)
    with pytest.raises(NotFoundError):
        await reports.change(saved, PLAN, by="user:1", due_ms=NOW)


async def test_what_is_paused_is_sent_where_somebody_asks_for_it_alone(database: Database) -> None:
    reports, report = Reports(database), await made(database)
    paused = await reports.change(report, replace(PLAN, paused=True), by="user:1", due_ms=NEVER_MS)
    assert await reports.due(NOW + 1000 * DAY) == []
    await reports.hasten(paused.id, NOW)
    (asked,) = await reports.due(NOW)
    assert asked.plan.paused


async def test_a_report_that_is_paused_while_it_is_sent_stays_so(database: Database) -> None:
    reports, report = Reports(database), await made(database)
    (lease,) = await LeaseTable(database).take([f"report/{report.id}"], "a/1", 60_000)
    await reports.change(report, replace(PLAN, paused=True), by="user:1", due_ms=NEVER_MS)
    await reports.ended(lease, replace(report, sent=True), ended_ms=NOW, due_ms=NOW + DAY)
    kept = await reports.of_org(ORG, report.id)
    assert (kept.sent, kept.ended_ms, kept.due_ms) == (True, NOW, NEVER_MS)
