"""Deleted, searched and provisioned dashboards: the same promises over SQLite and PostgreSQL."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sqlalchemy import text

from heliograph.errors import DuplicateError, ForbiddenError, NotFoundError
from heliograph.scope import Role
from heliograph.storage.config.annotations import Annotation, Annotations
from heliograph.storage.config.dashboards import Dashboards
from heliograph.storage.config.database import Database
from heliograph.storage.config.folders import Folders
from heliograph.storage.config.leases import Lease, LeaseLostError, LeaseTable
from heliograph.storage.config.migrate import alembic_config
from heliograph.storage.config.provisioned import FileDashboard, FileRule, IdsTakenError, Provisioned, Wanted
from heliograph.storage.config.rules import NewRule, Rules
from heliograph.storage.config.stars import Stars
from heliograph.storage.config.trash import Trash
from heliograph.storage.config.users import Users
from heliograph.storage.config.versions import Versions

ORG = 1
NOW = 1_700_000_000_000
DAY = 86_400_000


async def ids(dashboards: Dashboards, **wanted: Any) -> list[str]:
    return [one.dashboard_id for one in (await dashboards.list(ORG, **wanted))[0]]


async def test_a_deleted_dashboard_comes_back_whole(database: Database) -> None:
    dashboards, trash, stars = Dashboards(database), Trash(database), Stars(database)
    annotations, folders = Annotations(database), Folders(database)
    folder = await folders.create(ORG, "shop", "Shop")
    user = (await Users(database).add(ORG, "mira", "x", Role.EDITOR, now_ms=NOW)).id
    config = {"title": "Load", "tags": ["a"]}
    await dashboards.create(ORG, config, by="user:1", now_ms=NOW, dashboard_id="load", folder_id=folder.id)
    await dashboards.update(ORG, "load", {"title": "Load 2"}, version=1, by="user:2", now_ms=NOW + 1)
    await stars.add(ORG, user, "load")
    await annotations.create(ORG, Annotation(NOW, NOW, "deploy", ("x",), "load", "user:1"))
    await dashboards.delete(ORG, "load", by="user:3", now_ms=NOW + 2)
    with pytest.raises(NotFoundError):
        await dashboards.get(ORG, "load")
    assert await ids(dashboards) == []
    (one,) = await trash.list(ORG, since_ms=NOW)
    assert (one.dashboard_id, one.title, one.version, one.folder, one.deleted_by) == (
        "load", "Load 2", 2, ("shop", "Shop"), "user:3",
    )  # fmt: skip
    assert await trash.list(ORG, since_ms=NOW, hidden_folders=[folder.id]) == []
    assert await trash.list(ORG, since_ms=NOW + 3) == []
    assert await trash.restore(ORG, one.id) == "load"
    back = await dashboards.get(ORG, "load")
    assert (back.version, back.title, back.created_by, back.updated_by) == (2, "Load 2", "user:1", "user:2")
    assert back.folder_id == folder.id
    assert [entry.version for entry in await Versions(database).list(ORG, "load")] == [2, 1]
    assert await Versions(database).get(ORG, "load", 1) == config
    assert await stars.of(ORG, user) == ["load"]
    assert await ids(dashboards, query="load 2") == ["load"]
    found = await annotations.find(ORG, from_ms=NOW, to_ms=NOW, dashboard_id="load")
    assert [(mark.text, mark.created_by) for mark in found] == [("deploy", "user:1")]
    assert await trash.list(ORG, since_ms=NOW) == []
    with pytest.raises(NotFoundError):
        await trash.restore(ORG, one.id)


async def test_an_id_that_is_taken_meanwhile_is_said_and_another_one_is_taken(database: Database) -> None:
    dashboards, trash = Dashboards(database), Trash(database)
    await dashboards.create(ORG, {"title": "First"}, by="a", now_ms=NOW, dashboard_id="one")
    await dashboards.delete(ORG, "one", by="a", now_ms=NOW)
    await dashboards.create(ORG, {"title": "Second"}, by="a", now_ms=NOW, dashboard_id="one")
    (deleted,) = await trash.list(ORG, since_ms=NOW)
    with pytest.raises(DuplicateError, match="the id one"):
        await trash.restore(ORG, deleted.id)
    assert await trash.restore(ORG, deleted.id, dashboard_id="two") == "two"
    assert {(await dashboards.get(ORG, name)).title for name in ("one", "two")} == {"First", "Second"}


async def test_what_was_deleted_long_ago_or_for_good_is_gone(database: Database) -> None:
    dashboards, trash = Dashboards(database), Trash(database)
    for number, name in enumerate(("old", "new", "bad")):
        await dashboards.create(ORG, {"title": name}, by="a", now_ms=NOW, dashboard_id=name)
        await dashboards.delete(ORG, name, by="a", now_ms=NOW + number * DAY)
    assert await trash.purge_before(NOW + DAY) == 1
    bad, new = await trash.list(ORG, since_ms=0)
    await trash.purge(ORG, bad.id)
    assert [one.id for one in await trash.list(ORG, since_ms=0)] == [new.id]
    with pytest.raises(NotFoundError):
        await trash.purge(ORG, bad.id)


async def test_dashboards_are_found_by_what_their_panels_say_and_ask(database: Database) -> None:
    dashboards = Dashboards(database)
    panels = [
        {"title": "Größe der Warteschlange", "query": "up", "datasource": "prometheus"},
        {"title": "Notes", "type": "text", "options": {"content": "Call the **Night Shift**"}},
    ]
    queue = {"title": "Queue", "description": "About orders", "tags": ["team-a"], "panels": panels}
    await dashboards.create(ORG, queue, by="a", now_ms=NOW, dashboard_id="queue")
    other = {"title": "Other", "panels": [{"title": "x", "targets": [{"query": "up"}]}]}
    await dashboards.create(ORG, other, by="a", now_ms=NOW, dashboard_id="other")
    for query in ("GRÖSSE", "größe", "night shift", "shift queue", "orders", "team-a", "QUEUE"):
        assert await ids(dashboards, query=query) == (["queue"] if query != "GRÖSSE" else []), query
    assert await ids(dashboards, query="night other") == []
    assert await ids(dashboards, query="100%") == []
    assert await ids(dashboards, sources=["Prometheus"]) == ["queue"]
    assert await ids(dashboards, sources=["prom"]) == []
    assert await ids(dashboards, sources=["", "store"]) == ["other"]
    await dashboards.update(ORG, "queue", {"title": "Bare"}, version=1, by="a", now_ms=NOW)
    assert await ids(dashboards, query="shift") == []


async def test_dashboards_of_before_the_search_are_found_after_the_migration(empty_url: str) -> None:
    from alembic import command

    database = Database(empty_url)
    async with database.begin() as connection:
        await connection.run_sync(lambda one: command.upgrade(alembic_config(one), "0005"))
        await connection.execute(text("INSERT INTO orgs (id, name) VALUES (1, 'Main')"))
        await connection.execute(
            text(
                "INSERT INTO dashboards (id, org_id, dashboard_id, title, tags, config, version, created_by, "
                "updated_by, created_at, updated_at) VALUES ('i', 1, 'old', 'Old', '[]', "
                '\'{"title": "Old", "panels": [{"title": "Pressure", "query": "x", "datasource": "pg"}]}\', '
                "1, 'a', 'a', 1, 1)"
            )
        )
    await database.upgrade()
    assert await ids(Dashboards(database), query="pressure", sources=["pg"]) == ["old"]
    await database.close()


def of_file(name: str, *, title: str = "", folder: str = "", file: str = "a.json") -> FileDashboard:
    return FileDashboard(name, json.dumps({"title": title or name}), folder, file, title or name)


async def lease(database: Database) -> Lease:
    return (await LeaseTable(database).take(["provisioning"], "n/1", 60_000))[0]


async def test_what_files_bring_is_exactly_what_stands_in_them(database: Database) -> None:
    dashboards, files, rules = Dashboards(database), Provisioned(database), Rules(database)
    held = await lease(database)
    how: dict[str, Any] = {"lease": held, "by": "files", "now_ms": NOW}
    await dashboards.create(ORG, {"title": "Own"}, by="user:1", now_ms=NOW, dashboard_id="own")
    rule = FileRule(NewRule("r", "R", "g", {}, origin="r.yml"), "shop")
    wanted = Wanted({"shop": "Shop"}, [of_file("a", folder="shop"), of_file("b")], [rule])
    changes = await files.put(ORG, wanted, **how)
    assert (changes.made, changes.changed, changes.gone, changes.rules) == (2, 0, 0, 1)
    assert (await files.put(ORG, wanted, **how)).changed == 0
    stored = await dashboards.get(ORG, "a")
    assert (stored.origin, stored.folder and stored.folder.title, stored.version) == ("a.json", "Shop", 1)
    assert (await rules.get(ORG, "r")).folder == "shop"
    again = Wanted({"shop": "Shop"}, [of_file("a", title="A 2", file="c.json")], [])
    changes = await files.put(ORG, again, **how)
    assert (changes.made, changes.changed, changes.gone, changes.rules) == (0, 1, 1, 1)
    stored = await dashboards.get(ORG, "a")
    assert (stored.version, stored.title, stored.origin, stored.folder_id) == (2, "A 2", "c.json", None)
    assert sorted(await ids(dashboards)) == ["a", "own"]
    assert [one.dashboard_id for one in await Trash(database).list(ORG, since_ms=0)] == ["b"]


async def test_a_dashboard_of_a_file_is_changed_by_nobody_else(database: Database) -> None:
    dashboards = Dashboards(database)
    held = await lease(database)
    wanted = Wanted({}, [of_file("a", file="boards/a.json")])
    await Provisioned(database).put(ORG, wanted, lease=held, by="files", now_ms=NOW)
    with pytest.raises(ForbiddenError, match=r"boards/a\.json"):
        await dashboards.update(ORG, "a", {"title": "x"}, version=1, by="user:1", now_ms=NOW)
    with pytest.raises(ForbiddenError, match=r"boards/a\.json"):
        await dashboards.delete(ORG, "a", by="user:1", now_ms=NOW)
    with pytest.raises(ForbiddenError, match=r"boards/a\.json"):
        await dashboards.move(ORG, "a", None)
    assert (await dashboards.get(ORG, "a")).version == 1


async def test_ids_of_others_and_a_lost_lease_change_nothing(database: Database) -> None:
    dashboards, files, rules = Dashboards(database), Provisioned(database), Rules(database)
    await dashboards.create(ORG, {"title": "Own"}, by="user:1", now_ms=NOW, dashboard_id="own")
    await rules.create(ORG, NewRule("mine", "Mine", "g", {}), by="user:1", now_ms=NOW)
    held = await lease(database)
    rule = FileRule(NewRule("mine", "R", "g", {}, origin="r.yml"), "")
    wanted = Wanted({"new": "New"}, [of_file("free"), of_file("own", file="b.json")], [rule])
    with pytest.raises(IdsTakenError) as caught:
        await files.put(ORG, wanted, lease=held, by="files", now_ms=NOW)
    assert [(one.origin, one.path) for one in caught.value.taken] == [
        ("b.json", "$.dashboard_id"),
        ("r.yml", "$.rule_id"),
    ]
    await LeaseTable(database).take(["provisioning"], "n/2", 60_000)
    with pytest.raises(LeaseLostError):
        await files.put(ORG, Wanted({}, [of_file("free")]), lease=held, by="files", now_ms=NOW)
    assert await ids(dashboards) == ["own"]
    assert await Folders(database).list(ORG) == []
