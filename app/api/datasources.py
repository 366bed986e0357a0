"""`/datasources`: configured sources; their secrets go in and never come out. And `/cache`."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ...datasources.sources.base import Health, Source
from ...datasources.sources.registry import SourceKinds
from ...datasources.sources.sealing import destination, merged
from ...errors import DuplicateError, ForbiddenError, InvalidError, NotFoundError
from ...faults import invalid
from ...scope import Role
from ...storage.config.datasources import StoredSource
from .fields import Name, Uid
from .routing import Reply, Request, Route, Routes
from .shapes import Dropped, HealthShape, Items, SourceKind, SourceShape

RESERVED = "types"  # it has an address of its own


class NewSource(BaseModel):
    """A data source to be made, or what is to become of one."""

    model_config = ConfigDict(extra="forbid")

    uid: Uid | None = None
    name: Name
    type: str = Field(max_length=64)
    url: str = Field("", max_length=2000)
    options: dict[str, Any] = Field(default_factory=dict)
    secrets: dict[str, str] = Field(default_factory=dict, max_length=20)
    default: bool = False


class CacheArguments(BaseModel):
    """Whose answers are forgotten: those of one data source, or all."""

    model_config = ConfigDict(extra="forbid")

    datasource: str = Field("", max_length=64)


async def list_(request: Request) -> Reply:
    """All of the org, provisioned ones too, without their secrets."""
    return Reply({"items": [as_json(request, one) for one in await request.queries.sources.all(request.org)]})


async def types(request: Request) -> Reply:
    """What can be made, and the JSON schema of each kind's options: forms are drawn from it."""
    kinds = request.queries.sources.kinds.all
    return Reply({"items": [kind_json(kind) for kind in kinds if not kind.built_in]})


async def read(request: Request) -> Reply:
    """NotFoundError."""
    return Reply(as_json(request, await _find(request)))


async def create(request: Request) -> Reply:
    """DuplicateError where the uid is taken; InvalidError naming the option; ForbiddenError for a built-in kind."""
    wanted = await _checked(request, None)
    if wanted.uid == RESERVED:
        raise InvalidError(f"{RESERVED} is no uid", path="$.uid")
    if any(one.uid == wanted.uid for one in await request.queries.sources.all(request.org)):
        raise DuplicateError(f"there is a data source {wanted.uid} already", path="$.uid")
    made = await request.config.datasources.create(
        request.org, wanted, by=request.identity.scope.principal, now_ms=request.now_ms
    )
    request.queries.sources.forget(request.org)
    return Reply(as_json(request, made), 201)


async def update(request: Request) -> Reply:
    """Change all of it; secrets that are not named stay as they are, unless they would be told to somebody else."""
    kept = request.queries.sources.kinds.shown(await _own(request))
    wanted = await _checked(request, kept)
    changed = await request.config.datasources.update(
        request.org,
        wanted,
        by=request.identity.scope.principal,
        now_ms=request.now_ms,
    )
    request.queries.sources.forget(request.org)
    return Reply(as_json(request, changed))


async def delete(request: Request) -> Reply:
    """NotFoundError; ForbiddenError for a provisioned one."""
    kept = await _own(request)
    await request.config.datasources.delete(request.org, kept.uid)
    request.queries.sources.forget(request.org)
    return Reply(status=204)


async def test(request: Request) -> Reply:
    """What asking it something small came to; what is wrong is said in the answer."""
    kept = await _find(request)
    routed = await request.queries.sources.find(request.org, kept.uid)
    return _told(await routed.source.test())


async def test_unsaved(request: Request) -> Reply:
    """Whether a source would answer; one of a uid that is there has the secrets of that where it names none."""
    uid = request.body.uid
    known = await request.queries.sources.all(request.org)
    kept = next((one for one in known if one.uid == uid and not one.provisioned), None)
    wanted = await _checked(request, request.queries.sources.kinds.shown(kept) if kept is not None else None)
    source = request.queries.sources.kinds.make(wanted)
    try:
        return _told(await source.test())
    finally:
        await source.close()


def _told(health: Health) -> Reply:
    return Reply({"ok": health.ok, "message": health.message, "latency_ms": round(health.latency_ms, 2)})


async def flush(request: Request) -> Reply:
    """Forget cached answers, on all nodes."""
    wanted: CacheArguments = request.arguments
    return Reply({"dropped": await request.queries.caches.flush(request.org, wanted.datasource)})


