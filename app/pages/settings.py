"""The pages of settings, for admins: data sources, people, teams, tokens, and what files bring."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from tornado.web import url

from ...errors import ForbiddenError, NotFoundError
from ...scope import Role
from .page import PageHandler, who

SECTIONS: Final[Mapping[str, str]] = {
    "sources": "Data sources",
    "people": "People",
    "teams": "Teams",
    "tokens": "API tokens",
    "files": "Provisioned files",
}


class SettingsHandler(PageHandler):
    """`/settings/<section>`; without one, the data sources. What they show the page asks the API for."""

    async def get(self, section: str = "") -> None:
        identity = await self.identity()
        if identity.scope.role < Role.ADMIN:
            raise ForbiddenError("settings are for admins")
        if section and section not in SECTIONS:
            raise NotFoundError(f"there are no settings of {section[:60]}")
        self.page("settings.html", section=section or next(iter(SECTIONS)), sections=SECTIONS, **who(identity))


def routes(own: Mapping[str, Any]) -> list[Any]:
    """`own` is what pages are made with."""
    return [url(r"/settings(?:/([^/]*))?", SettingsHandler, dict(own))]
