"""`/rules`: alert and recording rules, made, read, listed, saved with their version, deleted, and read of files."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from ...alerting.evaluation.asking import Asker
from ...alerting.evaluation.preview import instances_of, line_json, texts_of
from ...alerting.evaluation.preview import preview as replayed
from ...alerting.rules.checking import check_queries, check_sources, parsed
from ...alerting.rules.compiled import Declared, compile_rule
from ...alerting.rules.declared import Rule
from ...alerting.rules.keeping import as_new
from ...datasources.datemath import parse_range
from ...datasources.query.model import Priority
from ...errors import ForbiddenError, InvalidError, NotFoundError
from ...scope import Role, Scope
from ...storage.config.folders import Access
from ...storage.config.rules import StoredRule
from .alert_shapes import Previewed, SavedRule
from .query_request import as_time
from .routing import Reply, Request, Route, Routes
from .shapes import Items

RESERVED = "new"
# What GET gave may be sent back as it is.
ENVELOPE = ("kind", "origin", "created_by", "updated_by", "created_at", "updated_at")


class RuleArguments(BaseModel):
    """`folder`: the uid of the only one that is listed; `dashboard_id` and `panel_id`: what they are shown by."""

    model_config = ConfigDict(extra="forbid")

    folder: Annotated[str, Field(max_length=64)] = ""
    group: Annotated[str, Field(max_length=200)] = ""
    dashboard_id: Annotated[str, Field(max_length=64)] = ""
    panel_id: Annotated[int, Field(ge=0, lt=1 << 53)] = 0


class PreviewRequest(BaseModel):
    """A rule, saved or not, and the range that it is replayed over."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    rule: dict[str, Any]
    from_: Annotated[str | int, Field(alias="from", union_mode="left_to_right")] = "now-24h"
    to: Annotated[str | int, Field(union_mode="left_to_right")] = "now"


async def create(request: Request) -> Reply:
    """With its place and version as headers; DuplicateError where the id is taken, InvalidError naming the field."""
    rule = await checked(request, request.body)
    if rule.rule_id == RESERVED:
        raise InvalidError(f"{RESERVED} is the address of the form", path="$.rule_id")
    folder_id = await folder_for(request, rule.folder)
    stored = await request.config.rules.create(
        request.org, as_new(rule, folder_id), by=request.identity.scope.principal, now_ms=request.now_ms
    )
    headers = {"ETag": f'"{stored.version}"', "Location": f"/api/v1/rules/{stored.rule_id}"}
    return Reply(as_json(stored, request.identity.scope), 201, headers)


async def read(request: Request) -> Reply:
    """With its version as ETag; NotFoundError, also where the asker may not see it."""
    stored = await allowed(request, Access.VIEW)
    return Reply(as_json(stored, request.identity.scope), headers={"ETag": f'"{stored.version}"'})


async def list_(request: Request) -> Reply:
    """Those that the asker may see."""
    wanted: RuleArguments = request.arguments
    hidden = await request.config.folders.hidden(request.identity.scope)
    found = [
        as_json(one, request.identity.scope)
        for one in await request.config.rules.list(request.org, hidden_folders=hidden)
        if wanted.folder in ("", one.folder) and wanted.group in ("", one.group) and _shown_by(one, wanted)
    ]
    return Reply({"items": found})


def _shown_by(rule: StoredRule, wanted: RuleArguments) -> bool:
    dashboard_id, panel_id = rule.config.get("dashboard_id"), rule.config.get("panel_id")
    return wanted.dashboard_id in ("", dashboard_id) and wanted.panel_id in (0, panel_id)


async def update(request: Request) -> Reply:
    """VersionConflictError where another version stands than was read; InvalidError naming the field."""
    before = await allowed(request, Access.EDIT)
    rule = await checked(request, {"folder": before.folder, **request.body})
    if rule.rule_id not in ("", before.rule_id):
        raise InvalidError("the id of a rule does not change", path="$.rule_id")
    version = rule.version or _if_match(request)
    if not version:
        raise InvalidError("say which version you read: version in the body, or If-Match", path="$.version")
    folder_id = before.folder_id if rule.folder == before.folder else await folder_for(request, rule.folder)
    new = as_new(rule.model_copy(update={"rule_id": before.rule_id}), folder_id, before.position)
    stored = await request.config.rules.update(
        request.org, new, version=version, by=request.identity.scope.principal, now_ms=request.now_ms
    )
    return Reply(as_json(stored, request.identity.scope), headers={"ETag": f'"{stored.version}"'})


async def delete(request: Request) -> Reply:
    """Its instances end with it; NotFoundError, ForbiddenError."""
    stored = await allowed(request, Access.EDIT)
    await request.config.rules.delete(request.org, stored.rule_id)
    return Reply(status=204)


