"""Drafts in the config database: over SQLite and PostgreSQL alike."""

from __future__ import annotations

import pytest

from heliograph.errors import InvalidError, NotFoundError, VersionConflictError
from heliograph.scope import Role
from heliograph.storage.config.dashboards import Dashboards
from heliograph.storage.config.database import Database
from heliograph.storage.config.draft_rows import Draft, StoredStep
from heliograph.storage.config.drafts import LIFE_MS, MAX_DRAFTS, MAX_STEPS, RECENT_MS, Drafts
from heliograph.storage.config.folders import Folders
from heliograph.storage.config.users import Users
from heliograph.storage.config.versions import Versions

ORG = 1
NOW = 1_700_000_000_000
ME = "user:77"


def step(number: int, nbytes: int = 10) -> StoredStep:
    return StoredStep(number, [{"op": "replace", "path": "/title", "value": number}], [], nbytes, NOW)


async def stepped(drafts: Drafts, draft: Draft, number: int, nbytes: int = 10) -> Draft:
    return await drafts.change(draft, {"title": str(number)}, step(number, nbytes))


async def test_a_draft_is_opened_once_and_begins_anew_where_nothing_was_done(database: Database) -> None:
    drafts = Drafts(database)
    first = await drafts.open(ORG, ME, {"title": "a"}, now_ms=NOW, dashboard_id="d", base_version=1)
    assert await drafts.open(ORG, ME, {"title": "a"}, now_ms=NOW, dashboard_id="d", base_version=1) == first
    newer = await drafts.open(ORG, ME, {"title": "b"}, now_ms=NOW, dashboard_id="d", base_version=2)
    assert (newer.config["title"], newer.base_version) == ("b", 2)
    changed = await stepped(drafts, newer, 1)
    assert await drafts.open(ORG, ME, {"title": "c"}, now_ms=NOW, dashboard_id="d", base_version=3) == changed
    other = await drafts.open(ORG, "user:2", {"title": "c"}, now_ms=NOW, dashboard_id="d", base_version=3)
    assert other.draft_id != changed.draft_id
    assert [one.draft_id for one in await drafts.list(ORG, ME)] == [changed.draft_id]
    assert await drafts.standing([(ORG, changed.draft_id), (ORG, "gone")]) == {(ORG, changed.draft_id): (2, None)}


async def test_a_revision_is_written_once(database: Database) -> None:
    drafts = Drafts(database)
    draft = await drafts.open(ORG, ME, {"title": "a"}, now_ms=NOW)
    await stepped(drafts, draft, 1)
    with pytest.raises(VersionConflictError) as found:
        await stepped(drafts, draft, 1)
    assert found.value.current_version == 2
    await drafts.delete(ORG, draft.draft_id)
    with pytest.raises(NotFoundError):
        await stepped(drafts, draft, 1)


async def test_steps_are_bounded_and_a_new_one_ends_what_was_taken_back(database: Database) -> None:
    drafts = Drafts(database)
    draft = await drafts.open(ORG, ME, {"title": "a"}, now_ms=NOW)
    for number in range(1, MAX_STEPS + 3):
        draft = await stepped(drafts, draft, number)
    assert (draft.first_step, draft.step, draft.last_step) == (3, MAX_STEPS + 2, MAX_STEPS + 2)
    assert await drafts.step(draft.draft_id, 2) is None
    draft = await drafts.move(draft, {"title": "back"}, draft.step - 5, now_ms=NOW)
    assert (draft.can_undo, draft.can_redo) == (True, True)
    draft = await stepped(drafts, draft, draft.step + 1, nbytes=2**23)
    assert (draft.can_redo, draft.first_step, draft.last_step) == (False, draft.step, draft.step)
    assert await drafts.get(ORG, draft.draft_id) == draft


async def test_a_step_that_goes_on_takes_the_place_of_what_it_was(database: Database) -> None:
    drafts = Drafts(database)
    draft = await drafts.open(ORG, ME, {"title": "a"}, now_ms=NOW)
    for number in (1, 2, 2, 2):
        draft = await stepped(drafts, draft, number, nbytes=10 * number)
    assert (draft.first_step, draft.step, draft.last_step, draft.revision) == (1, 2, 2, 5)
    assert await drafts.get(ORG, draft.draft_id) == draft
    kept = await drafts.step(draft.draft_id, 2)
    assert kept == step(2, 20)


async def test_what_was_changed_here_a_moment_ago_is_at_hand_and_judged_as_it_is_changed(database: Database) -> None:
    drafts, others = Drafts(database), Drafts(database)
    draft = await drafts.open(ORG, ME, {"title": "a"}, now_ms=NOW)
    assert drafts.recent(ORG, draft.draft_id, NOW) is None
    draft = await stepped(drafts, draft, 1)
    assert drafts.recent(ORG, draft.draft_id, NOW + RECENT_MS - 1) == (draft, step(1))
    assert drafts.recent(ORG, draft.draft_id, NOW + RECENT_MS) is None
    assert drafts.recent(ORG + 1, draft.draft_id, NOW) is None
    await stepped(others, draft, 2)
    with pytest.raises(VersionConflictError):
        await stepped(drafts, draft, 2)
    assert drafts.recent(ORG, draft.draft_id, NOW) is None


async def test_what_nobody_touches_leaves_and_a_person_has_so_many(database: Database) -> None:
    drafts = Drafts(database)
    old = await stepped(drafts, await drafts.open(ORG, ME, {"title": "a"}, now_ms=NOW), 1)
    for index in range(MAX_DRAFTS - 1):
        await stepped(drafts, await drafts.open(ORG, ME, {"title": "a"}, now_ms=NOW, dashboard_id=f"d{index}"), 1)
    with pytest.raises(InvalidError, match="save or discard"):
        await drafts.open(ORG, ME, {"title": "a"}, now_ms=NOW, dashboard_id="more")
    await drafts.open(ORG, "user:2", {"title": "a"}, now_ms=NOW + LIFE_MS + 1)
    with pytest.raises(NotFoundError):
        await drafts.get(ORG, old.draft_id)
    assert await drafts.list(ORG, ME) == []


async def test_drafts_go_with_their_person_and_outlive_their_dashboard(database: Database) -> None:
    drafts, dashboards, folders, users = Drafts(database), Dashboards(database), Folders(database), Users(database)
    folder = await folders.create(ORG, "ops", "Ops")
    person = await users.add(ORG, "mira", "hash", Role.EDITOR, now_ms=NOW)
    made = await dashboards.create(ORG, {"title": "a"}, by=ME, now_ms=NOW, folder_id=folder.id, message="first")
    assert [one.message for one in await Versions(database).list(ORG, made.dashboard_id)] == ["first"]
    begun = {"now_ms": NOW, "dashboard_id": made.dashboard_id, "base_version": 1}
    mine = await stepped(drafts, await drafts.open(ORG, ME, {"title": "a"}, **begun), 1)  # type: ignore[arg-type]
    theirs = await drafts.open(ORG, f"user:{person.id}", {"title": "a"}, **begun)  # type: ignore[arg-type]
    assert mine.folder_id == folder.id
    await users.delete(ORG, person.id)
    with pytest.raises(NotFoundError):
        await drafts.get(ORG, theirs.draft_id)
    await dashboards.delete(ORG, made.dashboard_id, by=ME, now_ms=NOW)
    kept = await drafts.get(ORG, mine.draft_id)
    assert (kept.dashboard_id, kept.base_version, kept.folder, kept.folder_id) == ("", 0, "ops", folder.id)
    assert kept.config == mine.config
