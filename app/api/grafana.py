"""`POST /dashboards/import`: a dashboard of Grafana, brought into ours and saved, with what is not as it was."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ...components.grafana.convert import Converted, converted
from ...components.grafana.envelope import is_of_grafana
from ...components.saved import as_config
from ...components.spec import ID_PATTERN, Dashboard
from ...errors import InvalidError, NotFoundError
from ...faults import invalid
from ...scope import Role
from ...storage.config.dashboard_rows import StoredDashboard
from ...storage.config.folders import Access
from ..pages.slug import dashboard_url
from .body import MAX_DOCUMENT
from .dashboard_access import folder_named
from .dashboard_documents import checked_document, in_turn
from .dashboards import changed
from .grafana_shapes import ImportedDashboard
from .routing import Reply, Request, Route, Routes

MESSAGE = "Imported from Grafana"


class ImportWanted(BaseModel):
    """A dashboard of Grafana, and how it is taken. Its document alone, without the rest, is taken as a body too."""

    model_config = ConfigDict(extra="forbid")

    dashboard: Annotated[dict[str, Any], Field(description="The document, of any version of Grafana's schema.")]
    folder: Annotated[str | None, Field(max_length=64, description="The uid of the folder that it goes to.")] = None
    dashboard_id: Annotated[str | None, Field(pattern=ID_PATTERN, description="Its id, instead of Grafana's uid.")] = (
        None
    )
    datasources: Annotated[
        dict[str, str],
        Field(max_length=100, description="Our data source by Grafana's: the name of a placeholder, a uid or a name."),
    ] = {}
    overwrite: Annotated[bool, Field(description="Save it as the next version of the dashboard with its id.")] = False
    dry_run: Annotated[bool, Field(description="Save nothing; say what would be.")] = False
    meta: Annotated[dict[str, Any], Field(description="What Grafana's API tells beside it; not looked at.")] = {}


async def import_(request: Request) -> Reply:
    """Bring a dashboard of Grafana over, or tell what would come of it (`dry_run`)."""
    wanted = _wanted(request.body)
    folder_id = await folder_named(request, wanted.folder)
    known = await _known(request, wanted.datasources)
    made, dashboard = await in_turn(request, _made, wanted, request, known)
    if wanted.dry_run:
        return Reply(_told(made, dashboard, None))
    stored, is_new = await _keep(request, dashboard, folder_id, overwrite=wanted.overwrite)
    changed(request, stored.dashboard_id)
    headers = {"Location": f"/api/v1/dashboards/{stored.dashboard_id}"} if is_new else {}
    return Reply(_told(made, dashboard, stored), 201 if is_new else 200, headers)


def _wanted(body: Mapping[str, Any]) -> ImportWanted:
    if "dashboard" not in body:
        body = {"dashboard": body}
    try:
        wanted = ImportWanted.model_validate(body)
    except ValidationError as error:
        raise invalid(error) from None
    if not is_of_grafana(wanted.dashboard):
        raise InvalidError("not a dashboard of Grafana: POST /dashboards takes ours", path="$.dashboard")
    return wanted


async def _known(request: Request, chosen: Mapping[str, str]) -> frozenset[str]:
    """The uids and names of the org's sources; InvalidError where one is chosen that there is not."""
    listed = await request.queries.sources.all(request.org)
    known = frozenset(name for one in listed for name in (one.uid, one.name))
    for theirs, ours in chosen.items():
        if ours not in known:
            raise InvalidError(f"there is no data source {ours}", path=f"$.datasources.{theirs[:100]}")
    return known


def _made(wanted: ImportWanted, request: Request, known: frozenset[str]) -> tuple[Converted, Dashboard]:
    registry = request.tools.registry
    made = converted(wanted.dashboard, registry, chosen=wanted.datasources, known=known)
    own = {"dashboard_id": wanted.dashboard_id} if wanted.dashboard_id else {}
    return made, checked_document({**made.document, **own}, registry)


async def _keep(
    request: Request, dashboard: Dashboard, folder_id: int | None, *, overwrite: bool
) -> tuple[StoredDashboard, bool]:
    """The saved dashboard, and whether it is a new one."""
    kept, by = request.config.dashboards, request.identity.scope.principal
    saved: dict[str, Any] = {"by": by, "now_ms": request.now_ms, "message": MESSAGE}
    if overwrite and dashboard.dashboard_id:
        try:
            before = await kept.get(request.org, dashboard.dashboard_id)
        except NotFoundError:
            pass
        else:
            await request.config.folders.check(request.identity.scope, before, Access.EDIT)
            config = as_config(dashboard)
            return await kept.update(request.org, before.dashboard_id, config, version=before.version, **saved), False
    return (
        await kept.create(
            request.org, as_config(dashboard), dashboard_id=dashboard.dashboard_id, folder_id=folder_id, **saved
        ),
        True,
    )


def _told(made: Converted, dashboard: Dashboard, stored: StoredDashboard | None) -> dict[str, Any]:
    return {
        "dashboard_id": stored.dashboard_id if stored else dashboard.dashboard_id,
        "version": stored.version if stored else None,
        "url": dashboard_url(stored.dashboard_id, stored.title) if stored else None,
        "title": dashboard.title,
        "panels": {"whole": made.panels.whole, "noted": made.panels.noted, "left_out": made.panels.left_out},
        "notes": notes_of(made),
    }


def notes_of(made: Converted) -> Sequence[Mapping[str, Any]]:
    """What was not carried over as it was, as the API has it."""
    return [
        {"panel_id": one.panel_id, "panel": one.panel, "field": one.field, "detail": one.detail} for one in made.notes
    ]


def register(routes: Routes) -> None:
    """The routes of this resource."""
    routes.add(
        Route(
            "POST",
            "/dashboards/import",
            Role.EDITOR,
            import_,
            "Bring a dashboard of Grafana",
            body=ImportWanted,
            raw_body=True,
            shape=ImportedDashboard,
            answers=(200, 201),
            most_bytes=MAX_DOCUMENT,
        )
    )
