"""`/drafts/{draft_id}/save`: a draft becomes a version; what others saved meanwhile is joined with it, part by part."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from ...components.editing.changed import same
from ...components.editing.merge import Collision, merged
from ...components.panels.registry import PanelRegistry
from ...components.saved import as_config
from ...errors import NotFoundError, VersionConflictError
from ...scope import Role
from ...storage.config.dashboard_rows import StoredDashboard
from ...storage.config.draft_rows import Draft
from .body import MAX_DOCUMENT
from .dashboard_access import folder_named
from .dashboard_documents import as_json, checked_document, in_turn
from .dashboards import changed
from .draft_shapes import DraftSave, DraftSaved
from .drafts import mine
from .routing import Reply, Request, Route, Routes

ATTEMPTS: Final = 4  # of saving over what others save at the same moment


@dataclass(frozen=True, slots=True)
class Saved:
    """What stands now. `joined_with`: the version of others that the draft was joined with."""

    stored: StoredDashboard
    new_version: bool = True
    joined_with: int | None = None


async def save(request: Request) -> Reply:
    """VersionConflictError, with what both changed, where somebody else saved and no choice is made."""
    draft, wanted = await mine(request), request.body
    config = await in_turn(request, _config, draft.config, request.tools.registry)
    if draft.dashboard_id and not wanted.as_new:
        saved = await _over(request, draft, config)
    else:
        saved = Saved(await _new(request, draft, config))
    await request.config.drafts.delete(request.org, draft.draft_id)
    if saved.new_version:
        changed(request, saved.stored.dashboard_id)
    return Reply({**as_json(request, saved.stored), "new_version": saved.new_version, "joined_with": saved.joined_with})


async def _new(request: Request, draft: Draft, config: Mapping[str, Any]) -> StoredDashboard:
    wanted: DraftSave = request.body
    chosen = "folder" in wanted.model_fields_set
    folder_id = await folder_named(request, wanted.folder) if chosen else draft.folder_id
    return await request.config.dashboards.create(
        request.org,
        config,
        by=draft.author,
        now_ms=request.now_ms,
        folder_id=folder_id,
        message=request.body.message,
    )


async def _over(request: Request, draft: Draft, config: Mapping[str, Any]) -> Saved:
    """The next version of the dashboard, whoever else saves it at this moment."""
    for attempt in range(1, ATTEMPTS + 1):
        try:
            current = await request.config.dashboards.get(request.org, draft.dashboard_id)
            return await _next(request, draft, config, current)
        except VersionConflictError as error:
            if "collisions" in error.extra or attempt == ATTEMPTS:
                raise
    raise AssertionError("unreachable")


async def _next(request: Request, draft: Draft, config: Mapping[str, Any], current: StoredDashboard) -> Saved:
    moved_on = current.version != draft.base_version
    base = await _base(request, draft) if moved_on else current.config
    if await asyncio.to_thread(same, draft.config, base):
        return Saved(current, new_version=False)
    if moved_on:
        config = await in_turn(request, _joined, base, current, config, request)
    if await asyncio.to_thread(same, config, current.config):
        return Saved(current, new_version=False)
    stored = await request.config.dashboards.update(
        request.org,
        draft.dashboard_id,
        config,
        version=current.version,
        by=draft.author,
        now_ms=request.now_ms,
        message=request.body.message,
    )
    return Saved(stored, joined_with=current.version if moved_on else None)


async def _base(request: Request, draft: Draft) -> Mapping[str, Any]:
    """What the draft began with."""
    try:
        return await request.config.versions.get(request.org, draft.dashboard_id, draft.base_version)
    except NotFoundError:
        return {}


def _joined(
    base: Mapping[str, Any], current: StoredDashboard, config: Mapping[str, Any], request: Request
) -> dict[str, Any]:
    """Theirs and mine; VersionConflictError with what both changed and nobody has chosen of."""
    wanted: DraftSave = request.body
    choices = wanted.choices if wanted.against == current.version else {}
    document, collisions = merged(base, current.config, config, choices)
    if collisions:
        error = VersionConflictError(
            f"others saved version {current.version} meanwhile, and changed what you changed",
            current_version=current.version,
        )
        error.extra["collisions"] = [_told(one) for one in collisions]
        raise error
    return _config(document, request.tools.registry)


def _config(document: Mapping[str, Any], registry: PanelRegistry) -> dict[str, Any]:
    return as_config(checked_document(document, registry))


def _told(one: Collision) -> dict[str, Any]:
    return {"part": one.part, "base": one.base, "theirs": one.theirs, "mine": one.mine}


def register(routes: Routes) -> None:
    """The route."""
    summary = "Save one's own draft, joined with what others saved meanwhile"
    taken: dict[str, Any] = {"body": DraftSave, "shape": DraftSaved, "most_bytes": MAX_DOCUMENT}
    routes.add(Route("POST", "/drafts/{draft_id}/save", Role.EDITOR, save, summary, **taken))
