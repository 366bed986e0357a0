"""Files as an operator has them, brought by a bringer as the `files` role runs it, into a real config database."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from heliograph.app.provisioning.bringing import LEASE, Bringer, bring_for_ever, let_go
from heliograph.app.provisioning.finding import Place
from heliograph.app.provisioning.status import read_status
from heliograph.app.provisioning.whole import Files
from heliograph.app.roles.files import watch
from heliograph.components.panels.registry import default_registry
from heliograph.scope import DEFAULT_ORG as ORG
from heliograph.storage.config.database import Database
from heliograph.storage.config.repositories import Repositories

PANELS = default_registry()


@pytest.fixture
async def config(sqlite_config: str) -> AsyncIterator[Repositories]:
    database = Database(sqlite_config)
    yield Repositories.over(database, [Fernet.generate_key()])
    await database.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "boards"
    made.mkdir()
    return made


def board(folder: Path, name: str, title: str) -> None:
    (folder / f"{name}.json").write_text(json.dumps({"dashboard_id": name, "title": title}), "utf-8")


def bringer(config: Repositories, folder: Path, node: str = "n") -> Bringer:
    places = [Place(str(folder), "shop", "Shop")]
    return Bringer(config, Files(places, PANELS), places, f"{node}/1", lambda: 1_700_000_000.0)


async def titles(config: Repositories) -> dict[str, str]:
    return {one.dashboard_id: one.title for one in (await config.dashboards.list(ORG))[0]}


async def test_files_come_change_break_and_go(config: Repositories, folder: Path) -> None:
    one = bringer(config, folder)
    board(folder, "a", "A")
    board(folder, "b", "B")
    assert await one.look()
    assert not await one.look()
    assert await titles(config) == {"a": "A", "b": "B"}
    assert [(place.uid, place.title) for place in await config.folders.list(ORG)] == [("shop", "Shop")]
    board(folder, "a", "A 2")
    (folder / "b.json").write_text("{")
    await one.look()
    assert await titles(config) == {"a": "A", "b": "B"}, "a broken file changes nothing, of others neither"
    status = await read_status(config.meta)
    assert (status["fault_count"], status["dashboards"]) == (1, 2)
    assert status["faults"][0]["file"] == f"{folder}/b.json"
    (folder / "b.json").unlink()
    await one.look()
    assert await titles(config) == {"a": "A 2"}
    assert (await read_status(config.meta))["fault_count"] == 0
    folder.rename(folder.with_name("away"))
    await one.look()
    assert await titles(config) == {"a": "A 2"}, "a folder that is not there for a moment takes nothing away"
    assert "no such file" in (await read_status(config.meta))["faults"][0]["detail"]


async def test_an_id_that_people_have_is_a_fault_until_they_give_it_up(config: Repositories, folder: Path) -> None:
    await config.dashboards.create(ORG, {"title": "Own"}, by="user:1", now_ms=1, dashboard_id="a")
    board(folder, "a", "A")
    board(folder, "b", "B")
    one = bringer(config, folder)
    await one.look()
    assert await titles(config) == {"a": "Own"}
    assert (await read_status(config.meta))["faults"][0]["path"] == "$.dashboard_id"
    await config.dashboards.delete(ORG, "a", by="user:1", now_ms=1)
    await one.look()
    assert await titles(config) == {"a": "A", "b": "B"}


async def test_of_two_nodes_one_brings_files_and_the_other_when_it_is_gone(config: Repositories, folder: Path) -> None:
    board(folder, "a", "A")
    first, second = bringer(config, folder, "n"), bringer(config, folder, "m")
    assert await first.look()
    board(folder, "a", "A 2")
    assert not await second.look()
    assert await titles(config) == {"a": "A"}
    await first.close()
    assert await second.look()
    assert await titles(config) == {"a": "A 2"}
    assert not await first.look()
    assert set(await config.leases.owners(LEASE)) == {LEASE}


async def test_what_is_provisioned_no_more_goes_but_not_while_another_node_does(
    config: Repositories, folder: Path
) -> None:
    board(folder, "a", "A")
    one = bringer(config, folder)
    await one.look()
    await let_go(config, "m/1", 1_700_000_000_000)
    assert await titles(config) == {"a": "A"}
    await one.close()
    await let_go(config, "m/1", 1_700_000_000_000)
    assert await titles(config) == {}
    assert [gone.dashboard_id for gone in await config.trash.list(ORG, since_ms=0)] == ["a"]
    assert (await read_status(config.meta))["brought_at"] is None


async def test_what_is_written_while_files_are_read_is_seen_at_once(config: Repositories, folder: Path) -> None:
    board(folder, "a", "A")
    one = bringer(config, folder)
    looks: list[dict[str, str]] = []
    look = one.look

    async def slowly() -> bool:
        done = await look()
        looks.append(await titles(config))
        if len(looks) == 1:
            board(folder, "a", "A 2")  # after it was read, and before the look is over
        return done

    one.look = slowly  # type: ignore[method-assign]
    woken = asyncio.Event()
    tasks = [asyncio.create_task(watch([folder], woken)), asyncio.create_task(bring_for_ever(one, woken))]
    async with asyncio.timeout(60):
        while {"a": "A 2"} not in looks:
            await asyncio.sleep(0.05)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert looks[0] == {"a": "A"}
