"""`/notification-policy`, `/inhibitions`, `/mute-timings`: who is told of which alerts, and what is not told."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ...alerting.notifiers.registry import BUILT_IN
from ...alerting.notifying.arrangements import DEFAULT_POLICY, inhibitions_of, timings_of
from ...alerting.notifying.desk import ALARMS
from ...alerting.notifying.muting import firing, muting
from ...alerting.routing.inhibition import InhibitionSpec, preview
from ...alerting.routing.muting import MuteTiming
from ...alerting.routing.policy import PolicyTree, names_in, where
from ...errors import InvalidError
from ...faults import invalid
from ...scope import Role
from ...storage.config.documents import Document
from .alerts import seen_rules
from .routing import Reply, Request, Route, Routes
from .saved_at import Version, etag, version_of
from .shapes import Items
from .telling_shapes import InhibitionsShape, PolicyShape, PreviewShape, TimingShape, WaysShape

MAX_POLICY = 512 * 1024  # bytes


class SavedPolicy(PolicyTree):
    """The tree with the version it was read at."""

    version: Version | None = None


class SavedInhibitions(BaseModel):
    """All inhibitions, with the version they were read at."""

    model_config = ConfigDict(extra="forbid")

    items: list[InhibitionSpec] = Field(max_length=200)
    version: Version | None = None


class SavedTiming(MuteTiming):
    """A mute timing with the version it was read at."""

    version: Version | None = None


class Labelled(BaseModel):
    """The labels of an alert. `policy`: a tree that is not saved yet; without it the one that stands."""

    model_config = ConfigDict(extra="forbid")

    labels: dict[str, str] = Field(max_length=200)
    policy: dict[str, Any] | None = None


async def read_policy(request: Request) -> Reply:
    """With its version as ETag; the built-in one where nobody has saved one."""
    kept = await request.config.telling.policies.get(request.org) or Document(dict(DEFAULT_POLICY))
    return Reply(kept.config | _said(kept), headers=etag(kept.version))


async def save_policy(request: Request) -> Reply:
    """VersionConflictError; InvalidError at the node that names what there is not."""
    tree = _tree(request.body)
    await _check_names(request, tree)
    config = tree.model_dump(mode="json", exclude={"version"}, exclude_unset=True)
    made = await request.config.telling.policies.put(
        request.org,
        config,
        version=version_of(request, tree.version),
        by=request.identity.scope.principal,
        now_ms=request.now_ms,
    )
    return Reply(config | _said(made), headers=etag(made.version))


async def preview_policy(request: Request) -> Reply:
    """Where would this alert go, by the policy that stands or by one that is not saved yet?"""
    wanted: Labelled = request.body
    now = await muting(request.config.telling, request.config.alerts, request.org, request.now_ms)
    root = now.root if wanted.policy is None else _tree(wanted.policy, "policy").routes_in_order()[0]
    found = where(root, wanted.labels)
    for one in found:
        one["muted_by"] = [name for name in one["mute_timings"] if name in now.mutes]
    return Reply({"items": found, "silenced_by": list(now.silencer.silencing(wanted.labels))})


def _tree(document: Mapping[str, Any], *path: str) -> SavedPolicy:
    """The policy of a body; InvalidError naming what is wrong below `path`."""
    try:
        return SavedPolicy.model_validate(document)
    except ValidationError as error:
        raise invalid(error, path) from None


async def _check_names(request: Request, tree: PolicyTree) -> None:
    """InvalidError with the path of the first name that nobody has."""
    known = {one.uid for one in await request.config.telling.contact_points.list(request.org)} | {BUILT_IN.uid}
    timings = {one.name for one in await request.config.telling.mute_timings.list(request.org)}
    for path, (contacts, named) in names_in(tree).items():
        for contact in contacts - known:
            raise InvalidError(f"there is no contact point {contact}", path=f"{path}.contact_point")
        for index, timing in enumerate(sorted(named - timings)):
            raise InvalidError(f"there is no mute timing {timing}", path=f"{path}.mute_timings[{index}]")


async def read_inhibitions(request: Request) -> Reply:
    """With their version as ETag."""
    kept = await request.config.telling.inhibitions.get(request.org) or Document([])
    return Reply({"items": kept.config, **_said(kept)}, headers=etag(kept.version))


async def save_inhibitions(request: Request) -> Reply:
    """All of them at once; VersionConflictError."""
    wanted: SavedInhibitions = request.body
    config = [one.model_dump(mode="json") for one in wanted.items]
    made = await request.config.telling.inhibitions.put(
        request.org,
        config,
        version=version_of(request, wanted.version),
        by=request.identity.scope.principal,
        now_ms=request.now_ms,
    )
    return Reply({"items": config, **_said(made)}, headers=etag(made.version))


async def preview_inhibitions(request: Request) -> Reply:
    """What these would hide of what fires now, as far as the asker may see it."""
    wanted: SavedInhibitions = request.body
    rules = inhibitions_of([one.model_dump(mode="json") for one in wanted.items])
    seen = await seen_rules(request)
    alarms = [
        firing(one)
        for one in await request.config.alerts.of_org(request.org)
        if one.state in ALARMS and one.rule_id in seen
    ]
    items = [
        {
            "rule": hidden.rule,
            "rule_id": hidden.alert.rule_id,
            "labels": dict(hidden.alert.labels),
            "by": {"rule_id": hidden.by.rule_id, "labels": dict(hidden.by.labels)},
        }
        for hidden in preview(rules, alarms)
    ]
    return Reply({"items": items, "firing": len(alarms)})


async def list_timings(request: Request) -> Reply:
    """All of the org."""
    found = await request.config.telling.mute_timings.list(request.org)
    return Reply({"items": [_timing(request, one) for one in found]})


async def create_timing(request: Request) -> Reply:
    """DuplicateError where the name is taken."""
    wanted: SavedTiming = request.body
    made = await request.config.telling.mute_timings.create(
        request.org, wanted.name, _config(wanted), by=request.identity.scope.principal, now_ms=request.now_ms
    )
    return Reply(_timing(request, made), 201, etag(made.version))


async def read_timing(request: Request) -> Reply:
    """With its version as ETag; NotFoundError."""
    kept = await request.config.telling.mute_timings.get(request.org, request.path["name"])
    return Reply(_timing(request, kept), headers=etag(kept.version))


async def save_timing(request: Request) -> Reply:
    """VersionConflictError, NotFoundError; InvalidError where its name would be another."""
    wanted: SavedTiming = request.body
    if wanted.name != request.path["name"]:
        raise InvalidError("the name of a mute timing does not change: policies call it by that", path="$.name")
    made = await request.config.telling.mute_timings.update(
        request.org,
        wanted.name,
        _config(wanted),
        version=version_of(request, wanted.version),
        by=request.identity.scope.principal,
        now_ms=request.now_ms,
    )
    return Reply(_timing(request, made), headers=etag(made.version))


async def delete_timing(request: Request) -> Reply:
    """InvalidError while the notification policy names it; NotFoundError."""
    name = request.path["name"]
    policy = await request.config.telling.policies.get(request.org)
    if policy is not None:
        for path, (_, named) in names_in(PolicyTree.model_validate(policy.config)).items():
            if name in named:
                raise InvalidError(f"the notification policy names it, at {path}", path=f"{path}.mute_timings")
    await request.config.telling.mute_timings.delete(request.org, name)
    return Reply(status=204)


def _config(wanted: SavedTiming) -> dict[str, Any]:
    return wanted.model_dump(mode="json", exclude={"version"}, exclude_unset=True)


def _timing(request: Request, kept: Document) -> dict[str, Any]:
    timings = timings_of([kept.config])
    mutes = kept.name in timings and timings[kept.name].mutes(request.now_ms)
    return {**kept.config, **_said(kept), "mutes_now": mutes}


def _said(kept: Document) -> dict[str, Any]:
    return {"version": kept.version, "updated_by": kept.updated_by, "updated_at": kept.updated_at}


def register(routes: Routes) -> None:
    """The routes of these resources."""
    policy, rules, timing = "/notification-policy", "/inhibitions", "/mute-timings/{name}"
    tree: dict[str, Any] = {"body": SavedPolicy, "raw_body": True, "most_bytes": MAX_POLICY, "shape": PolicyShape}
    hidden: dict[str, Any] = {"body": SavedInhibitions, "shape": PreviewShape}
    way: dict[str, Any] = {"body": Labelled, "most_bytes": MAX_POLICY, "shape": WaysShape}
    saved: dict[str, Any] = {"shape": InhibitionsShape}
    routes.add(Route("GET", policy, Role.EDITOR, read_policy, "Read the notification policy", shape=PolicyShape))
    routes.add(Route("PUT", policy, Role.ADMIN, save_policy, "Save the notification policy", **tree))
    routes.add(Route("POST", f"{policy}/preview", Role.EDITOR, preview_policy, "Say where an alert would go", **way))
    routes.add(Route("GET", rules, Role.EDITOR, read_inhibitions, "Read the inhibitions", **saved))
    routes.add(
        Route("PUT", rules, Role.ADMIN, save_inhibitions, "Save the inhibitions", body=SavedInhibitions, **saved)
    )
    routes.add(
        Route("POST", f"{rules}/preview", Role.EDITOR, preview_inhibitions, "Say what inhibitions would hide", **hidden)
    )
    made: dict[str, Any] = {"body": SavedTiming, "shape": TimingShape}
    routes.add(Route("GET", "/mute-timings", Role.EDITOR, list_timings, "List mute timings", shape=Items[TimingShape]))
    routes.add(Route("POST", "/mute-timings", Role.ADMIN, create_timing, "Make a mute timing", answers=(201,), **made))
    routes.add(Route("GET", timing, Role.EDITOR, read_timing, "Read a mute timing", shape=TimingShape))
    routes.add(Route("PUT", timing, Role.ADMIN, save_timing, "Change a mute timing", **made))
    routes.add(Route("DELETE", timing, Role.ADMIN, delete_timing, "Delete a mute timing", answers=(204,)))
