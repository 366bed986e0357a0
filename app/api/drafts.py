"""`/drafts`: what somebody makes of a dashboard before it is saved; each is its author's alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ...components.editing.changed import canonical, changed_panels, opens_anew
from ...components.editing.patch import Patch, Step, joined, patched
from ...components.panels.registry import PanelRegistry
from ...components.spec import Dashboard, parse_dashboard
from ...errors import ForbiddenError, InvalidError, NotFoundError, VersionConflictError
from ...scope import Role
from ...storage.config.dashboards import refuse_of_file
from ...storage.config.draft_rows import Draft, StoredStep
from ...storage.config.drafts import JOINED_MS
from ...storage.config.folders import Access
from ..live.draft_board import draft_board
from ..pages.drafts import BLANK, as_json, state, summary
from .body import MAX_DOCUMENT
from .dashboard_access import allowed, folder_named
from .dashboard_documents import checked_document, in_turn
from .draft_shapes import DraftChange, DraftPatch, DraftShape, DraftSummary, DraftUndone, NewDraft
from .routing import Reply, Request, Route, Routes
from .shapes import Items


async def open_(request: Request) -> Reply:
    """The asker's draft of a dashboard, made where there is none."""
    stored = await allowed(request, Access.EDIT)
    refuse_of_file(stored.origin)
    draft = await request.config.drafts.open(
        request.org,
        _author(request),
        stored.config,
        now_ms=request.now_ms,
        dashboard_id=stored.dashboard_id,
        base_version=stored.version,
    )
    return Reply(as_json(draft))


async def create(request: Request) -> Reply:
    """A draft of a dashboard that is not there yet; one that nothing was done with is taken again."""
    await folder_named(request, request.body.folder)
    draft = await request.config.drafts.open(
        request.org,
        _author(request),
        BLANK,
        now_ms=request.now_ms,
        folder=request.body.folder or "",
    )
    return Reply(as_json(draft), 201, {"Location": f"/api/v1/drafts/{draft.draft_id}"})


def _author(request: Request) -> str:
    """Whose a draft is going to be; ForbiddenError for nobody in particular, who would share it with all others."""
    if not request.identity.author:
        raise ForbiddenError("a draft is somebody's own: log in, or open the editor in a browser first")
    return request.identity.author


async def list_(request: Request) -> Reply:
    """Those of the asker."""
    author = request.identity.author
    found = await request.config.drafts.list(request.org, author) if author else []
    return Reply({"items": [summary(one) for one in found]})


async def read(request: Request) -> Reply:
    """NotFoundError where it is not the asker's."""
    return Reply(as_json(await mine(request)))


async def change(request: Request) -> Reply:
    """One step more: the document is checked whole, and stays as it is where there is a fault."""
    wanted = request.body
    draft, last = await _to_change(request)
    if wanted.revision != draft.revision:
        raise VersionConflictError("the draft was changed in another place", current_version=draft.revision)
    made = await in_turn(request, _made, draft.config, wanted.patch, request.tools.registry)
    if made is None:
        return Reply({**state(draft), "changed_panels": [], "opens_anew": False})
    changed = await request.config.drafts.change(draft, made.config, _numbered(request, draft, last, made.step))
    return Reply(await _shown(request, changed, made))


async def _to_change(request: Request) -> tuple[Draft, StoredStep | None]:
    """The draft of the path, and its last step where the next may go on with it.

    What was written here a moment ago is not read again while somebody types; that it still stands is found out as it
    is changed.
    """
    repository = request.config.drafts
    recent = repository.recent(request.org, request.path["draft_id"], request.now_ms)
    if recent is not None and recent[0].revision == request.body.revision:
        await _allowed(request, recent[0])
        return recent
    draft = await mine(request)
    goes_on = draft.can_undo and not draft.can_redo and request.now_ms - draft.updated_at < JOINED_MS
    return draft, await repository.step(draft.draft_id, draft.step) if goes_on else None


@dataclass(frozen=True, slots=True)
class Made:
    """What a step made of a draft: which panels are drawn anew, and whether a page has to open its view again.

    `size`: characters of its JSON.
    """

    config: dict[str, Any]
    size: int
    step: Step
    dashboard: Dashboard
    panels: Sequence[int]
    anew: bool


def _made(config: Mapping[str, Any], patch: list[dict[str, Any]], registry: PanelRegistry) -> Made | None:
    """The document after a patch, checked whole; None where it says what it said. InvalidError."""
    document, step = patched(config, patch)
    if "dashboard_id" in document:
        raise InvalidError("the id of a dashboard is no part of its document", path="$.dashboard_id")
    dashboard = checked_document(document, registry)
    said = canonical(document)
    if said == canonical(config):
        return None
    return Made(document, len(said), step, dashboard, changed_panels(config, document), opens_anew(config, document))


