"""The pages on which dashboards are edited: each shows a draft, by a view that is its author's alone."""

from __future__ import annotations

from typing import Any

from tornado.web import url

from ...errors import ForbiddenError
from ...scope import Role
from ...storage.config.dashboards import refuse_of_file
from ...storage.config.draft_rows import Draft
from ...storage.config.folders import Access
from ...storage.config.repositories import Repositories
from ..auth.authenticator import Identity
from ..http.script_json import script_json
from ..http.site import Site
from ..live.draft_board import draft_board_id
from ..live.handlers import address_of
from ..live.live import Live
from .drafts import BLANK, as_json, editor_url
from .handlers import account_of, contents
from .page import PageHandler, who
from .slug import dashboard_url


class DraftPage(PageHandler):
    """Base of pages that show a draft."""

    config: Repositories
    live: Live

    async def editor(self) -> Identity:
        """Who asks; ForbiddenError for those who may edit nothing."""
        identity = await self.identity()
        if identity.scope.role < Role.EDITOR:
            raise ForbiddenError("editing a dashboard needs the role editor")
        return identity

    def now_ms(self) -> int:
        """The time, in ms."""
        return int(self.site.clock() * 1000)

    async def show(self, identity: Identity, draft: Draft) -> None:
        """The editor over a view of the draft."""
        hub = self.live.hub
        address = address_of(self, draft_board_id(draft.draft_id))
        opened = await hub.open(identity, address, self.request.remote_ip or "")
        opened.view.expect()
        told = contents(hub.boots, opened)
        told["boot_json"] = hub.boots.text(opened)
        told["account"] = account_of(self.templates, self.root, **who(identity))
        self.page(
            "editor.html",
            **told,
            solo=0,
            kiosk=False,
            subject=draft.dashboard_id,
            url=dashboard_url(draft.dashboard_id, opened.dashboard.title) if draft.dashboard_id else "",
            draft_json=script_json(as_json(draft)),
        )


class EditHandler(DraftPage):
    """`/d/<id>/edit`: one's own draft of a dashboard, begun where there is none."""

    async def get(self, dashboard_id: str) -> None:
        identity = await self.editor()
        stored = await self.config.dashboards.get(identity.scope.org, dashboard_id)
        await self.config.folders.check(identity.scope, stored, Access.EDIT)
        refuse_of_file(stored.origin)
        draft = await self.config.drafts.open(
            stored.org,
            identity.author,
            stored.config,
            now_ms=self.now_ms(),
            dashboard_id=dashboard_id,
            base_version=stored.version,
        )
        await self.show(identity, draft)


class DraftHandler(DraftPage):
    """`/drafts/<draft id>`: a dashboard that is nowhere yet; one that is somewhere is edited at its own address."""

    async def get(self, draft_id: str) -> None:
        identity = await self.editor()
        draft = await self.config.drafts.get(identity.scope.org, draft_id)
        if draft.dashboard_id:
            self.redirect(self.root + editor_url(draft))
            return
        await self.show(identity, draft)


class NewHandler(DraftPage):
    """`/new`: begins a dashboard."""

    async def get(self) -> None:
        identity = await self.editor()
        folder = self.get_query_argument("folder", "")
        if folder:
            place = await self.config.folders.get(identity.scope.org, folder)
            if await self.config.folders.access(identity.scope, place.id) < Access.EDIT:
                raise ForbiddenError(f"you may not edit in the folder {folder}")
        scope = identity.scope
        draft = await self.config.drafts.open(scope.org, identity.author, BLANK, now_ms=self.now_ms(), folder=folder)
        self.redirect(self.root + editor_url(draft))


def routes(site: Site, templates: Any, config: Repositories, live: Live) -> list[Any]:
    """The addresses of the pages."""
    own = {"site": site, "templates": templates, "config": config, "live": live}
    return [
        url(r"/new", NewHandler, own),
        url(r"/drafts/([0-9a-f]{1,32})", DraftHandler, own),
        url(r"/d/([A-Za-z0-9_-]{1,64})/edit", EditHandler, own),
    ]
