"""`/contact-points`: to whom alerts are told; their secrets go in and never come out."""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ...alerting.grouping.notification import example
from ...alerting.notifiers.base import Notifier, NotifyError
from ...alerting.notifiers.registry import BUILT_IN, NotifierKinds
from ...alerting.routing.policy import PolicyTree, names_in
from ...datasources.sources.sealing import destination, merged, sealed
from ...errors import DuplicateError, ForbiddenError, InvalidError
from ...faults import invalid
from ...scope import Role
from ...storage.config.datasources import StoredSource
from .fields import Named, Uid
from .routing import Reply, Request, Route, Routes
from .saved_at import Version, etag, version_of
from .shapes import Items
from .telling_shapes import ContactKindShape, ContactPointShape, TriedShape

RESERVED = "types"  # it has an address of its own
MAX_CONTACTS = 1000


class NewContactPoint(BaseModel):
    """A contact point as it is saved. `options` by its type, see `/contact-points/types`."""

    model_config = ConfigDict(extra="forbid")

    contact_point_id: Uid | None = None
    name: Annotated[str, Field(max_length=200), Named] = ""
    type: str = Field(max_length=64)
    url: str = Field("", max_length=2000)
    options: dict[str, Any] = Field(default_factory=dict)
    secrets: dict[str, str] = Field(default_factory=dict, max_length=20)
    version: Version | None = None


async def list_(request: Request) -> Reply:
    """All of the org, the built-in one too, without their secrets."""
    return Reply({"items": [as_json(kinds_of(request), one) for one in await contacts(request)]})


async def types(request: Request) -> Reply:
    """What can be made, and the JSON schema of each kind's options: forms are drawn from it."""
    return Reply({"items": [kind_json(kind) for kind in kinds_of(request).all]})


async def read(request: Request) -> Reply:
    """With its version as ETag; NotFoundError."""
    found = await _find(request)
    return Reply(as_json(kinds_of(request), found), headers=etag(found.revision))


async def create(request: Request) -> Reply:
    """DuplicateError where the id is taken; InvalidError naming the option, or past MAX_CONTACTS."""
    wanted = await _checked(request, None)
    if wanted.uid in (RESERVED, BUILT_IN.uid):
        raise DuplicateError(f"{wanted.uid} is taken", path="$.contact_point_id")
    if len(await request.config.telling.contact_points.list(request.org)) >= MAX_CONTACTS:
        raise InvalidError(f"there are at most {MAX_CONTACTS} contact points", path="$")
    made = await request.config.telling.contact_points.create(
        request.org, wanted, by=request.identity.scope.principal, now_ms=request.now_ms
    )
    headers = {**etag(made.revision), "Location": f"/api/v1/contact-points/{made.uid}"}
    return Reply(as_json(kinds_of(request), made), 201, headers)


async def update(request: Request) -> Reply:
    """Change all of it; secrets that are not named stay as they are, unless they would be told to somebody else."""
    kept = await _own(request)
    wanted = await _checked(request, kept)
    changed = await request.config.telling.contact_points.update(
        request.org,
        wanted,
        version=version_of(request, request.body.version),
        by=request.identity.scope.principal,
        now_ms=request.now_ms,
    )
    return Reply(as_json(kinds_of(request), changed), headers=etag(changed.revision))


async def delete(request: Request) -> Reply:
    """InvalidError while the notification policy names it; NotFoundError."""
    kept = await _own(request)
    policy = await request.config.telling.policies.get(request.org)
    if policy is not None:
        for path, (named, _) in names_in(PolicyTree.model_validate(policy.config)).items():
            if kept.uid in named:
                raise InvalidError(f"the notification policy tells it, at {path}", path=f"{path}.contact_point")
    await request.config.telling.contact_points.delete(request.org, kept.uid)
    return Reply(status=204)


async def test(request: Request) -> Reply:
    """Tell it of an example; what its receiver says."""
    kept = await _find(request)
    notifier = kinds_of(request).make(kept)
    began = time.perf_counter()
    try:
        told = example(kept.uid, request.now_ms, request.site.settings.public_url.rstrip("/"))
        receipt = await notifier.send(told)
        said: dict[str, Any] = {"ok": True, "message": receipt.message, "answer": receipt.answer}
    except NotifyError as error:
        said = {"ok": False, "message": error.reason, "answer": error.answer, "retryable": error.retryable}
    finally:
        await notifier.close()
    return Reply({**said, "latency_ms": round((time.perf_counter() - began) * 1000, 2)})


