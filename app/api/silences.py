"""`/silences`: alerts that are not told for a while."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field

from ...alerting.notifying.arrangements import silence_of
from ...alerting.routing.matchers import parse
from ...alerting.routing.silences import SilenceSpec
from ...errors import ForbiddenError, InvalidError
from ...scope import Role
from ...storage.config.silences import StoredSilence
from .routing import Reply, Request, Route, Routes
from .saved_at import Version, etag, version_of
from .shapes import Items
from .telling_shapes import SilenceShape

# Each alert is looked up in all silences that have not ended, whenever it is told or shown.
MAX_STANDING: Final = 500
MAX_MATCHERS: Final = 2000
MAX_PATTERNS: Final = 100
PATTERNS: Final = frozenset({"=~", "!~"})


class SavedSilence(SilenceSpec):
    """A silence with the version it was read at. Without `starts_at` it begins now."""

    version: Version | None = None


class SilenceArguments(BaseModel):
    """`state`: pending, active or expired; all where it is empty."""

    model_config = ConfigDict(extra="forbid")

    state: Annotated[str, Field(pattern="^(|pending|active|expired)$")] = ""


async def list_(request: Request) -> Reply:
    """Those that are asked for by their state."""
    found = [as_json(one, request.now_ms) for one in await request.config.telling.silences.list(request.org)]
    wanted = request.arguments.state
    return Reply({"items": [one for one in found if wanted in ("", one["state"])]})


async def create(request: Request) -> Reply:
    """InvalidError naming the matcher, where it would end before it begins, or where there are too many."""
    wanted: SavedSilence = request.body
    await _check_room(request, wanted, None)
    made = await request.config.telling.silences.create(
        request.org,
        StoredSilence(
            matchers=tuple(wanted.matchers),
            starts_ms=wanted.starts_at if wanted.starts_at is not None else request.now_ms,
            ends_ms=_end(wanted, request.now_ms),
            comment=wanted.comment,
            ends_with_alert=wanted.ends_with_alert,
            created_by=request.identity.scope.principal,
            updated_at=request.now_ms,
        ),
    )
    return Reply(as_json(made, request.now_ms), 201, etag(made.version))


async def read(request: Request) -> Reply:
    """NotFoundError."""
    kept = await _find(request)
    return Reply(as_json(kept, request.now_ms), headers=etag(kept.version))


async def update(request: Request) -> Reply:
    """Change it; what has begun keeps its beginning, and what has ended stays so."""
    kept, wanted = await _find(request), request.body
    if _state(kept, request.now_ms) == "expired":
        raise ForbiddenError("it has ended: make another")
    await _check_room(request, wanted, kept.id)
    begun = kept.starts_ms <= request.now_ms
    changed = replace(
        kept,
        matchers=tuple(wanted.matchers),
        starts_ms=kept.starts_ms if begun or wanted.starts_at is None else wanted.starts_at,
        ends_ms=_end(wanted, request.now_ms),
        comment=wanted.comment,
        ends_with_alert=wanted.ends_with_alert,
        version=version_of(request, wanted.version),
        updated_at=request.now_ms,
    )
    saved = await request.config.telling.silences.update(request.org, changed)
    return Reply(as_json(saved, request.now_ms), headers=etag(saved.version))


async def delete(request: Request) -> Reply:
    """End it now; it is shown for some days, as what was not told then."""
    kept = await _find(request)
    if _state(kept, request.now_ms) != "expired":
        now_ms = request.now_ms
        ended = replace(kept, starts_ms=min(kept.starts_ms, now_ms), ends_ms=now_ms, updated_at=now_ms)
        await request.config.telling.silences.update(request.org, ended)
    return Reply(status=204)


async def _check_room(request: Request, wanted: SavedSilence, changed: int | None) -> None:
    """InvalidError where silences that have not ended would be more than each alert can be looked up in."""
    standing = (await request.config.telling.silences.standing(request.now_ms)).get(request.org, ())
    others = [one.matchers for one in standing if one.id != changed]
    matchers = [text for texts in (*others, wanted.matchers) for text in texts]
    patterns = sum(parse(text).operator in PATTERNS for text in matchers)
    if len(others) >= MAX_STANDING or len(matchers) > MAX_MATCHERS or patterns > MAX_PATTERNS:
        raise InvalidError(
            f"silences that have not ended are at most {MAX_STANDING}, with {MAX_MATCHERS} matchers of which "
            f"{MAX_PATTERNS} are patterns: end some",
            path="$.matchers",
        )


def _end(wanted: SavedSilence, now_ms: int) -> int | None:
    if wanted.ends_at is not None and wanted.ends_at <= now_ms:
        raise InvalidError("a silence ends in the future", path="$.ends_at")
    return wanted.ends_at


async def _find(request: Request) -> StoredSilence:
    number = request.number("id", "silence")
    return await request.config.telling.silences.get(request.org, number)


def _state(kept: StoredSilence, now_ms: int) -> str:
    return silence_of(kept).state(now_ms)


def as_json(kept: StoredSilence, now_ms: int) -> dict[str, Any]:
    """A silence as the API has it, with its state now."""
    return {
        "id": kept.id,
        "matchers": list(kept.matchers),
        "starts_at": kept.starts_ms,
        "ends_at": kept.ends_ms,
        "ends_with_alert": kept.ends_with_alert,
        "comment": kept.comment,
        "created_by": kept.created_by,
        "state": _state(kept, now_ms),
        "version": kept.version,
        "updated_at": kept.updated_at,
    }


def register(routes: Routes) -> None:
    """The routes of this resource."""
    body: dict[str, Any] = {"body": SavedSilence, "shape": SilenceShape}
    one = "/silences/{id}"
    listed: dict[str, Any] = {"arguments": SilenceArguments, "shape": Items[SilenceShape]}
    routes.add(Route("GET", "/silences", Role.VIEWER, list_, "List silences", **listed))
    routes.add(Route("POST", "/silences", Role.EDITOR, create, "Make a silence", answers=(201,), **body))
    routes.add(Route("GET", one, Role.VIEWER, read, "Read a silence", shape=SilenceShape))
    routes.add(Route("PUT", one, Role.EDITOR, update, "Change a silence", **body))
    routes.add(Route("DELETE", one, Role.EDITOR, delete, "End a silence", answers=(204,)))
