"""The pages of dashboards: home, and one dashboard."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from functools import lru_cache
from typing import Any
from urllib.parse import quote, urlencode

from jinja2 import Environment
from markupsafe import Markup, escape
from tornado.web import url

from ...components.panels.text import to_html
from ...components.units import TABLE
from ...datasources.variables.adhoc import read
from ...datasources.variables.escapes import without_entities
from ...errors import UnauthenticatedError
from ...lru import Lru
from ...scope import Role
from ...storage.config.dashboard_rows import DashboardSummary
from ...storage.config.folders import Access
from ...storage.config.repositories import Repositories
from ..auth.authenticator import Identity
from ..auth.people import names_of
from ..http.parsing import PANEL_DIGITS, whole_number
from ..http.script_json import script_json
from ..http.site import Site
from ..live.boot import BootDocuments, Opened
from ..live.handlers import address_of
from ..live.live import Live
from ..process.work_address import EXPLORE_ROLE
from ..provisioning.status import read_status
from .beginning import home_of
from .holes import KeptPages, PageWithHoles, hole
from .page import PageHandler, who
from .settings import routes as settings_routes
from .signing import routes as signing_routes
from .slug import dashboard_url
from .templates import make_environment

ALL = "$__all"
EMPTY = "(empty)"  # what a value without a text is called
SHOWN_VALUES = 3
TOLD_VALUES = 20
# Markdown takes time by its length times its marks; so much of one description and of all of a page is some ms.
MARKS = "[]*_`!<&~"
MAX_MARKDOWN, MAX_MARKDOWN_OF_PAGE = 1_000_000, 5_000_000
MAX_PAGES = 256  # that look differently


class HomeHandler(PageHandler):
    """`/`: the dashboards one may see; who comes from elsewhere is led to the dashboard that one begins with."""

    config: Repositories

    async def get(self) -> None:
        identity = await self.identity()
        if self._arrives() and (home := await home_of(self.config, identity.scope)):
            self.redirect(self.root + dashboard_url(home.dashboard_id, home.title))
            return
        tag, folder = self.get_query_argument("tag", ""), self.get_query_argument("folder", "")
        hidden = await self.config.folders.hidden(identity.scope)
        items, following = await self.config.dashboards.list(
            identity.scope.org, tag=tag, folder=folder, limit=50, hidden_folders=hidden, newest_first=True
        )
        counts = await self.config.dashboards.count_by_folder(identity.scope.org)
        places = [one for one in await self.config.folders.list(identity.scope.org) if one.id not in hidden]
        folders = [{"uid": one.uid, "title": one.title, "count": counts.get(one.id, 0)} for one in places]
        place = next((one for one in places if one.uid == folder), None)
        names = await names_of(self.config.users, identity.scope, {item.updated_by for item in items})
        self.page(
            "home.html",
            items=[{**summary(item), "updated_by_name": names.get(item.updated_by, "")} for item in items],
            next=following,
            tag=tag,
            folders=folders,
            folder=next((one for one in folders if one["uid"] == folder), None),
            total=sum(count for folder_id, count in counts.items() if folder_id not in hidden),
            tags=await self.config.dashboards.tags(identity.scope.org, hidden),
            **who(identity),
            can_create=await self._may_create(identity, None if place is None else place.id),
            can_explore=identity.scope.role >= EXPLORE_ROLE,
            can_administer=identity.scope.role >= Role.ADMIN,
            provisioning=await self._provisioning(identity),
        )

    async def _may_create(self, identity: Identity, folder_id: int | None) -> bool:
        """Whether one may make a dashboard here: an editor may, except in a folder that is only shown to them."""
        if identity.scope.role < Role.EDITOR:
            return False
        return folder_id is None or await self.config.folders.access(identity.scope, folder_id) >= Access.EDIT

    def _arrives(self) -> bool:
        """Whether the address was typed or kept, and no page of ours led here."""
        headers = self.request.headers
        by_hand = headers.get("Sec-Fetch-Site", "none") == "none"
        return by_hand and not self.request.query and "Referer" not in headers

    async def _provisioning(self, identity: Identity) -> Mapping[str, Any] | None:
        """What is wrong with provisioned files, for admins; None where nothing is."""
        if identity.scope.role < Role.ADMIN or not self.site.settings.provisioning:
            return None
        status = await read_status(self.config.meta)
        return status if status["fault_count"] else None


class BeginHandler(PageHandler):
    """`/home`: the dashboard that one begins with, else the list of all."""

    config: Repositories

    async def get(self) -> None:
        identity = await self.identity()
        home = await home_of(self.config, identity.scope)
        self.redirect(self.root + (dashboard_url(home.dashboard_id, home.title) if home else "/"))


class AccountHandler(PageHandler):
    """`/account`: what is one's own: password, home, sessions and tokens."""

    async def get(self) -> None:
        identity = await self.identity()
        if identity.scope.user_id is None:
            raise UnauthenticatedError("sign in to see your account")
        can_explore = identity.scope.role >= EXPLORE_ROLE
        self.page("account.html", can_explore=can_explore, **who(identity))


