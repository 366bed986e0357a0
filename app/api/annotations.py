"""`/annotations`: marks on time axes, made by people and programs."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, model_validator

from ...components.spec import ID_PATTERN
from ...datasources.datemath import parse_range
from ...datasources.moments import Moment
from ...errors import ForbiddenError
from ...scope import Role
from ...storage.config.annotations import Annotation
from ...storage.config.folders import Access
from .query_request import as_time
from .routing import Reply, Request, Route, Routes
from .shapes import AnnotationShape, Items

Tag = Annotated[str, Field(min_length=1, max_length=100)]


class NewAnnotation(BaseModel):
    """Without an `end` it is an instant."""

    model_config = ConfigDict(extra="forbid")

    time: Moment
    end: Moment | None = None
    text: str = Field(max_length=10_000)
    tags: list[Tag] = Field(default_factory=list, max_length=50)
    dashboard_id: str | None = Field(None, pattern=ID_PATTERN)

    @model_validator(mode="after")
    def ends_after_it_starts(self) -> NewAnnotation:
        if self.end is not None and self.end < self.time:
            raise ValueError("end: before time")
        return self


class FindArguments(BaseModel):
    """Which annotations are asked for: of a range, and perhaps of one dashboard or tag."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    from_: str = Field("now-6h", alias="from", max_length=64)
    to: str = Field("now", max_length=64)
    dashboard_id: str | None = Field(None, pattern=ID_PATTERN)
    tag: str = Field("", max_length=100)


async def create(request: Request) -> Reply:
    """On a dashboard that the asker may edit, or on all."""
    await _check_dashboard(request, request.body.dashboard_id, Access.EDIT)
    made = await request.config.annotations.create(request.org, _annotation(request))
    return Reply(as_json(made), 201)


async def find(request: Request) -> Reply:
    """Those on all dashboards, and on dashboards that the asker may see."""
    wanted: FindArguments = request.arguments
    range_ = parse_range(as_time(wanted.from_), as_time(wanted.to), request.now_ms)
    await _check_dashboard(request, wanted.dashboard_id, Access.VIEW)
    found = await request.config.annotations.find(
        request.org,
        range_.from_ms,
        range_.to_ms,
        dashboard_id=wanted.dashboard_id,
        tags=[wanted.tag] if wanted.tag else [],
    )
    hidden = await request.config.folders.hidden(request.identity.scope)
    on = {one.dashboard_id for one in found if one.dashboard_id is not None}
    if on:
        folders = await request.config.dashboards.folders_of(request.org, on)
        seen = {None, *(one for one, folder in folders.items() if folder not in hidden)}
        found = [one for one in found if one.dashboard_id in seen]
    return Reply({"items": [as_json(one) for one in found]})


async def update(request: Request) -> Reply:
    """All of it but its dashboard and its author; NotFoundError."""
    kept = await _own(request)
    changed = replace(_annotation(request), id=kept.id, dashboard_id=kept.dashboard_id, created_by=kept.created_by)
    return Reply(as_json(await request.config.annotations.update(request.org, changed)))


async def delete(request: Request) -> Reply:
    """NotFoundError."""
    kept = await _own(request)
    await request.config.annotations.delete(request.org, kept.id)
    return Reply(status=204)


async def _check_dashboard(request: Request, dashboard_id: str | None, needed: Access) -> None:
    """NotFoundError where the asker may not see that dashboard, ForbiddenError where he may only see it."""
    if dashboard_id is None:
        return
    stored = await request.config.dashboards.get(request.org, dashboard_id)
    await request.config.folders.check(request.identity.scope, stored, needed)


async def _own(request: Request) -> Annotation:
    """An annotation that the asker may change: editors their own, admins all."""
    annotation_id = request.number("id", "annotation")
    kept = await request.config.annotations.get(request.org, annotation_id)
    await _check_dashboard(request, kept.dashboard_id, Access.EDIT)
    scope = request.identity.scope
    if kept.created_by != scope.principal and scope.role < Role.ADMIN:
        raise ForbiddenError("this annotation is somebody else's")
    return kept


def _annotation(request: Request) -> Annotation:
    wanted: NewAnnotation = request.body
    return Annotation(
        wanted.time,
        wanted.end if wanted.end is not None else wanted.time,
        wanted.text,
        tuple(wanted.tags),
        wanted.dashboard_id,
        request.identity.scope.principal,
    )


def as_json(one: Annotation) -> dict[str, Any]:
    """An annotation as the API has it."""
    return {
        "id": one.id,
        "time": one.time_ms,
        "end": one.end_ms,
        "text": one.text,
        "tags": list(one.tags),
        "dashboard_id": one.dashboard_id,
        "created_by": one.created_by,
    }


def register(routes: Routes) -> None:
    """The routes of this resource."""
    body: dict[str, Any] = {"body": NewAnnotation, "shape": AnnotationShape}
    routes.add(
        Route(
            "GET",
            "/annotations",
            Role.VIEWER,
            find,
            "Find annotations",
            arguments=FindArguments,
            shape=Items[AnnotationShape],
        )
    )
    routes.add(Route("POST", "/annotations", Role.EDITOR, create, "Make an annotation", answers=(201,), **body))
    routes.add(Route("PUT", "/annotations/{id}", Role.EDITOR, update, "Change an annotation", **body))
    routes.add(Route("DELETE", "/annotations/{id}", Role.EDITOR, delete, "Delete an annotation", answers=(204,)))