async def _checked(request: Request, kept: StoredSource | None) -> StoredSource:
    """The source of the body, its options checked by its type, with the secrets that stay of the one before it."""
    wanted: NewSource = request.body
    kinds = request.queries.sources.kinds
    kind = kinds.class_of(wanted.type)
    try:
        kind.Config.model_validate(wanted.options)
    except ValidationError as error:
        raise invalid(error, ["options"]) from None
    if kind.built_in:
        raise ForbiddenError(f"{kind.title} is there already")
    kind.check_secrets(wanted.secrets)
    made = kinds.sealed(
        StoredSource(
            uid=kept.uid if kept else wanted.uid or secrets.token_hex(6),
            name=wanted.name,
            type=wanted.type,
            url=wanted.url,
            options=wanted.options,
            secrets=wanted.secrets,
            default=wanted.default,
        )
    )
    made = replace(made, secrets=merged(_staying(kinds, kept, made), made.secrets))
    # What a kind checks of URL and options beyond their schema, it checks when one is made.
    await kinds.make(made).close()
    return made


def _staying(kinds: SourceKinds, kept: StoredSource | None, made: StoredSource) -> Mapping[str, str]:
    """The secrets that stay though they are not named; InvalidError where they would go to another server."""
    if kept is None or kept.type not in kinds.names:
        return {}
    before, after = kinds.class_of(kept.type), kinds.class_of(made.type)
    if destination(before, kept) == destination(after, made):
        return kept.secrets
    named = {name.lower() for name in made.secrets}
    if before is after and (lacking := sorted(name for name in kept.secrets if name.lower() not in named)):
        raise InvalidError("another server would get it: give it again, or empty", path=f"$.secrets.{lacking[0]}")
    return {}


async def _find(request: Request) -> StoredSource:
    uid = request.path["uid"]
    for one in await request.queries.sources.all(request.org):
        if one.uid == uid:
            return one
    raise NotFoundError(f"there is no data source {uid}")


async def _own(request: Request) -> StoredSource:
    """A source that people made; provisioned ones are changed in the configuration file."""
    found = await _find(request)
    if found.provisioned:
        raise ForbiddenError(f"{found.uid} is provisioned: change it in the configuration file")
    return await request.config.datasources.get(request.org, found.uid)


def kind_json(kind: type[Source]) -> dict[str, Any]:
    """What the form of a kind is made of."""
    return {
        "type": kind.kind,
        "title": kind.title,
        "icon": kind.icon,
        "aliases": list(kind.aliases),
        "url": kind.url_form,
        "example": kind.example,
        "language": kind.language,
        "secrets": list(kind.secrets),
        "options": kind.Config.model_json_schema(),
    }


def as_json(request: Request, stored: StoredSource) -> dict[str, Any]:
    """A data source as the API has it: of its secrets the names."""
    kinds = request.queries.sources.kinds
    known = stored.type in kinds.names
    one = kinds.shown(stored) if known else replace(stored, url="", options={})
    return {
        "uid": one.uid,
        "name": one.name,
        "type": one.type,
        "url": one.url,
        "language": kinds.class_of(one.type).language if known else "",
        "example": kinds.class_of(one.type).example if known else "",
        "options": dict(one.options),
        "secrets": sorted(one.secrets),  # names alone
        "default": one.default,
        "revision": one.revision,
        "provisioned": one.provisioned,
    }


def register(routes: Routes) -> None:
    """The routes of this resource."""
    body: dict[str, Any] = {"body": NewSource, "shape": SourceShape}
    routes.add(Route("GET", "/datasources", Role.EDITOR, list_, "List data sources", shape=Items[SourceShape]))
    routes.add(Route("POST", "/datasources", Role.ADMIN, create, "Make a data source", answers=(201,), **body))
    routes.add(
        Route(
            "GET",
            "/datasources/types",
            Role.EDITOR,
            types,
            "List kinds of data source and their options",
            shape=Items[SourceKind],
        )
    )
    tried: dict[str, Any] = {"body": NewSource, "shape": HealthShape}
    routes.add(
        Route("POST", "/datasources/test", Role.ADMIN, test_unsaved, "Test a data source before it is saved", **tried)
    )
    routes.add(Route("GET", "/datasources/{uid}", Role.EDITOR, read, "Read a data source", shape=SourceShape))
    routes.add(Route("PUT", "/datasources/{uid}", Role.ADMIN, update, "Change a data source", **body))
    routes.add(Route("DELETE", "/datasources/{uid}", Role.ADMIN, delete, "Delete a data source", answers=(204,)))
    routes.add(Route("POST", "/datasources/{uid}/test", Role.EDITOR, test, "Test a data source", shape=HealthShape))
    routes.add(
        Route("DELETE", "/cache", Role.ADMIN, flush, "Forget cached answers", arguments=CacheArguments, shape=Dropped)
    )