def summary(item: DashboardSummary) -> Mapping[str, Any]:
    """A dashboard as lists of pages show it."""
    return {
        "id": item.dashboard_id,
        "title": item.title,
        "description": item.description,
        "folder": item.folder,
        "tags": item.tags,
        "updated_at": item.updated_at,
        "url": dashboard_url(item.dashboard_id, item.title),
    }


class DashboardHandler(PageHandler):
    """`/d/<id>/<slug>`: one dashboard, its view opened and named in the page.

    The page is rendered once for all views of the dashboard that look alike; what is a view's own is filled in once for
    all who open it, what is a viewer's own each time.
    """

    live: Live
    kept: KeptPages
    alike: Lru[Hashable, PageWithHoles]

    async def get(self, dashboard_id: str, _slug: str = "") -> None:
        identity = await self.identity()
        hub = self.live.hub
        opened = await hub.open(identity, address_of(self, dashboard_id), self.request.remote_ip or "")
        opened.view.expect()
        solo, kiosk = self._solo(opened), "kiosk" in self.request.query_arguments
        variant = (self.theme, solo, kiosk, opened.can_edit, opened.stored.folder, opened.stored.origin)
        page = self.kept.get(opened.view, variant, lambda: self._page(opened, variant, solo, kiosk))
        account = account_of(self.templates, self.root, **who(identity))
        fillings = {"account": account, "boot": hub.boots.end(opened)}
        if self.takes_gzip:
            self.send(page.gzipped(fillings), gzipped=True)
        else:
            self.send(page.plain(fillings))

    def _page(self, opened: Opened, variant: Hashable, solo: int, kiosk: bool) -> PageWithHoles:
        """The page of a view, with the holes that each viewer fills."""
        said = contents(self.live.hub.boots, opened)
        alike = {name: said[name] for name in ("folder", "can_edit", "origin", "guest", "panels")}
        alike["boot"] = {name: said["boot"][name] for name in ("title", "dashboard_id", "live")}
        key = (variant, repr(alike))
        page = self.alike.get(key)
        if page is None:
            holes = {"boot_json": hole("view") + hole("boot"), "choices": hole("choices"), "account": hole("account")}
            text = self.rendered(
                "dashboard.html", solo=solo, kiosk=kiosk, units=said["units"], standalone=False, **alike, **holes
            )
            page = PageWithHoles.of(text)
            self.alike.put(key, page)
        choices = {name: said[name] for name in ("variables", "switches", "guest")}
        beginning = self.live.hub.boots.beginning(opened)
        return page.filled({"view": beginning, "choices": self.rendered("choices.html", **choices)})

    def _solo(self, opened: Opened) -> int:
        """The panel that the address shows alone; 0 for none."""
        text = self.get_query_argument("viewPanel", "").removeprefix("panel-")  # as Grafana 12 writes it
        only = whole_number(text, PANEL_DIGITS)
        return only if only is not None and opened.view.has_panel(only) else 0


class MovedHandler(PageHandler):
    """Addresses that dashboards have elsewhere: one panel alone, and the list of dashboards."""

    def get(self, dashboard_id: str = "", slug: str = "") -> None:
        if not dashboard_id:
            self.redirect(f"{self.root}/")
            return
        arguments = [
            ("viewPanel" if name == "panelId" else name, value)
            for name in self.request.query_arguments
            for value in self.get_query_arguments(name, strip=False)
        ]
        path = f"{self.root}/d/{dashboard_id}" + (f"/{quote(slug)}" if slug else "")
        self.redirect(f"{path}?{urlencode([*arguments, ('kiosk', '1')])}")


