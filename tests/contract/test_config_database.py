"""The config database: the same promises over SQLite and PostgreSQL."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from cryptography.fernet import Fernet
from fixtures.postgres import Postgres
from sqlalchemy import Connection, select

from heliograph.errors import (
    DuplicateError,
    InvalidError,
    NotFoundError,
    ReadOnlyError,
    SettingsError,
    StartupError,
    VersionConflictError,
)
from heliograph.scope import Role, Scope
from heliograph.storage.config.annotations import Annotation, Annotations
from heliograph.storage.config.dashboards import Dashboards
from heliograph.storage.config.database import Database
from heliograph.storage.config.datasources import DataSources, StoredSource
from heliograph.storage.config.folders import Access, Folders, decide
from heliograph.storage.config.migrate import alembic_config, head_revision
from heliograph.storage.config.notification_tables import outbox
from heliograph.storage.config.stars import Stars
from heliograph.storage.config.tables import datasources, metadata
from heliograph.storage.config.teams import Teams
from heliograph.storage.config.tokens import Tokens
from heliograph.storage.config.users import Users
from heliograph.storage.config.versions import Versions

ORG = 1
NOW = 1_700_000_000_000


async def test_migrations_make_the_tables_that_the_code_knows(database: Database) -> None:
    def differences(connection: Connection) -> list[object]:
        return list(compare_metadata(MigrationContext.configure(connection), metadata))

    assert outbox.metadata is metadata
    async with database.connect() as connection:
        assert await connection.run_sync(differences) == []


async def test_several_nodes_may_upgrade_at_once_and_again(empty_url: str) -> None:
    nodes = [Database(empty_url) for _ in range(1 if empty_url.startswith("sqlite") else 4)]
    assert set(await asyncio.gather(*(node.upgrade() for node in nodes))) == {head_revision()}
    await nodes[0].upgrade()
    await nodes[0].check_revision()
    for node in nodes:
        await node.close()


async def test_a_database_that_was_not_upgraded_is_said_so(empty_url: str) -> None:
    database = Database(empty_url)
    with pytest.raises(StartupError, match="heliograph db upgrade"):
        await database.check_revision()
    await database.close()


async def test_a_key_that_came_before_is_replaced(database: Database) -> None:
    await database.bind_secret("a")
    await database.bind_secret("b", ["x", "a"])
    await database.bind_secret("b")
    with pytest.raises(SettingsError):
        await database.bind_secret("a")


async def test_another_secret_key_is_refused(database: Database) -> None:
    await database.bind_secret("a")
    await database.bind_secret("a")
    with pytest.raises(SettingsError):
        await database.bind_secret("b")


async def test_of_two_updates_of_one_version_one_wins(config_url: str, database: Database) -> None:
    other = Database(config_url)
    one, two = Dashboards(database), Dashboards(other)
    for number in range(20):
        made = await one.create(ORG, {"title": f"race {number}"}, by="a", now_ms=NOW)
        results = await asyncio.gather(
            *(
                repository.update(ORG, made.dashboard_id, {"title": by}, version=1, by=by, now_ms=NOW)
                for repository, by in ((one, "a"), (two, "b"))
            ),
            return_exceptions=True,
        )
        won = [result for result in results if not isinstance(result, BaseException)]
        lost = [result for result in results if isinstance(result, VersionConflictError)]
        assert (len(won), len(lost), lost[0].current_version) == (1, 1, 2)
        assert (await one.get(ORG, made.dashboard_id)).title == won[0].updated_by
        assert [entry.version for entry in await Versions(database).list(ORG, made.dashboard_id)] == [2, 1]
    await other.close()


async def test_dashboards_are_found_by_any_part_of_their_titles_and_by_tag(database: Database) -> None:
    dashboards = Dashboards(database)
    for title, tags in (("Alpha 100%", ["a"]), ("beta_x", ['quo"te', "ü"]), ("Gamma", [])):
        await dashboards.create(ORG, {"title": title, "tags": tags}, by="a", now_ms=NOW)

    async def titles(**wanted: str) -> list[str]:
        return [item.title for item in (await dashboards.list(ORG, **wanted))[0]]  # type: ignore[arg-type]

    assert await titles(query="ALPH") == ["Alpha 100%"]
    assert await titles(query="100%") == ["Alpha 100%"]
    assert await titles(query="%") == ["Alpha 100%"]
    assert await titles(query="a_x") == ["beta_x"]
    assert await titles(tag='quo"te') == ["beta_x"]
    assert await titles(tag="ü") == ["beta_x"]
    assert await titles(tag="u") == []
    assert await dashboards.tags(ORG) == {"a": 1, 'quo"te': 1, "ü": 1}


async def test_pages_follow_on_each_other_whatever_titles_are_equal(database: Database) -> None:
    dashboards = Dashboards(database)
    for index in range(25):
        await dashboards.create(ORG, {"title": "same" if index % 2 else f"t{index}"}, by="a", now_ms=NOW)
    seen: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        items, cursor = await dashboards.list(ORG, limit=7, cursor=cursor)
        seen += [item.dashboard_id for item in items]
    assert (len(seen), len(set(seen))) == (25, 25)
    with pytest.raises(InvalidError):
        await dashboards.list(ORG, cursor="garbage")


async def test_pages_of_what_changed_last_follow_on_each_other(database: Database) -> None:
    dashboards = Dashboards(database)
    made = [
        await dashboards.create(ORG, {"title": f"t{index}"}, by="a", now_ms=NOW + index // 3, dashboard_id=f"d{index}")
        for index in range(10)
    ]
    await dashboards.update(ORG, made[0].dashboard_id, {"title": "t0"}, version=1, by="a", now_ms=NOW + 9)
    seen: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        items, cursor = await dashboards.list(ORG, limit=3, cursor=cursor, newest_first=True)
        seen += [item.dashboard_id for item in items]
    assert seen == ["d0", "d9", "d6", "d7", "d8", "d3", "d4", "d5", "d1", "d2"]
    _, by_title = await dashboards.list(ORG, limit=3)
    with pytest.raises(InvalidError, match="another order"):
        await dashboards.list(ORG, cursor=by_title or "", newest_first=True)


async def test_ids_are_taken_once_and_gone_with_their_dashboard(database: Database) -> None:
    dashboards = Dashboards(database)
    await dashboards.create(ORG, {"title": "x"}, by="a", now_ms=NOW, dashboard_id="one")
    with pytest.raises(DuplicateError):
        await dashboards.create(ORG, {"title": "y"}, by="a", now_ms=NOW, dashboard_id="one")
    await dashboards.delete(ORG, "one", by="a", now_ms=NOW)
    with pytest.raises(NotFoundError):
        await dashboards.get(ORG, "one")
    assert await dashboards.current_versions([(ORG, "one")]) == {}


async def test_people_have_roles_and_their_sessions_an_epoch(database: Database) -> None:
    users = Users(database)
    user = await users.add(ORG, "mira", "hash", Role.VIEWER, now_ms=NOW)
    with pytest.raises(DuplicateError):
        await users.add(ORG, "mira", "hash", Role.VIEWER, now_ms=NOW)
    await users.set_role(ORG, user.id, Role.ADMIN)
    await users.end_sessions(user.id)
    changed = await users.by_login("mira")
    assert (changed.role, changed.epoch) == (Role.ADMIN, user.epoch + 2)
    await users.delete(ORG, user.id)
    assert not await users.any()


async def test_a_team_has_people_of_its_org_and_its_permissions_go_with_it(database: Database) -> None:
    users, teams, folders = Users(database), Teams(database), Folders(database)
    mira = await users.add(ORG, "mira", "hash", Role.VIEWER, now_ms=NOW)
    team = await teams.create(ORG, "Storage", [mira.id])
    assert (await users.by_id(mira.id)).teams == {team.id}
    with pytest.raises(DuplicateError):
        await teams.create(ORG, "Storage")
    with pytest.raises(InvalidError):
        await teams.change(ORG, team.id, user_ids=[mira.id, 999])
    assert (await teams.change(ORG, team.id, name="Stores")).members == {mira.id}, (
        "a refused change leaves all as it was"
    )
    folder = await folders.create(ORG, "f", "Folder")
    await folders.set_permissions(folder.id, {"role:admin": Access.EDIT, f"team:{team.id}": Access.VIEW})
    scope = Scope(ORG, Role.VIEWER, (await users.by_id(mira.id)).teams, user_id=mira.id)
    assert await folders.access(scope, folder.id) is Access.VIEW
    with pytest.raises(NotFoundError):
        await teams.delete(ORG + 1, team.id)
    await teams.delete(ORG, team.id)
    assert (await users.by_id(mira.id)).teams == frozenset()
    assert await folders.permissions(folder.id) == {"role:admin": Access.EDIT}


async def test_a_token_is_kept_as_its_hash_alone(database: Database) -> None:
    tokens = Tokens(database)
    token, secret = await tokens.create(ORG, "ci", Role.EDITOR, by="a", now_ms=NOW)
    assert await tokens.find(secret) == token
    assert await tokens.find(secret + "x") is None
    assert secret not in str(await tokens.list(ORG))
    await tokens.delete(ORG, token.id)
    assert await tokens.find(secret) is None
    assert await tokens.standing([token.id]) == {}


async def test_thousands_of_credentials_are_looked_after_at_once(database: Database) -> None:
    users, tokens = Users(database), Tokens(database)
    mira = await users.add(ORG, "mira", "hash", Role.VIEWER, now_ms=NOW)
    noor = await users.add(ORG, "noor", "hash", Role.VIEWER, now_ms=NOW)
    await users.end_sessions(noor.id)
    epochs = {mira.id: mira.epoch, noor.id: noor.epoch + 1}
    standing = await users.standing(range(mira.id, mira.id + 2500))
    assert {user.id: user.epoch for user in standing.values()} == epochs
    await users.delete(ORG, mira.id)
    assert (await users.standing([mira.id, noor.id])).keys() == {noor.id}
    token, _ = await tokens.create(ORG, "ci", Role.EDITOR, by="a", now_ms=NOW)
    assert await tokens.standing(range(token.id, token.id + 2500)) == {token.id: token}


async def test_secrets_of_sources_are_encrypted_and_keys_may_change(database: Database) -> None:
    old, new = Fernet.generate_key(), Fernet.generate_key()
    source = StoredSource("p", "P", "prometheus", secrets={"password": "hunter2"})
    made = await DataSources(database, [old]).create(ORG, source, by="a", now_ms=NOW)
    assert (made.secrets, made.revision) == ({"password": "hunter2"}, 1)
    async with database.connect() as connection:
        row = (await connection.execute(select(datasources))).one()
    assert "hunter2" not in str(row)
    assert "hunter2" not in repr(made)
    rotated = DataSources(database, [new, old])
    await rotated.encrypt_anew()
    assert (await DataSources(database, [new]).get(ORG, "p")).secrets == {"password": "hunter2"}
    changed = await rotated.update(ORG, made, by="a", now_ms=NOW)
    assert changed.revision == 2
    assert (await DataSources(database, [new]).get(ORG, "p")).secrets == {"password": "hunter2"}
    with pytest.raises(StartupError):
        await DataSources(database, [old]).get(ORG, "p")


async def test_one_default_a_type(database: Database) -> None:
    sources = DataSources(database, [Fernet.generate_key()])
    for uid in ("a", "b"):
        await sources.create(ORG, StoredSource(uid, uid, "json", default=True), by="x", now_ms=NOW)
    assert [(one.uid, one.default) for one in await sources.list(ORG)] == [("a", False), ("b", True)]


async def test_a_folder_is_seen_by_those_it_names(database: Database) -> None:
    folders = Folders(database)
    folder = await folders.create(ORG, "f", "Folder")
    viewer, admin = Scope(ORG, Role.VIEWER, user_id=3), Scope(ORG, Role.ADMIN)
    assert await folders.access(viewer, folder.id) is Access.VIEW
    await folders.set_permissions(folder.id, {"role:editor": Access.EDIT, "user:9": Access.VIEW})
    assert await folders.access(viewer, folder.id) is Access.NONE
    assert await folders.hidden(viewer) == {folder.id}
    assert await folders.access(admin, folder.id) is Access.ADMIN
    assert decide(Scope(ORG, Role.VIEWER, frozenset({7})), {"team:7": Access.ADMIN}) is Access.ADMIN
    dashboards = Dashboards(database)
    await dashboards.create(ORG, {"title": "x"}, by="a", now_ms=NOW, folder_id=folder.id)
    assert (await dashboards.list(ORG, hidden_folders=await folders.hidden(viewer)))[0] == []
    with pytest.raises(InvalidError):
        await folders.delete(ORG, "f")


async def test_annotations_that_touch_the_range_are_found(database: Database) -> None:
    annotations = Annotations(database)
    for start, end, board in ((0, 5, None), (10, 10, "d"), (20, 30, "other")):
        await annotations.create(ORG, Annotation(start, end, f"{start}", ("t",), board))
    found = await annotations.find(ORG, 4, 25, dashboard_id="d")
    assert [one.text for one in found] == ["0", "10"]
    assert await annotations.find(ORG, 0, 100, tags=["none"]) == []


@pytest.mark.parametrize("tag", ['quo"te', "ümlaut", "100%", "a_b", "back\\slash", "plain"])
async def test_annotations_are_found_by_any_tag_however_it_is_written(database: Database, tag: str) -> None:
    annotations = Annotations(database)
    start = 1_000_000 + sum(tag.encode()) * 1000  # a time of its own: the database is shared
    await annotations.create(ORG, Annotation(start, start, "it", (tag, "more")))
    await annotations.create(ORG, Annotation(start, start, "other", ("aXb", "plainer", "1000")))

    async def texts(*tags: str, any_tag: bool = False) -> list[str]:
        return [one.text for one in await annotations.find(ORG, start, start, tags=tags, any_tag=any_tag)]

    assert await texts(tag) == ["it"]
    assert await texts(tag, "more") == ["it"]
    assert await texts(tag, "plainer") == []
    assert sorted(await texts(tag, "plainer", any_tag=True)) == ["it", "other"]


async def test_each_change_of_annotations_has_a_stamp_of_its_own_and_a_failed_one_none(database: Database) -> None:
    annotations, elsewhere = Annotations(database), Annotations(database)
    stamps = [await annotations.stamp(ORG)]
    made = await annotations.create(ORG, Annotation(1, 1, "x"))
    stamps.append(await elsewhere.stamp(ORG))
    await annotations.update(ORG, made)
    stamps.append(await elsewhere.stamp(ORG))
    await annotations.delete(ORG, made.id)
    stamps.append(await elsewhere.stamp(ORG))
    with pytest.raises(NotFoundError):
        await annotations.delete(ORG, made.id)
    assert len(set(stamps)) == 4
    assert await annotations.stamp(ORG) == stamps[-1]
    assert (annotations.writes(ORG), elsewhere.writes(ORG)) == (3, 0)


async def test_a_value_that_postgresql_cannot_keep_is_no_outage(postgres_database: Callable[[], str]) -> None:
    database = Database(postgres_database())
    await database.upgrade()
    with pytest.raises(InvalidError):
        await Users(database).add(ORG, "a\x00b", "hash", Role.VIEWER, now_ms=NOW)
    await database.close()


async def test_a_database_that_is_gone_says_so_in_our_words(postgres_server: Postgres) -> None:
    database = Database(f"postgresql://postgres@127.0.0.1:{postgres_server.port + 1}/none")
    with pytest.raises(ReadOnlyError):
        await database.ping()
    with pytest.raises(StartupError):
        await database.upgrade()
    await database.close()


@pytest.mark.parametrize("bad", ["oracle://x/y", "nonsense", "mysql://h/d"])
def test_a_database_that_is_not_supported_is_a_setting_to_mend(bad: str) -> None:
    with pytest.raises(SettingsError, match="database_url"):
        Database(bad)


async def test_no_number_in_a_credential_or_a_right_is_used_twice(database: Database) -> None:
    users, tokens, teams, folders = Users(database), Tokens(database), Teams(database), Folders(database)
    before = (0, 0, 0, 0)
    for turn in ("first", "second", "third"):
        user = await users.add(ORG, turn, "hash", Role.VIEWER, now_ms=NOW)
        token, _ = await tokens.create(ORG, turn, Role.VIEWER, by="a", now_ms=NOW)
        team = await teams.create(ORG, turn, [user.id])
        folder = await folders.create(ORG, turn, turn)
        made = (user.id, token.id, team.id, folder.id)
        assert all(now > then for now, then in zip(made, before, strict=True))
        before = made
        await users.delete(ORG, user.id)
        await tokens.delete(ORG, token.id)
        await teams.delete(ORG, team.id)
        await folders.delete(ORG, turn)


async def test_two_people_never_begin_at_the_same_count_of_sessions(database: Database) -> None:
    users = Users(database)
    made = [await users.add(ORG, f"user{n}", "hash", Role.VIEWER, now_ms=NOW) for n in range(5)]
    assert len({user.epoch for user in made}) == 5
    assert min(user.epoch for user in made) > 1000


async def test_what_was_given_to_somebody_goes_with_them(database: Database) -> None:
    users, tokens, folders, annotations = Users(database), Tokens(database), Folders(database), Annotations(database)
    user = await users.add(ORG, "mira", "hash", Role.ADMIN, now_ms=NOW)
    folder = await folders.create(ORG, "f", "F")
    await folders.set_permissions(folder.id, {f"user:{user.id}": Access.EDIT, "role:admin": Access.VIEW})
    made = await annotations.create(ORG, Annotation(NOW, NOW, "x", created_by=f"user:{user.id}"))
    _, secret = await tokens.create(ORG, "hers", Role.ADMIN, by=f"user:{user.id}", now_ms=NOW)
    _, other = await tokens.create(ORG, "another's", Role.ADMIN, by="user:999", now_ms=NOW)
    await users.delete(ORG, user.id)
    assert await folders.permissions(folder.id) == {"role:admin": Access.VIEW}
    assert (await annotations.get(ORG, made.id)).created_by == ""
    assert await tokens.find(secret) is None
    assert await tokens.find(other) is not None


async def test_annotations_go_with_their_dashboard(database: Database) -> None:
    dashboards, annotations = Dashboards(database), Annotations(database)
    await dashboards.create(ORG, {"title": "D"}, by="a", now_ms=NOW, dashboard_id="d")
    mark = await annotations.create(ORG, Annotation(NOW, NOW, "secret", dashboard_id="d"))
    common = await annotations.create(ORG, Annotation(NOW, NOW, "all"))
    await dashboards.delete(ORG, "d", by="a", now_ms=NOW)
    assert [one.id for one in await annotations.find(ORG, NOW, NOW)] == [common.id]
    with pytest.raises(NotFoundError):
        await annotations.get(ORG, mark.id)


async def test_a_database_of_the_first_schema_keeps_its_rows_and_counts_on(tmp_path: Path) -> None:
    """As SQLite's own shell sees it: nobody is lost with the tables that are made anew, the orphans' rights are."""
    database = Database(f"sqlite:///{tmp_path / 'old.db'}")
    async with database.begin() as connection:
        await connection.run_sync(lambda sync: command.upgrade(alembic_config(sync), "0001"))
    path = tmp_path / "old.db"
    with contextlib.closing(sqlite3.connect(path)) as old, old:
        old.executescript(
            """
            INSERT INTO orgs VALUES (1, 'Main');
            INSERT INTO users VALUES (1, 'mira', '', 'h', 0, 0, 0), (2, 'noor', '', 'h', 0, 3, 0);
            INSERT INTO members VALUES (1, 1, 3), (1, 2, 1);
            INSERT INTO teams VALUES (1, 1, 't');
            INSERT INTO team_members VALUES (1, 2);
            INSERT INTO tokens VALUES (1, 1, 'ci', 3, 'sha', 'user:900', 0);
            INSERT INTO folders VALUES (1, 1, 'f', 'F');
            INSERT INTO folder_permissions VALUES (1, 'user:2', 2), (1, 'user:7', 2),
                (1, 'team:1', 1), (1, 'team:9', 1);
            INSERT INTO annotations VALUES (1, 1, 'gone', 0, 0, 'x', '[]', 'user:2'),
                (2, 1, NULL, 0, 0, 'y', '[]', 'a');
            """
        )
    await database.upgrade()
    users, folders = Users(database), Folders(database)
    mira, noor = await users.by_login("mira"), await users.by_login("noor")
    assert (mira.role, noor.role, noor.epoch, noor.teams) == (Role.ADMIN, Role.VIEWER, 3, frozenset({1}))
    assert await folders.permissions(1) == {"user:2": Access.EDIT, "team:1": Access.VIEW}
    assert [one.text for one in await Annotations(database).find(ORG, 0, 1)] == ["y"]
    assert (await users.add(ORG, "new", "h", Role.VIEWER, now_ms=NOW)).id > 900
    await database.close()
    with contextlib.closing(sqlite3.connect(path)) as now:
        assert now.execute("PRAGMA foreign_key_check").fetchall() == []
        assert now.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


async def test_stars_go_with_their_person_and_with_their_dashboard(database: Database) -> None:
    users, dashboards, stars = Users(database), Dashboards(database), Stars(database)
    mira = await users.add(ORG, "mira", "hash", Role.VIEWER, now_ms=NOW)
    noor = await users.add(ORG, "noor", "hash", Role.VIEWER, now_ms=NOW)
    for name in ("b", "a", "c"):
        await dashboards.create(ORG, {"title": name}, by="a", now_ms=NOW, dashboard_id=name)
    for name in ("b", "a", "b"):
        await stars.add(ORG, mira.id, name)
    await stars.add(ORG, noor.id, "c")
    assert (await stars.of(ORG, mira.id), await stars.of(ORG, noor.id)) == (["a", "b"], ["c"])
    await stars.remove(ORG, mira.id, "b")
    await stars.remove(ORG, mira.id, "b")
    assert await stars.of(ORG, mira.id) == ["a"]
    with pytest.raises(NotFoundError):
        await stars.add(ORG, mira.id, "none")
    await dashboards.delete(ORG, "a", by="a", now_ms=NOW)
    await users.delete(ORG, noor.id)
    assert (await stars.of(ORG, mira.id), await stars.of(ORG, noor.id)) == ([], [])


async def test_a_dashboard_moves_between_folders_and_shows_what_it_was(database: Database) -> None:
    dashboards, folders = Dashboards(database), Folders(database)
    ops = await folders.create(ORG, "ops", "Ops")
    made = await dashboards.create(ORG, {"title": "one"}, by="a", now_ms=NOW)
    await dashboards.update(ORG, made.dashboard_id, {"title": "two"}, version=1, by="a", now_ms=NOW)
    assert await Versions(database).get(ORG, made.dashboard_id, 1) == {"title": "one"}
    with pytest.raises(NotFoundError):
        await Versions(database).get(ORG, made.dashboard_id, 3)
    await dashboards.move(ORG, made.dashboard_id, ops.id)
    moved = await dashboards.get(ORG, made.dashboard_id)
    assert (moved.folder_id, moved.version) == (ops.id, 2)
    assert [one.title for one in await dashboards.named(ORG, [made.dashboard_id, "none"])] == ["two"]
    assert await dashboards.named(ORG, [made.dashboard_id], hidden_folders={ops.id}) == []
    await dashboards.move(ORG, made.dashboard_id, None)
    assert (await dashboards.get(ORG, made.dashboard_id)).folder_id is None
    with pytest.raises(NotFoundError):
        await dashboards.move(ORG, "none", None)