def _numbered(request: Request, draft: Draft, last: StoredStep | None, step: Step) -> StoredStep:
    """The step under its number: that of the last one where somebody goes on typing."""
    if last is not None and request.now_ms - last.at < JOINED_MS:
        one = joined(Step(last.forward, last.inverse), step)
        if one is not None:
            return StoredStep(last.number, one.forward, one.inverse, one.nbytes, request.now_ms)
    return StoredStep(draft.step + 1, step.forward, step.inverse, step.nbytes, request.now_ms)


async def undo(request: Request) -> Reply:
    """Take the last step back; InvalidError where there is none."""
    draft = await mine(request)
    if not draft.can_undo:
        raise InvalidError("there is nothing to undo", path="$")
    return await _moved(request, draft, draft.step, draft.step - 1)


async def redo(request: Request) -> Reply:
    """Make the step again that was taken back; InvalidError where there is none."""
    draft = await mine(request)
    if not draft.can_redo:
        raise InvalidError("there is nothing to redo", path="$")
    return await _moved(request, draft, draft.step + 1, draft.step + 1)


async def _moved(request: Request, draft: Draft, number: int, to: int) -> Reply:
    """The draft with a step taken back, or done again."""
    step = await request.config.drafts.step(draft.draft_id, number)
    if step is None:  # another tab has gone on meanwhile
        raise VersionConflictError("the draft was changed in another place", current_version=draft.revision)
    patch = step.inverse if to < number else step.forward
    made = await in_turn(request, _remade, draft.config, patch)
    changed = await request.config.drafts.move(draft, made.config, to, now_ms=request.now_ms)
    return Reply({**await _shown(request, changed, made), "document": made.config})


def _remade(config: Mapping[str, Any], patch: Patch) -> Made:
    """The document after a step that was taken once already."""
    document, step = patched(config, patch)
    dashboard = parse_dashboard(document, stored=True)
    panels, anew = changed_panels(config, document), opens_anew(config, document)
    return Made(document, len(canonical(document)), step, dashboard, panels, anew)


async def _shown(request: Request, draft: Draft, made: Made) -> dict[str, Any]:
    """Have views show the change; what its author's page is told of it."""
    in_place = await request.live.hub.drafts.changed(draft_board(draft), made.dashboard, made.size)
    return {**state(draft), "changed_panels": made.panels, "opens_anew": made.anew or not in_place}


async def discard(request: Request) -> Reply:
    """Gone with its steps; who may not edit there any more may do so too."""
    draft = await _own(request)
    await request.config.drafts.delete(request.org, draft.draft_id)
    return Reply(status=204)


async def mine(request: Request) -> Draft:
    """The draft of the path: its author's, while they may edit where its dashboard lies."""
    draft = await _own(request)
    await _allowed(request, draft)
    return draft


async def _own(request: Request) -> Draft:
    draft = await request.config.drafts.get(request.org, request.path["draft_id"])
    if draft.author != request.identity.author:
        raise NotFoundError("there is no such draft")
    return draft


async def _allowed(request: Request, draft: Draft) -> None:
    """NotFoundError where it is not the asker's, ForbiddenError where they may not edit any more."""
    await request.live.hub.rights.access(request.identity, draft_board(draft))


def register(routes: Routes) -> None:
    """The routes of this resource."""
    one = "/drafts/{draft_id}"
    editor = Role.EDITOR
    summed = "Open one's own draft of a dashboard"
    routes.add(Route("POST", "/dashboards/{id}/draft", editor, open_, summed, shape=DraftShape))
    routes.add(Route("GET", "/drafts", editor, list_, "List one's own unsaved drafts", shape=Items[DraftSummary]))
    begun = "Begin a dashboard as a draft"
    routes.add(Route("POST", "/drafts", editor, create, begun, body=NewDraft, answers=(201,), shape=DraftShape))
    routes.add(Route("GET", one, editor, read, "Read one's own draft", shape=DraftShape))
    patch: dict[str, Any] = {"body": DraftPatch, "shape": DraftChange, "most_bytes": MAX_DOCUMENT}
    routes.add(Route("PATCH", one, editor, change, "Change one's own draft by a JSON Patch", **patch))
    routes.add(Route("POST", f"{one}/undo", editor, undo, "Take the last step of a draft back", shape=DraftUndone))
    routes.add(Route("POST", f"{one}/redo", editor, redo, "Do a step of a draft again", shape=DraftUndone))
    routes.add(Route("DELETE", one, editor, discard, "Discard one's own draft", answers=(204,)))