def contents(boots: BootDocuments, opened: Opened) -> dict[str, Any]:
    """What the page of a dashboard says to all who may open it alike."""
    boot = boots.shared(opened)
    return {
        "boot": boot,
        "folder": opened.stored.folder,
        "can_edit": opened.can_edit,
        "origin": opened.stored.origin if opened.can_edit else "",
        "boot_json": boots.beginning(opened) + hole("boot"),
        "account": hole("account"),
        "units": units(),
        "standalone": False,
        "guest": boot["guest"],
        "panels": described(laid_out(boot["panels"])),
        "variables": [shown(one) for one in boot["variables"] if one["hide"] != "variable"],
        "switches": [one for one in boot["annotations"] if not one["hide"]],
    }


@lru_cache(1)
def units() -> Markup:
    """The table of units, as a page's script reads it."""
    return script_json(TABLE)


def described(panels: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Panels with what their descriptions say as HTML; what would take long is shown as it is written."""
    room, found = MAX_MARKDOWN_OF_PAGE, []
    for panel in panels:
        text: str = panel["description"]
        cost = len(text) * (1 + sum(map(text.count, MARKS)))
        room -= cost
        short = cost <= MAX_MARKDOWN and room >= 0
        found.append({**panel, "about": about(text) if short else escape(without_entities(text))})
    return found


@lru_cache(1024)
def about(description: str) -> Markup:
    """What a panel's description, in Markdown, says as HTML of a few harmless tags."""
    return Markup(to_html(description)) if description.strip() else Markup()  # noqa: S704 - it is sanitised


@lru_cache(1024)
def account_of(templates: Environment, root: str, login: str, role: str) -> str:
    """Who is logged in, as a page says it."""
    parts: Any = templates.get_template("parts.html").module
    return str(parts.account(root, login, role))


def laid_out(panels: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Panels in reading order, each with the row above it; rows with the number of their panels."""
    ordered = sorted(panels, key=lambda one: (one["position"]["y"], one["type"] != "row", one["position"]["x"]))
    row: dict[str, Any] = {}
    found: list[dict[str, Any]] = []
    for panel in ordered:
        if panel["type"] == "row":
            row = {**panel, "members": 0}
            found.append(row)
        else:
            found.append({**panel, "row": row.get("id"), "folded": row.get("collapsed", False)})
            if row:
                row["members"] += 1
    return found


def shown(variable: dict[str, Any]) -> dict[str, Any]:
    """A variable with what its button says."""
    if variable["type"] == "adhoc":
        filters = "; ".join(str(one) for one in map(read, variable["current"]) if one is not None)
        return {**variable, "shown": filters or "None", "told": filters}
    texts = {option["value"]: option["text"] for option in variable["options"]} | {ALL: "All"}
    current = [texts.get(value, value) or EMPTY for value in variable["current"]]
    more = f" + {len(current) - SHOWN_VALUES}" if len(current) > SHOWN_VALUES else ""
    told = ", ".join(current[:TOLD_VALUES]) + (
        f" and {len(current) - TOLD_VALUES} more" if len(current) > TOLD_VALUES else ""
    )
    return {**variable, "shown": (", ".join(current[:SHOWN_VALUES]) or "None") + more, "told": told}


def routes(site: Site, config: Repositories, live: Live) -> list[Any]:
    """Home, account and dashboards."""
    own = {"site": site, "templates": make_environment()}
    over = {**own, "config": config}
    return [
        url(r"/", HomeHandler, over),
        *signing_routes(own, config),
        *settings_routes(own),
        url(r"/home", BeginHandler, over),
        url(r"/account", AccountHandler, own),
        url(r"/dashboards", MovedHandler, own),
        url(r"/d-solo/([A-Za-z0-9_-]{1,64})(?:/([^/]*))?", MovedHandler, own),
        url(
            r"/d/([A-Za-z0-9_-]{1,64})(?:/([^/]*))?",
            DashboardHandler,
            {**own, "live": live, "kept": KeptPages(), "alike": Lru(MAX_PAGES)},
        ),
    ]
