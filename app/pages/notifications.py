"""The pages of what becomes of alerts: what was told, silences, contact points, the policy, what mutes."""

from __future__ import annotations

from typing import Any, Final

from tornado.web import url

from ...errors import ForbiddenError
from ...scope import Role
from ..http.site import Site
from ..process.work_address import EXPLORE_ROLE
from .alert_forms import AlertForms
from .page import PageHandler, who

# Each page with its title and the least role that sees it.
TABS: Final = {
    "told": ("Notifications", Role.EDITOR),
    "silences": ("Silences", Role.VIEWER),
    "contact-points": ("Contact points", Role.EDITOR),
    "policy": ("Notification policy", Role.EDITOR),
    "muting": ("Muting", Role.EDITOR),
}


class NotificationsHandler(PageHandler):
    """`/notifications` and what lies below it; a viewer sees silences alone."""

    forms: AlertForms

    async def get(self, tab: str = "") -> None:
        identity = await self.identity()
        role = identity.scope.role
        seen = [(name, title) for name, (title, least) in TABS.items() if role >= least]
        tab = tab or seen[0][0]
        title, least = TABS[tab]
        if role < least:
            raise ForbiddenError(f"this page needs the role {least}")
        self.page(
            "notifications.html",
            tab=tab,
            tabs=seen,
            title=title,
            declared=self.forms.json(),
            can_explore=role >= EXPLORE_ROLE,
            **who(identity),
        )


def routes(site: Site, templates: Any, forms: AlertForms) -> list[Any]:
    """Contact points, policy, silences and times, each a tab."""
    names = "|".join(TABS)
    return [
        url(
            rf"/notifications(?:/({names}))?",
            NotificationsHandler,
            {"site": site, "templates": templates, "forms": forms},
        )
    ]
