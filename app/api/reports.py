"""`/dashboards/{id}/reports`: a dashboard as a PDF, by mail, on a schedule."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any

from pydantic import Field

from ...components.spec import parse_dashboard
from ...datasources.datemath import zone_of
from ...errors import InvalidError, NotFoundError
from ...scope import Role
from ...storage.config.dashboard_rows import StoredDashboard
from ...storage.config.folders import Access
from ...storage.config.reports import NEVER_MS, Plan, Report
from ..auth.people import names_of
from ..share.reports.making import check_mail
from ..share.reports.schedule import due_after
from .dashboard_access import allowed
from .report_shapes import ReportShape
from .routing import Reply, Request, Route, Routes
from .saved_at import Version, etag, version_of
from .shapes import Items
from .shares import Seen, check_editor


class NewReport(Seen):
    """A report to be made, or what is to become of one."""

    name: Annotated[str, Field(max_length=200)] = ""
    schedule: Annotated[str, Field(max_length=100)]
    zone: Annotated[str, Field(max_length=64)] = "UTC"
    contact_point: Annotated[str, Field(max_length=64)]
    paused: bool = False
    expires_in: None = None


class ChangedReport(NewReport):
    """A report with the version it was read at."""

    version: Version | None = None


async def create(request: Request) -> Reply:
    """It is made by the rights of who makes it, as they stand each time."""
    stored = await allowed(request, Access.EDIT)
    plan = await _planned(request, stored)
    made = await request.config.reports.create(
        request.org,
        stored.dashboard_id,
        plan,
        by=request.identity.scope.principal,
        now_ms=request.now_ms,
        due_ms=due_after(plan, request.now_ms),
    )
    return await _told(request, made, 201)


async def update(request: Request) -> Reply:
    """Who changes it makes it theirs: from then on it is made by their rights."""
    kept, stored = await _editable(request)
    plan = await _planned(request, stored)
    read = replace(kept, version=version_of(request, request.body.version))
    by, due_ms = request.identity.scope.principal, due_after(plan, request.now_ms)
    return await _told(request, await request.config.reports.change(read, plan, by=by, due_ms=due_ms))


async def _planned(request: Request, stored: StoredDashboard) -> Plan:
    """The plan of the body, whole; InvalidError naming what is wrong, ForbiddenError where there are no reports."""
    wanted: NewReport = request.body
    request.means.pictures.check()
    dashboard = parse_dashboard(stored.config, stored=True)
    wanted.check_range(request.now_ms)
    try:
        zone_of(wanted.zone)
    except InvalidError as error:
        raise InvalidError(error.detail, path="$.zone") from None
    plan = Plan(
        name=wanted.name,
        schedule=wanted.schedule,
        zone=wanted.zone,
        contact_point=wanted.contact_point,
        values=wanted.chosen(dashboard),
        from_text=wanted.from_,
        to_text=wanted.to,
        view_zone=wanted.tz,
        paused=wanted.paused,
    )
    due_after(plan, request.now_ms)
    await request.live.hub.check_shareable(request.identity.scope, stored, dashboard)
    try:
        check_mail(await request.config.telling.contact_points.get(request.org, wanted.contact_point))
    except NotFoundError as error:
        raise InvalidError(error.detail, path="$.contact_point") from None
    return plan


async def list_(request: Request) -> Reply:
    """Those of a dashboard, for its editors."""
    stored = await allowed(request, Access.EDIT)
    found = await request.config.reports.list(request.org, stored.dashboard_id)
    names = await names_of(request.config.users, request.identity.scope, {one.created_by for one in found})
    return Reply({"items": [as_json(one, names) for one in found]})


async def send(request: Request) -> Reply:
    """Have it sent now too; how that went stands in the list."""
    report, _ = await _editable(request)
    await request.config.reports.hasten(report.id, request.now_ms)
    return await _told(request, await request.config.reports.of_org(request.org, report.id), 202)


async def delete(request: Request) -> Reply:
    """NotFoundError."""
    report, _ = await _editable(request)
    await request.config.reports.delete(request.org, report.id)
    return Reply(status=204)


async def _editable(request: Request) -> tuple[Report, StoredDashboard]:
    """The report and its dashboard, where the asker may change that; for others it is not there."""
    number = request.number("report_id", "report")
    report = await request.config.reports.of_org(request.org, number)
    return report, await check_editor(request, report.dashboard_id)


async def _told(request: Request, report: Report, status: int = 200) -> Reply:
    names = await names_of(request.config.users, request.identity.scope, {report.created_by})
    return Reply(as_json(report, names), status, etag(report.version))


def as_json(report: Report, names: Mapping[str, str]) -> dict[str, Any]:
    """A report as the API has it; `names` are those of people, by principal."""
    plan = report.plan
    return {
        "report_id": report.id,
        "name": plan.name,
        "schedule": plan.schedule,
        "zone": plan.zone,
        "contact_point": plan.contact_point,
        "values": {name: list(values) for name, values in plan.values},
        "from": plan.from_text,
        "to": plan.to_text,
        "tz": plan.view_zone,
        "created_by": report.created_by,
        "created_by_name": names.get(report.created_by, ""),
        "created_at": report.created_at,
        "paused": plan.paused,
        "version": report.version,
        "due_at": report.due_ms if report.due_ms < NEVER_MS else None,
        "last": None
        if report.ended_ms is None
        else {"at": report.ended_ms, "sent": report.sent, "message": report.message},
    }


def register(routes: Routes) -> None:
    """The routes of this resource."""
    path, one, least = "/dashboards/{id}/reports", "/reports/{report_id}", Role.EDITOR
    routes.add(Route("GET", path, least, list_, "List the reports of a dashboard", shape=Items[ReportShape]))
    summary = "Have a dashboard sent by mail on a schedule"
    routes.add(Route("POST", path, least, create, summary, body=NewReport, answers=(201,), shape=ReportShape))
    changing: dict[str, Any] = {"body": ChangedReport, "shape": ReportShape}
    routes.add(Route("PUT", one, least, update, "Change a report, pause it, or let it go on", **changing))
    routes.add(Route("POST", f"{one}/send", least, send, "Send a report now", answers=(202,), shape=ReportShape))
    routes.add(Route("DELETE", one, least, delete, "Send a report no more", answers=(204,)))
