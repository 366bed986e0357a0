"""One report: its view as its maker sees it, on paper, in the mail."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import urlencode

import structlog

from ....alerting.notifiers.base import NotifyError, Receipt
from ....alerting.notifiers.email import Email, EmailOptions
from ....alerting.notifiers.registry import NotifierKinds
from ....components.spec import parse_dashboard
from ....errors import ForbiddenError, HeliographError, InvalidError, TooLargeError
from ....storage.config.datasources import StoredSource
from ....storage.config.folders import Access
from ....storage.config.reports import Report
from ....storage.config.repositories import Repositories
from ...auth.authenticator import Authenticator, Identity
from ...live.address import Address
from ...live.boot import Opened
from ...live.live import Live
from ...pages.slug import dashboard_url
from ..freezing import frozen
from ..pictures import PAPER_WIDTH_PX, Pictures
from ..standalone import Origin, standalone
from .mail import mail_of

log = structlog.get_logger(__name__)
MAX_PDF_BYTES: Final = 20 * 10**6  # most mail servers take no more
TRIES: Final = 3
WAIT_S: Final = 10.0  # between them
GONE: Final = "who made it has no account here any more, or may sign in no more"
MAX_MESSAGE: Final = 500


@dataclass(frozen=True, slots=True)
class ReportMaker:
    """What a report is made with. `root`: the address of this server, empty where it was not told."""

    config: Repositories
    auth: Authenticator
    live: Live
    pictures: Pictures
    notifiers: NotifierKinds
    root: str
    clock: Callable[[], float]

    async def make(self, report: Report) -> Report:
        """Make it and send it: `sent`, and what the server said or why it was not. Raises for a cancel alone."""
        try:
            receipt = await self._send(report)
            return replace(report, sent=True, message=receipt.message[:MAX_MESSAGE])
        except HeliographError as error:
            said = error.detail
        except NotifyError as error:
            said = f"{error.reason} {error.answer}".strip()
        except Exception:  # whatever it is, whoever made the report is told
            log.exception("a report failed", report=report.id, dashboard=report.dashboard_id)
            said = "it failed; the server's log says why"
        log.warning("a report was not sent", report=report.id, dashboard=report.dashboard_id, reason=said)
        return replace(report, sent=False, message=said.replace("\0", "\ufffd")[:MAX_MESSAGE])

    async def _send(self, report: Report) -> Receipt:
        self.pictures.check()
        identity = await self.auth.maker(report.created_by)
        if identity is None:
            raise ForbiddenError(GONE)
        contact = await self.config.telling.contact_points.get(report.org, report.plan.contact_point)
        check_mail(contact)
        opened = await self._opened(identity, report)
        pdf, window = await self._paper(report, opened)
        if len(pdf) > MAX_PDF_BYTES:
            raise TooLargeError(f"a report has at most {MAX_PDF_BYTES // 10**6} MB")
        zone, now_ms = report.plan.view_zone or report.plan.zone, int(self.clock() * 1000)
        mail = mail_of(
            EmailOptions.model_validate(dict(contact.options)),
            report.plan.name or opened.stored.title,
            f"report-{report.id}-{report.due_ms}",
            pdf,
            window,
            zone,
            self._url(report, opened, window),
            now_ms,
        )
        notifier = self.notifiers.make(contact)
        assert isinstance(notifier, Email)
        try:
            for left in reversed(range(TRIES)):
                try:
                    return await notifier.post(mail)
                except NotifyError as error:
                    if not left or not error.retryable:
                        raise
                    await asyncio.sleep(error.wait_s or WAIT_S)
            raise AssertionError
        finally:
            await notifier.close()

    async def _opened(self, identity: Identity, report: Report) -> Opened:
        """The view, for somebody who may still change the dashboard: they alone share it."""
        stored = await self.config.dashboards.get(report.org, report.dashboard_id)
        await self.config.folders.check(identity.scope, stored, Access.EDIT)
        await self.live.hub.check_shareable(identity.scope, stored, parse_dashboard(stored.config, stored=True))
        plan = report.plan
        address = Address(
            report.dashboard_id,
            plan.from_text,
            plan.to_text,
            zone=plan.view_zone,
            browser_zone=plan.zone,
            variables=plan.values,
        )
        return await self.live.hub.open(identity, address)

    async def _paper(self, report: Report, opened: Opened) -> tuple[bytes, tuple[int, int]]:
        who = f"reports of {report.created_by}"
        async with self.live.files.turn(who):
            found = await frozen(
                opened.view, self.live.densities, zone=opened.entry.read.zone, notices=opened.entry.notices, who=who
            )
        start, end = found.boot["window"]
        origin = Origin(self._url(report, opened, (start, end)), self.root)
        text = await asyncio.to_thread(
            standalone, found, made_ms=int(self.clock() * 1000), origin=origin, theme="light"
        )
        pdf = await self.pictures.take(text, "pdf", width=PAPER_WIDTH_PX, alone=False, who=who)
        return pdf, (start, end)

    def _url(self, report: Report, opened: Opened, window: tuple[int, int]) -> str:
        if not self.root:
            return ""
        values = [(f"var-{name}", value) for name, own in report.plan.values for value in own]
        query = urlencode([("from", window[0]), ("to", window[1]), *values])
        return f"{self.root}{dashboard_url(report.dashboard_id, opened.stored.title)}?{query}"


def check_mail(contact: StoredSource) -> None:
    """InvalidError for a contact point that takes no mail."""
    if contact.type != Email.kind:
        raise InvalidError(f"{contact.name} takes no mail: one of type {Email.kind} does", path="$.contact_point")
