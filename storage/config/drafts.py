"""Drafts: what somebody makes of a dashboard and has not saved, with the steps that led there, for undo and redo.

Every change is written as it is made, so that a draft outlives browser, process and node.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, delete, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from ...errors import DuplicateError, InvalidError, NotFoundError, VersionConflictError
from ...lru import Lru
from .database import Database, batches
from .draft_rows import FOLDER, PLACED, Draft, StoredStep, all_drafts, draft_of, row_of, step_row
from .tables import dashboards, draft_steps, drafts, folders

LIFE_MS: Final = 30 * 86_400_000  # of a draft that nobody touches
UNCHANGED_LIFE_MS: Final = 86_400_000
MAX_DRAFTS: Final = 50  # with changes, of one person
MAX_STEPS: Final = 200
MAX_STEP_BYTES: Final = 4 * 2**20
JOINED_MS: Final = 1500  # typing without a longer pause is one step
RECENT_MS: Final = 1000  # for so long a draft need not be read again where it was written
MAX_RECENT: Final = 64


class Drafts:
    """The repository of drafts; whose they are, and whether they may be changed, is decided by its callers."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._recent: Lru[tuple[int, str], tuple[Draft, StoredStep]] = Lru(MAX_RECENT)

    async def open(
        self,
        org: int,
        author: str,
        config: Mapping[str, Any],
        *,
        now_ms: int,
        dashboard_id: str = "",
        base_version: int = 0,
        folder: str = "",
    ) -> Draft:
        """The author's draft of that dashboard, or a new one of this document.

        One that has no changes begins anew with what stands now. InvalidError where the author has too many.
        """
        await self._clear(org, author, now_ms)
        made = Draft(
            org, uuid.uuid4().hex, author, dashboard_id, folder, base_version, config, 1, 0, 1, 0, now_ms, now_ms
        )
        found = await self.of(org, author, dashboard_id, folder)
        if found is not None:
            if found.is_changed or found.base_version == base_version:
                return found
            await self.delete(org, found.draft_id)
        try:
            async with self._database.begin() as connection:
                await connection.execute(insert(drafts).values(**row_of(made)))
        except DuplicateError:  # another tab of the same person was faster
            found = await self.of(org, author, dashboard_id)
            if found is None:
                raise
            return found
        return await self.get(org, made.draft_id)

    async def get(self, org: int, draft_id: str) -> Draft:
        """NotFoundError where there is none."""
        async with self._database.connect() as connection:
            row = (await connection.execute(all_drafts().where(_is(org, draft_id)))).first()
        if row is None:
            raise NotFoundError("there is no such draft")
        return draft_of(row)

    async def of(self, org: int, author: str, dashboard_id: str, folder: str = "") -> Draft | None:
        """The author's draft of a dashboard; without an id one of a new dashboard in a folder, with nothing done."""
        mine = and_(drafts.c.org_id == org, drafts.c.author == author)
        if dashboard_id:
            mine = and_(mine, drafts.c.dashboard_id == dashboard_id)
        else:
            mine = and_(mine, drafts.c.dashboard_id.is_(None), drafts.c.folder == folder, drafts.c.last_step == 0)
        async with self._database.connect() as connection:
            row = (await connection.execute(all_drafts().where(mine))).first()
        return draft_of(row) if row is not None else None

    async def list(self, org: int, author: str) -> Sequence[Draft]:
        """The author's drafts that have changes, the last touched first."""
        mine = and_(drafts.c.org_id == org, drafts.c.author == author, drafts.c.step > 0)
        async with self._database.connect() as connection:
            rows = await connection.execute(all_drafts().where(mine).order_by(drafts.c.updated_at.desc(), drafts.c.id))
            return [draft_of(row) for row in rows]

    async def step(self, draft_id: str, number: int) -> StoredStep | None:
        """One step of a draft."""
        columns = [draft_steps.c[name] for name in ("number", "forward", "inverse", "nbytes", "at")]
        wanted = select(*columns).where(draft_steps.c.draft == draft_id, draft_steps.c.number == number)
        async with self._database.connect() as connection:
            row = (await connection.execute(wanted)).first()
        return StoredStep(*row) if row is not None else None

    def recent(self, org: int, draft_id: str, now_ms: int) -> tuple[Draft, StoredStep] | None:
        """A draft that was changed here a moment ago, as it was then, with its last step.

        Somebody else may have changed it since: `change` finds that out.
        """
        found = self._recent.get((org, draft_id))
        return found if found is not None and now_ms - found[0].updated_at < RECENT_MS else None

    async def change(self, draft: Draft, config: Mapping[str, Any], step: StoredStep) -> Draft:
        """The draft with a step done: a new one, or another form of the last; what was taken back is gone for good.

        VersionConflictError where the draft has another revision by now.
        """
        key = (draft.org, draft.draft_id)
        self._recent.drop(key)
        async with self._database.begin() as connection:
            changed = await self._written(connection, draft, config, step.at, step=step.number, last_step=step.number)
            if draft.can_undo and step.number == draft.step:  # the next step is counted with what this one grew by
                last = (draft_steps.c.draft == draft.draft_id, draft_steps.c.number == step.number)
                await connection.execute(update(draft_steps).where(*last).values(**step_row(step)))
                first = draft.first_step
            else:
                if draft.last_step >= step.number:
                    taken_back = (draft_steps.c.draft == draft.draft_id, draft_steps.c.number >= step.number)
                    await connection.execute(delete(draft_steps).where(*taken_back))
                await connection.execute(insert(draft_steps).values(draft=draft.draft_id, **step_row(step)))
                first = await self._bounded(connection, changed)
        changed = replace(changed, first_step=first)
        self._recent.put(key, (changed, step))
        return changed

    async def move(self, draft: Draft, config: Mapping[str, Any], step: int, *, now_ms: int) -> Draft:
        """The draft as it is after that many steps; VersionConflictError where it has another revision by now."""
        async with self._database.begin() as connection:
            return await self._written(connection, draft, config, now_ms, step=step, last_step=draft.last_step)

    async def delete(self, org: int, draft_id: str) -> None:
        """Nothing is left of it; no error where it is gone already."""
        async with self._database.begin() as connection:
            await _gone(connection, _is(org, draft_id))

    async def standing(self, keys: Collection[tuple[int, str]]) -> Mapping[tuple[int, str], tuple[int, int | None]]:
        """Revision and folder of each (org, draft id) that is there."""
        found: dict[tuple[int, str], tuple[int, int | None]] = {}
        async with self._database.connect() as connection:
            for batch in batches(keys):
                wanted = select(drafts.c.org_id, drafts.c.id, drafts.c.revision, FOLDER).select_from(PLACED)
                rows = await connection.execute(wanted.where(drafts.c.id.in_([draft_id for _, draft_id in batch])))
                found |= {(row[0], row[1]): (row[2], row[3]) for row in rows}
        return found

    async def _written(
        self,
        connection: AsyncConnection,
        draft: Draft,
        config: Mapping[str, Any],
        now_ms: int,
        *,
        step: int,
        last_step: int,
    ) -> Draft:
        changed = replace(
            draft, config=config, revision=draft.revision + 1, updated_at=now_ms, step=step, last_step=last_step
        )
        mine = (_is(draft.org, draft.draft_id), drafts.c.revision == draft.revision)
        row = {name: value for name, value in row_of(changed).items() if name in WRITTEN}
        done = await connection.execute(update(drafts).where(*mine).values(**row))
        if not done.rowcount:
            current = await connection.scalar(select(drafts.c.revision).where(_is(draft.org, draft.draft_id)))
            if current is None:
                raise NotFoundError("there is no such draft")
            raise VersionConflictError("the draft was changed in another place", current_version=current)
        return changed

    async def _bounded(self, connection: AsyncConnection, draft: Draft) -> int:
        """Let the oldest steps go where there are too many; the number of the first that is kept."""
        sizes = select(draft_steps.c.number, draft_steps.c.nbytes).where(draft_steps.c.draft == draft.draft_id)
        rows = (await connection.execute(sizes.order_by(draft_steps.c.number.desc()))).all()
        kept, nbytes = 0, 0
        for row in rows:
            nbytes += row.nbytes
            if kept and (kept >= MAX_STEPS or nbytes > MAX_STEP_BYTES):
                break
            kept += 1
        first = int(rows[kept - 1].number)
        if first != draft.first_step:
            older = (draft_steps.c.draft == draft.draft_id, draft_steps.c.number < first)
            await connection.execute(delete(draft_steps).where(*older))
            await connection.execute(update(drafts).where(drafts.c.id == draft.draft_id).values(first_step=first))
        return first

    async def _clear(self, org: int, author: str, now_ms: int) -> None:
        """What nobody touched for long leaves, anybody's; InvalidError where this author has too many."""
        mine = and_(drafts.c.org_id == org, drafts.c.author == author)
        unchanged = and_(drafts.c.step == 0, drafts.c.updated_at < now_ms - UNCHANGED_LIFE_MS)
        old = or_(drafts.c.updated_at < now_ms - LIFE_MS, unchanged)
        counted = select(func.count()).select_from(drafts)
        kinds = (
            counted.where(old),
            counted.where(mine, drafts.c.step > 0, ~old),
            counted.where(mine, drafts.c.step == 0, ~old),
        )
        async with self._database.connect() as connection:
            left, held, blank = (await connection.execute(select(*(one.scalar_subquery() for one in kinds)))).one()
        if left or blank > MAX_DRAFTS:
            async with self._database.begin() as connection:
                await _gone(connection, old if blank <= MAX_DRAFTS else or_(old, and_(mine, drafts.c.step == 0)))
        if held >= MAX_DRAFTS:
            raise InvalidError(f"you have {held} drafts that are not saved: save or discard some first", path="$")


