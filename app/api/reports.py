"""`/dashboards/{id}/reports`: a dashboard as a PDF, by mail, on a schedule."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field

from ...components.spec import parse_dashboard
from ...datasources.datemath import zone_of
from ...errors import InvalidError, NotFoundError
from ...scope import Role
from ...storage.config.folders import Access
from ...storage.config.reports import Plan, Report
from ..auth.people import names_of
from ..share.reports.making import check_mail
from ..share.reports.schedule import next_ms
from .dashboard_access import allowed
from .report_shapes import ReportShape
from .routing import Reply, Request, Route, Routes
from .shapes import Items
from .shares import Seen, check_editor


class NewReport(Seen):
    name: Annotated[str, Field(max_length=200)] = ""
    schedule: Annotated[str, Field(max_length=100)]
    zone: Annotated[str, Field(max_length=64)] = "UTC"
    contact_point: Annotated[str, Field(max_length=64)]
    expires_in: None = None


async def create(request: Request) -> Reply:
    """It is made by the rights of who makes it, as they stand each time."""
    wanted: NewReport = request.body
    request.means.pictures.check()
    stored = await allowed(request, Access.EDIT)
    dashboard = parse_dashboard(stored.config, stored=True)
    wanted.check_range(request.now_ms)
    try:
        zone_of(wanted.zone)
    except InvalidError as error:
        raise InvalidError(error.detail, path="$.zone") from None
    due_ms = next_ms(wanted.schedule, wanted.zone, request.now_ms)
    await request.live.hub.check_shareable(request.identity.scope, stored, dashboard)
    try:
        check_mail(await request.config.telling.contact_points.get(request.org, wanted.contact_point))
    except NotFoundError as error:
        raise InvalidError(error.detail, path="$.contact_point") from None
    plan = Plan(
        name=wanted.name,
        schedule=wanted.schedule,
        zone=wanted.zone,
        contact_point=wanted.contact_point,
        values=wanted.chosen(dashboard),
        from_text=wanted.from_,
        to_text=wanted.to,
        view_zone=wanted.tz,
    )
    by = request.identity.scope.principal
    made = await request.config.reports.create(
        request.org, stored.dashboard_id, plan, by=by, now_ms=request.now_ms, due_ms=due_ms
    )
    return Reply(as_json(made, await names_of(request.config.users, request.identity.scope, {by})), 201)


async def list_(request: Request) -> Reply:
    stored = await allowed(request, Access.EDIT)
    found = await request.config.reports.list(request.org, stored.dashboard_id)
    names = await names_of(request.config.users, request.identity.scope, {one.created_by for one in found})
    return Reply({"items": [as_json(one, names) for one in found]})


async def send(request: Request) -> Reply:
    """Have it sent now too; how that went stands in the list."""
    report = await _editable(request)
    await request.config.reports.hasten(report.id, request.now_ms)
    hastened = await request.config.reports.of_org(request.org, report.id)
    names = await names_of(request.config.users, request.identity.scope, {report.created_by})
    return Reply(as_json(hastened, names), 202)


async def delete(request: Request) -> Reply:
    report = await _editable(request)
    await request.config.reports.delete(request.org, report.id)
    return Reply(status=204)


async def _editable(request: Request) -> Report:
    """The report, where the asker may change its dashboard; for others it is not there."""
    number = request.number("report_id", "report")
    report = await request.config.reports.of_org(request.org, number)
    await check_editor(request, report.dashboard_id)
    return report


def as_json(report: Report, names: Mapping[str, str]) -> dict[str, Any]:
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
        "due_at": report.due_ms,
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
    routes.add(Route("POST", f"{one}/send", least, send, "Send a report now", answers=(202,), shape=ReportShape))
    routes.add(Route("DELETE", one, least, delete, "Send a report no more", answers=(204,)))