async def preview(request: Request) -> Reply:
    """What the rule would have done in a range."""
    wanted: PreviewRequest = request.body
    with inside("$.rule"):
        rule = parsed({name: value for name, value in wanted.rule.items() if name not in ENVELOPE})
        await check_sources(rule, request.org, request.queries.sources)
    range_ = parse_range(as_time(wanted.from_), as_time(wanted.to), request.now_ms)
    asker = asker_of(request)
    instants = {one.ref: await asker.is_instant(request.org, one) for one in rule.targets}
    found = await replayed(compile_rule(rule, request.org), range_, request.queries.proxy, instants)
    return Reply(
        {
            "instances": instances_of(found),
            "fired": found.fired,
            "evaluations": found.evaluations,
            "errors": found.errors,
            "lines": await asyncio.to_thread(lambda: [line_json(one) for one in found.lines]),
            "series": found.series,
            "texts": await asyncio.to_thread(texts_of, rule, found.lines),
        }
    )


@contextmanager
def inside(prefix: str) -> Iterator[None]:
    """What is not allowed in there stands below another path."""
    try:
        yield
    except InvalidError as error:
        error.path = prefix + (error.path or "$").removeprefix("$")
        for one in error.extra.get("faults", []):
            one["path"] = prefix + one["path"].removeprefix("$")
        raise


async def checked(request: Request, document: Mapping[str, Any]) -> Declared:
    """The rule of a body, whose sources are there and take its questions; InvalidError naming what is wrong."""
    rule = parsed({name: value for name, value in document.items() if name not in ENVELOPE})
    await check_sources(rule, request.org, request.queries.sources)
    await check_queries(rule, request.org, asker_of(request), request.now_ms)
    return rule


def asker_of(request: Request) -> Asker:
    """Asks as a rule does, but not before those that are on time."""
    return Asker(request.queries.proxy, request.queries.sources, Priority.EXPLORE)


async def folder_for(request: Request, uid: str) -> int | None:
    """The folder that a rule is put in, where the asker may edit; None is the root."""
    if not uid:
        return None
    try:
        folder = await request.config.folders.get(request.org, uid)
    except NotFoundError:
        raise InvalidError(f"there is no folder {uid}", path="$.folder") from None
    access = await request.config.folders.access(request.identity.scope, folder.id)
    if access is Access.NONE:
        raise InvalidError(f"there is no folder {uid}", path="$.folder")
    if access < Access.EDIT:
        raise ForbiddenError(f"you may not edit in the folder {uid}")
    return folder.id


async def allowed(request: Request, least: Access) -> StoredRule:
    """The rule, where the asker has that access to its folder; one that may not be seen is not there."""
    stored = await request.config.rules.get(request.org, request.path["id"])
    access = await request.config.folders.access(request.identity.scope, stored.folder_id)
    if access is Access.NONE:
        raise NotFoundError(f"there is no rule {stored.rule_id}")
    if access < least:
        raise ForbiddenError("you may look at this rule, but not change it")
    if least > Access.VIEW and stored.origin:
        raise ForbiddenError(f"this rule is the file's {stored.origin}: change it there")
    return stored


def _if_match(request: Request) -> int:
    value = request.headers.get("If-Match", "").removeprefix("W/").strip('" ')
    if value and not (value.isascii() and value.isdigit() and len(value) < 10):
        raise InvalidError("If-Match is a version as ETag gave it", path="$.version")
    return int(value or 0)


def as_json(stored: StoredRule, scope: Scope) -> dict[str, Any]:
    """A rule as it is answered; which file provisions it is for those who might change it."""
    return {
        "rule_id": stored.rule_id,
        **stored.config,
        "kind": stored.kind,
        "folder": stored.folder,
        "group": stored.group,
        "origin": stored.origin if scope.role >= Role.EDITOR else "",
        "version": stored.version,
        "created_by": stored.created_by,
        "updated_by": stored.updated_by,
        "created_at": stored.created_at,
        "updated_at": stored.updated_at,
    }


def register(routes: Routes) -> None:
    """The routes of this resource."""
    document: dict[str, Any] = {"body": Rule, "raw_body": True, "shape": SavedRule}
    listed: dict[str, Any] = {"arguments": RuleArguments, "shape": Items[SavedRule]}
    replayed_: dict[str, Any] = {"body": PreviewRequest, "shape": Previewed}
    routes.add(Route("GET", "/rules", Role.VIEWER, list_, "List rules", **listed))
    routes.add(Route("POST", "/rules", Role.EDITOR, create, "Make a rule", answers=(201,), **document))
    routes.add(Route("POST", "/rules/preview", Role.EDITOR, preview, "Tell what a rule would have done", **replayed_))
    routes.add(Route("GET", "/rules/{id}", Role.VIEWER, read, "Read a rule", shape=SavedRule))
    routes.add(Route("PUT", "/rules/{id}", Role.EDITOR, update, "Save a rule", **document))
    routes.add(Route("DELETE", "/rules/{id}", Role.EDITOR, delete, "Delete a rule", answers=(204,)))