WRITTEN = frozenset({"config", "revision", "updated_at", "step", "last_step"})


async def forget_drafts(connection: AsyncConnection, org: int, author: str) -> None:
    """The drafts of somebody who is gone."""
    await _gone(connection, and_(drafts.c.org_id == org, drafts.c.author == author))


async def orphan_drafts(connection: AsyncConnection, org: int, dashboard_id: str) -> None:
    """The drafts of a dashboard that is about to go become drafts of new ones: nobody's work is lost by it."""
    lies = dashboards.join(folders, folders.c.id == dashboards.c.folder_id)
    its = (dashboards.c.org_id == org, dashboards.c.dashboard_id == dashboard_id)
    uid = await connection.scalar(select(folders.c.uid).select_from(lies).where(*its))
    of_it = (drafts.c.org_id == org, drafts.c.dashboard_id == dashboard_id)
    await connection.execute(
        update(drafts)
        .where(*of_it)
        .values(dashboard_id=None, base_version=0, folder=uid or "", revision=drafts.c.revision + 1)
    )


async def _gone(connection: AsyncConnection, condition: ColumnElement[bool]) -> None:
    leaving = select(drafts.c.id).where(condition)
    await connection.execute(delete(draft_steps).where(draft_steps.c.draft.in_(leaving)))
    await connection.execute(delete(drafts).where(condition))


def _is(org: int, draft_id: str) -> ColumnElement[bool]:
    return and_(drafts.c.org_id == org, drafts.c.id == draft_id)
