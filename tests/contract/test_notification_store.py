"""Groups, the outbox, contact points, policies and silences: the same promises over SQLite and PostgreSQL."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import select

from heliograph.alerting.notifying.arrangements import DEFAULT_ROOT
from heliograph.alerting.notifying.ledger import Ledger
from heliograph.alerting.notifying.muting import muting
from heliograph.errors import DuplicateError, HeliographError, InvalidError, NotFoundError, VersionConflictError
from heliograph.storage.config.alert_states import AlertStates
from heliograph.storage.config.contact_points import ContactPoints
from heliograph.storage.config.database import Database
from heliograph.storage.config.datasources import StoredSource
from heliograph.storage.config.leases import Lease, LeaseLostError, LeaseTable
from heliograph.storage.config.notification_tables import contact_points
from heliograph.storage.config.notifications import DEAD, DELIVERED, Delivery, StoredGroup, Turn
from heliograph.storage.config.repositories import Telling
from heliograph.storage.config.silences import StoredSilence

ORG, NOW = 1, 1_700_000_000_000
KEY = Fernet.generate_key()


@pytest.fixture
def telling(database: Database) -> Telling:
    return Telling.over(database, [KEY])


async def held(database: Database, owner: str = "a/1", for_ms: int = 60_000) -> Lease:
    return (await LeaseTable(database).take(["notifications"], owner, for_ms))[0]


def said(number: int, group: str = "g", contact: str = "ops") -> Delivery:
    return Delivery(ORG, f"k{number}", group, contact, "firing", {"firing": []}, NOW, NOW, NOW + number)


def turn(*numbers: int, **more: object) -> Turn:
    made = Turn([StoredGroup(ORG, "g", "ops", NOW, {"x": 1})], (), [said(number) for number in numbers], numbers[-1])
    return replace(made, **more)  # type: ignore[arg-type]


async def test_a_group_and_what_it_said_are_written_at_once_or_not_at_all(database: Database, telling: Telling) -> None:
    lease = await held(database)
    silence = await telling.silences.create(ORG, StoredSilence(["a=b"], NOW, None, "", True, updated_at=NOW))
    await telling.notifications.write(lease, turn(1, ended_silences=(silence.id,)), NOW + 5)
    assert [one.state for one in await telling.notifications.groups()] == [{"x": 1}]
    assert await telling.notifications.seen() == 1
    assert (await telling.silences.get(ORG, silence.id)).ends_ms == NOW + 5
    broken = turn(2, gone=[(ORG, "g")], said=[replace(said(2), payload={"x": object()})], groups=())
    with pytest.raises((HeliographError, TypeError)):
        await telling.notifications.write(lease, broken, NOW)
    assert len(await telling.notifications.groups()) == 1
    assert await telling.notifications.seen() == 1


async def test_who_lost_the_lease_writes_nothing(database: Database, telling: Telling) -> None:
    old = await held(database, "a/1", for_ms=1)
    await asyncio.sleep(0.02)
    await held(database, "b/1")
    with pytest.raises(LeaseLostError):
        await telling.notifications.write(old, turn(1), NOW)
    assert await telling.notifications.groups() == []
    assert await telling.notifications.deliveries(ORG) == []


async def test_what_is_said_twice_under_one_key_is_kept_once(database: Database, telling: Telling) -> None:
    lease = await held(database)
    for _ in range(2):
        await telling.notifications.write(lease, turn(1), NOW)
    assert len(await telling.notifications.deliveries(ORG)) == 1


async def test_a_group_is_heard_in_its_order_and_groups_do_not_wait_for_each_other(
    database: Database, telling: Telling
) -> None:
    lease, store = await held(database), telling.notifications
    await store.write(lease, turn(1, said=[said(1, "g"), said(2, "g"), said(3, "h")]), NOW)
    assert [one.key for one in await store.sendable(NOW + 9, 9)] == ["k1", "k3"]
    assert [one.key for one in await store.sendable(NOW + 2, 9)] == ["k1"]
    assert await store.sendable(NOW + 9, 9, without=[(ORG, "ops")]) == []
    first = (await store.sendable(NOW + 9, 1))[0]
    assert [one.key for one in await store.sendable(NOW + 9, 9, under_way=[first.id])] == ["k3"]
    await store.tried(replace(first, due_ms=NOW + 50, tries=1))
    assert [one.key for one in await store.sendable(NOW + 9, 9)] == ["k3"]
    await store.tried(replace(first, state=DELIVERED, ended_ms=NOW))
    assert [one.key for one in await store.sendable(NOW + 9, 9)] == ["k2", "k3"]


async def test_what_was_put_off_before_the_clock_was_set_back_is_due_at_once(
    database: Database, telling: Telling
) -> None:
    lease, store = await held(database), telling.notifications
    await store.write(lease, turn(1, said=[said(1, "g"), said(2, "h")]), NOW)
    later, soon = await store.sendable(NOW + 9, 9)
    await store.tried(replace(later, due_ms=NOW + 7_200_000, since_ms=NOW), replace(soon, due_ms=NOW + 60_000))
    await store.set_back(NOW + 10)
    assert [one.key for one in await store.sendable(NOW + 10, 9)] == ["k1"]
    assert [one.key for one in await store.sendable(NOW + 60_000, 9)] == ["k1", "k2"]


async def test_after_a_change_of_the_policy_a_contact_point_hears_first_what_was_said_before(
    database: Database, telling: Telling
) -> None:
    lease, store = await held(database), telling.notifications
    await store.write(lease, turn(1, said=[said(1, "old", "ops"), said(2, "old", "dev")]), NOW)
    await store.write(lease, turn(3, said=[said(3, "new", "ops")], barrier=True), NOW)
    await store.write(lease, turn(4, said=[said(4, "newer", "ops")]), NOW)
    assert [one.key for one in await store.sendable(NOW + 9, 9)] == ["k1", "k2"]
    ops = next(one for one in await store.sendable(NOW + 9, 9) if one.contact_point == "ops")
    await store.tried(replace(ops, state=DEAD, ended_ms=NOW))
    assert [one.key for one in await store.sendable(NOW + 9, 9)] == ["k2", "k3", "k4"]


async def test_dead_letters_are_sent_again_unless_later_news_arrived(database: Database, telling: Telling) -> None:
    lease, store = await held(database), telling.notifications
    await store.write(lease, turn(1, said=[said(1), said(2)]), NOW)
    first, second = reversed(await store.deliveries(ORG))
    with pytest.raises(InvalidError):
        await store.resend(ORG, first.id, NOW)
    await store.tried(replace(first, state=DEAD, tries=3, ended_ms=NOW))
    again = await store.resend(ORG, first.id, NOW + 70)
    assert (again.state, again.tries, again.since_ms, again.key) == ("pending", 0, NOW + 70, "k1")
    await store.tried(replace(again, state=DEAD, ended_ms=NOW))
    third = replace(second, id=second.id + 1, state=DEAD)
    await store.tried(replace(second, state=DELIVERED, ended_ms=NOW), third, replace(again, state=DELIVERED))
    with pytest.raises(InvalidError):
        await store.resend(ORG, first.id, NOW)
    with pytest.raises(NotFoundError):
        await store.resend(ORG + 1, first.id, NOW)
    await store.forget(NOW - 1)
    assert len(await store.deliveries(ORG)) == 2
    await store.forget(NOW + 1)
    assert await store.deliveries(ORG) == []


async def test_tries_that_end_together_are_all_written_down(database: Database, telling: Telling) -> None:
    lease, store = await held(database), telling.notifications
    await store.write(lease, turn(1, said=[said(number, f"g{number}") for number in range(30)]), NOW)
    ledger, ended = Ledger(store), []
    for one in await store.sendable(NOW + 99, 30):
        ended.append(asyncio.create_task(ledger.write(replace(one, state=DELIVERED, ended_ms=NOW))))
        await asyncio.sleep(0)
    ended[7].cancel()  # whoever does not wait any more has ended all the same
    await asyncio.gather(*ended, return_exceptions=True)
    await ledger.close()
    assert await store.counts() == {DELIVERED: 30}


async def test_documents_are_saved_by_who_read_them_last(telling: Telling) -> None:
    assert await telling.policies.get(ORG) is None
    assert (await telling.policies.put(ORG, {"a": 1}, version=0, by="user:1", now_ms=NOW)).version == 1
    for version in (0, 2):
        with pytest.raises(VersionConflictError) as caught:
            await telling.policies.put(ORG, {"a": 2}, version=version, by="user:1", now_ms=NOW)
        assert caught.value.current_version == 1
    kept = await telling.policies.get(ORG)
    assert kept is not None
    assert (kept.config, kept.version) == ({"a": 1}, 1)


async def test_of_many_who_save_at_once_one_wins(telling: Telling) -> None:
    saves = (telling.inhibitions.put(ORG, [number], version=0, by="u", now_ms=NOW) for number in range(5))
    answers = await asyncio.gather(*saves, return_exceptions=True)
    assert len([one for one in answers if isinstance(one, VersionConflictError)]) == 4


async def test_mute_timings_have_names_of_their_own(telling: Telling) -> None:
    timings = telling.mute_timings
    await timings.create(ORG, "nights", {"x": 1}, by="u", now_ms=NOW)
    with pytest.raises(DuplicateError):
        await timings.create(ORG, "nights", {}, by="u", now_ms=NOW)
    with pytest.raises(NotFoundError):
        await timings.update(ORG, "days", {}, version=1, by="u", now_ms=NOW)
    await timings.delete(ORG, "nights")
    assert await timings.list(ORG) == []


async def test_secrets_of_contact_points_are_encrypted_and_follow_the_key(database: Database, telling: Telling) -> None:
    one = StoredSource("ops", "Ops", "webhook", "https://x", {}, {"signing_key": "hush"})
    await telling.contact_points.create(ORG, one, by="u", now_ms=NOW)
    newer = Fernet.generate_key()
    await ContactPoints(database, [newer, KEY]).encrypt_anew()
    kept = await ContactPoints(database, [newer]).get(ORG, "ops")
    assert kept.secrets == {"signing_key": "hush"}
    async with database.connect() as connection:
        assert "hush" not in str((await connection.execute(select(contact_points))).all())
    with pytest.raises(VersionConflictError):
        await telling.contact_points.update(ORG, one, version=7, by="u", now_ms=NOW)


async def test_a_policy_that_cannot_be_read_any_more_hides_no_alerts(database: Database, telling: Telling) -> None:
    await telling.policies.put(ORG, {"contact_point": 3}, version=0, by="a", now_ms=NOW)
    now = await muting(telling, AlertStates(database), ORG, NOW)
    assert now.root is DEFAULT_ROOT
    assert now.muted_by({"alertname": "Load"}) == []
