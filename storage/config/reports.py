"""Reports that are sent by mail on a schedule, each by the rights of who made it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Row, case, delete, func, insert, select, update

from ...errors import InvalidError, NotFoundError, VersionConflictError
from .dashboard_ids import inner_id
from .database import Database
from .leases import Lease, hold
from .share_tables import reports
from .tables import dashboards
from .view_addresses import Values, as_address, of_address

MAX_REPORTS = 20  # of one dashboard
NEVER_MS = 2**53  # when what is paused is due


@dataclass(frozen=True, slots=True)
class Plan:
    """What is sent, to whom and when: `schedule` is cron's five fields, read in `zone`.

    `values`, `from_text`, `to_text` and `view_zone` say which view; empty where the dashboard's own hold. What is
    `paused` is sent where somebody asks for it alone.
    """

    name: str
    schedule: str
    zone: str
    contact_point: str
    values: Values = ()
    from_text: str = ""
    to_text: str = ""
    view_zone: str = ""
    paused: bool = False


@dataclass(frozen=True, slots=True)
class Report:
    """A plan of a dashboard, when it is due, and how it went last. `ended_ms` is None before the first time.

    `created_by` is whose rights it has: those of who made it, or changed it last.
    """

    id: int
    org: int
    dashboard_id: str
    plan: Plan
    created_by: str
    created_at: int
    due_ms: int
    ended_ms: int | None = None
    sent: bool = False
    message: str = ""
    version: int = 1


GONE = "there is no such report"
PLACED = reports.join(dashboards, dashboards.c.id == reports.c.dashboard)
COLUMNS = (reports, dashboards.c.dashboard_id.label("dashboard_id"))


class Reports:
    """The repository of reports. A report goes with its dashboard."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def create(self, org: int, dashboard_id: str, plan: Plan, *, by: str, now_ms: int, due_ms: int) -> Report:
        """A new report; NotFoundError, InvalidError where there are too many."""
        async with self._database.begin() as connection:
            internal = await inner_id(connection, org, dashboard_id)
            count = select(func.count()).where(reports.c.dashboard == internal)
            if (await connection.scalar(count) or 0) >= MAX_REPORTS:
                raise InvalidError(f"a dashboard has at most {MAX_REPORTS} reports: delete some")
            values = {**_row(plan), "created_by": by, "created_at": now_ms, "due_ms": due_ms}
            made = await connection.scalar(
                insert(reports)
                .values(org_id=org, dashboard=internal, sent=False, message="", **values)
                .returning(reports.c.id)
            )
        assert made is not None
        return Report(made, org, dashboard_id, plan, by, now_ms, due_ms)

    async def change(self, report: Report, plan: Plan, *, by: str, due_ms: int) -> Report:
        """Save another plan of one that was read at its version, by the rights of who does; VersionConflictError."""
        mine = (reports.c.org_id == report.org, reports.c.id == report.id)
        values = {**_row(plan), "created_by": by, "due_ms": due_ms, "version": report.version + 1}
        async with self._database.begin() as connection:
            saved = update(reports).where(*mine, reports.c.version == report.version).values(**values)
            if not (await connection.execute(saved)).rowcount:
                current = await connection.scalar(select(reports.c.version).where(*mine))
                if current is None:
                    raise NotFoundError(GONE)
                raise VersionConflictError("somebody else saved it first", current_version=current)
        return replace(report, plan=plan, created_by=by, due_ms=due_ms, version=report.version + 1)

    async def of_org(self, org: int, report_id: int) -> Report:
        """The report of that id; NotFoundError."""
        found = await self._all(reports.c.id == report_id, reports.c.org_id == org)
        if not found:
            raise NotFoundError(GONE)
        return found[0]

    async def list(self, org: int, dashboard_id: str) -> Sequence[Report]:
        """The reports of a dashboard, the newest first."""
        return await self._all(reports.c.org_id == org, dashboards.c.dashboard_id == dashboard_id)

    async def due(self, now_ms: int, report_id: int | None = None) -> Sequence[Report]:
        """What is to be sent by now; of one report, whether it still is."""
        one = () if report_id is None else (reports.c.id == report_id,)
        return await self._all(reports.c.due_ms <= now_ms, *one)

    async def hasten(self, report_id: int, now_ms: int) -> None:
        """Have it sent now; its schedule goes on after that."""
        async with self._database.begin() as connection:
            await connection.execute(update(reports).where(reports.c.id == report_id).values(due_ms=now_ms))

    async def ended(self, lease: Lease, report: Report, *, ended_ms: int, due_ms: int) -> None:
        """Write down how it went, `sent` and `message`, and when it is due next; LeaseLostError.

        Where it was changed meanwhile it is due when that says.
        """
        next_ms = case((reports.c.version == report.version, due_ms), else_=reports.c.due_ms)
        values = {"sent": report.sent, "message": report.message, "ended_ms": ended_ms, "due_ms": next_ms}
        async with self._database.begin() as connection:
            await hold(connection, lease)
            await connection.execute(update(reports).where(reports.c.id == report.id).values(**values))

    async def delete(self, org: int, report_id: int) -> None:
        """Send it no more; NotFoundError."""
        mine = (reports.c.org_id == org, reports.c.id == report_id)
        async with self._database.begin() as connection:
            if (await connection.execute(delete(reports).where(*mine).returning(reports.c.id))).first() is None:
                raise NotFoundError(GONE)

    async def _all(self, *conditions: Any) -> Sequence[Report]:
        wanted = select(*COLUMNS).select_from(PLACED).where(*conditions).order_by(reports.c.id.desc())
        async with self._database.connect() as connection:
            return [_report(row) for row in await connection.execute(wanted)]


def _row(plan: Plan) -> dict[str, Any]:
    return {
        "name": plan.name,
        "schedule": plan.schedule,
        "zone": plan.zone,
        "contact_point": plan.contact_point,
        "address": as_address(plan.values, plan.from_text, plan.to_text, plan.view_zone),
        "paused": plan.paused,
    }


def _report(row: Row[Any]) -> Report:
    plan = Plan(
        row.name,
        row.schedule,
        row.zone,
        row.contact_point,
        *of_address(row.address),
        paused=row.paused,
    )
    return Report(
        row.id,
        row.org_id,
        row.dashboard_id,
        plan,
        row.created_by,
        row.created_at,
        row.due_ms,
        row.ended_ms,
        row.sent,
        row.message,
        row.version,
    )