async def contacts(request: Request) -> Sequence[StoredSource]:
    """All of the org, the built-in one first."""
    return [BUILT_IN, *await request.config.telling.contact_points.list(request.org)]


async def _checked(request: Request, kept: StoredSource | None) -> StoredSource:
    """The contact point of the body, checked by its type, with the secrets that stay of the one before it."""
    wanted: NewContactPoint = request.body
    kinds = kinds_of(request)
    kind = kinds.class_of(wanted.type)
    try:
        options = kind.Config.model_validate(wanted.options)
    except ValidationError as error:
        raise invalid(error, ["options"]) from None
    kind.check_templates(options)
    kind.check_secrets(wanted.secrets)
    if kept is not None and wanted.contact_point_id not in (None, kept.uid):
        raise InvalidError("the id of a contact point does not change", path="$.contact_point_id")
    uid = kept.uid if kept else wanted.contact_point_id or secrets.token_hex(6)
    made = sealed(kind, StoredSource(uid, wanted.name or uid, wanted.type, wanted.url, wanted.options, wanted.secrets))
    made = replace(made, secrets=merged(_staying(kinds, kept, made), made.secrets))
    # What a kind checks of URL and secrets beyond their schema, it checks when one is made.
    await kinds.make(made).close()
    return made


def _staying(kinds: NotifierKinds, kept: StoredSource | None, made: StoredSource) -> Mapping[str, str]:
    """The secrets that stay though they are not named; InvalidError where they would go to another server."""
    if kept is None or kept.type != made.type:
        return {}
    kind = kinds.class_of(kept.type)
    if destination(kind, kept) == destination(kind, made):
        return kept.secrets
    named = {name.lower() for name in made.secrets}
    if lacking := sorted(name for name in kept.secrets if name.lower() not in named):
        raise InvalidError("another server would get it: give it again, or empty", path=f"$.secrets.{lacking[0]}")
    return {}


async def _find(request: Request) -> StoredSource:
    uid = request.path["id"]
    return BUILT_IN if uid == BUILT_IN.uid else await request.config.telling.contact_points.get(request.org, uid)


async def _own(request: Request) -> StoredSource:
    """One that people made."""
    found = await _find(request)
    if found.provisioned:
        raise ForbiddenError(f"{found.uid} is built in")
    return found


def kinds_of(request: Request) -> NotifierKinds:
    """The kinds of contact point that are installed."""
    return request.means.notifiers


def kind_json(kind: type[Notifier]) -> dict[str, Any]:
    """What the form of a kind is made of."""
    return {
        "type": kind.kind,
        "title": kind.title,
        "icon": kind.icon,
        "url": kind.url_form,
        "secrets": list(kind.secrets),
        "options": kind.Config.model_json_schema(),
    }


def as_json(kinds: NotifierKinds, one: StoredSource) -> dict[str, Any]:
    """A contact point as the API has it: of its secrets the names."""
    return {
        "contact_point_id": one.uid,
        "name": one.name,
        "type": one.type,
        "url": one.url,
        "options": dict(one.options),
        "secrets": sorted(one.secrets),  # names alone
        "version": one.revision,
        "built_in": one.provisioned,
    }


def register(routes: Routes) -> None:
    """The routes of this resource."""
    body: dict[str, Any] = {"body": NewContactPoint, "shape": ContactPointShape}
    base, one = "/contact-points", "/contact-points/{id}"
    routes.add(Route("GET", base, Role.EDITOR, list_, "List contact points", shape=Items[ContactPointShape]))
    routes.add(Route("POST", base, Role.ADMIN, create, "Make a contact point", answers=(201,), **body))
    kinds: dict[str, Any] = {
        "summary": "List kinds of contact point and their options",
        "shape": Items[ContactKindShape],
    }
    routes.add(Route("GET", f"{base}/types", Role.EDITOR, types, **kinds))
    routes.add(Route("GET", one, Role.EDITOR, read, "Read a contact point", shape=ContactPointShape))
    routes.add(Route("PUT", one, Role.ADMIN, update, "Change a contact point", **body))
    routes.add(Route("DELETE", one, Role.ADMIN, delete, "Delete a contact point", answers=(204,)))
    routes.add(Route("POST", f"{one}/test", Role.EDITOR, test, "Try a contact point", shape=TriedShape))
