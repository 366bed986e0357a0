"""The editor of alert rules: `/alerts/new` and `/alerts/<rule id>/edit`."""

from __future__ import annotations

from typing import Any

from tornado.web import url

from ...errors import ForbiddenError, NotFoundError
from ...scope import Role
from ...storage.config.folders import Access
from ...storage.config.repositories import Repositories
from ...storage.config.rules import ALERT
from ..http.site import Site
from .alert_forms import AlertForms
from .page import PageHandler, who


class RuleEditHandler(PageHandler):
    """A rule as a form. Without an id it is one that is nowhere yet, of a panel where the address names one."""

    config: Repositories
    forms: AlertForms

    async def get(self, rule_id: str = "") -> None:
        identity = await self.identity()
        if identity.scope.role < Role.EDITOR:
            raise ForbiddenError("making alert rules needs the role editor")
        title = await self._title(rule_id) if rule_id else ""
        self.page("rule_edit.html", rule_id=rule_id, title=title, declared=self.forms.json(), **who(identity))

    async def _title(self, rule_id: str) -> str:
        """Of a rule that may be changed here."""
        scope = (await self.identity()).scope
        stored = await self.config.rules.get(scope.org, rule_id)
        access = await self.config.folders.access(scope, stored.folder_id)
        if access is Access.NONE or stored.kind != ALERT:
            raise NotFoundError(f"there is no alert rule {rule_id}")
        if access < Access.EDIT:
            raise ForbiddenError("you may look at this rule, but not change it")
        if stored.origin:
            raise ForbiddenError(f"this rule is the file's {stored.origin}: change it there")
        return stored.title


def routes(site: Site, templates: Any, config: Repositories, forms: AlertForms) -> list[Any]:
    """The forms of new and known rules."""
    own = {"site": site, "templates": templates, "config": config, "forms": forms}
    return [
        url(r"/alerts/new", RuleEditHandler, own),
        url(r"/alerts/([A-Za-z0-9_-]{1,64})/edit", RuleEditHandler, own),
    ]
