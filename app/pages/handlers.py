"""The pages: home, a dashboard, login and logout; errors as pages that people can read."""

from __future__ import annotations

import json
import math
import random
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from jinja2 import Environment
from tornado.web import url

from ...components.units import TABLE
from ...errors import HeliographError, NotFoundError, OverloadedError, RateLimitedError, UnauthenticatedError
from ...scope import Role
from ...storage.config.dashboards import DashboardSummary
from ...storage.config.folders import Access
from ...storage.config.repositories import Repositories
from ..auth.authenticator import Identity
from ..auth.people import names_of
from ..auth.ratelimit import MAX_LOGIN, place_of
from ..auth.sessions import COOKIE, LIFE_DAYS
from ..http.script_json import script_json
from ..http.site import Site
from ..http.web import Handler, as_ours
from ..live.boot import BootDocuments, Opened
from ..live.handlers import address_of
from ..live.live import Live
from ..process.work_address import EXPLORE_ROLE
from .holes import KeptPages, hole
from .slug import dashboard_url
from .templates import make_environment

ALL = "$__all"
SHOWN_VALUES = 3
TOLD_VALUES = 20
MAX_NEXT = 4000  # characters of an address to go to after login
THEMES = ("light", "dark")


class PageHandler(Handler):
    """Base of pages: rendered by templates, errors too."""

    templates: Environment

    @property
    def root(self) -> str:
        """What stands before every path of ours in a browser's address bar."""
        return self.site.settings.root

    def page(self, template: str, **values: Any) -> None:
        """Send a page."""
        self.send(self.rendered(template, **values))

    def rendered(self, template: str, **values: Any) -> str:
        """A page as HTML. Its language, root and build are the same everywhere."""
        common = {
            "root": self.root,
            "static": f"{self.root}/static/{self.site.build_id}",
            "theme": self.theme,
            "login": "",
        }
        return self.templates.get_template(template).render({**common, **values})

    @property
    def theme(self) -> str:
        """The theme that the address asks for; empty where it leaves it to the system."""
        theme = self.get_query_argument("theme", "")
        return theme if theme in THEMES else ""

    def send(self, html: str | bytes, *, gzipped: bool = False) -> None:
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.set_header("Cache-Control", "private, no-store")
        self.set_header("Vary", "Accept-Encoding")
        if gzipped:
            self.set_header("Content-Encoding", "gzip")
        self.finish(html)

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        error = as_ours(status_code, kwargs.get("exc_info", (None, None, None))[1])
        if isinstance(error, UnauthenticatedError) and self.request.method == "GET":
            self.redirect(f"{self.root}/login?next={quote(self.root + (self.request.uri or '/'))}")
            return
        self.set_status(error.status)
        self.write_fault(error)

    def write_fault(self, error: HeliographError) -> None:
        # At random, so that those who were turned away together do not come back together.
        retry_s = math.ceil((error.retry_after_s or 5) * random.uniform(1, 2)) if error.retryable else None  # noqa: S311
        if retry_s is not None:
            self.set_header("Retry-After", str(retry_s))
        self.page("fault.html", error=error, retry_s=retry_s)


class LostHandler(PageHandler):
    """Addresses that nothing of ours has: a page for people, a problem for programs."""

    def prepare(self) -> None:
        raise NotFoundError(f"there is nothing at {self.request.path}")

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        if "text/html" in self.request.headers.get("Accept", ""):
            super().write_error(status_code, **kwargs)
        else:
            Handler.write_error(self, status_code, **kwargs)


class HomeHandler(PageHandler):
    """`/`: the dashboards one may see."""

    config: Repositories

    async def get(self) -> None:
        identity = await self.identity()
        tag, folder = self.get_query_argument("tag", ""), self.get_query_argument("folder", "")
        hidden = await self.config.folders.hidden(identity.scope)
        items, following = await self.config.dashboards.list(
            identity.scope.org, tag=tag, folder=folder, limit=50, hidden_folders=hidden
        )
        counts = await self.config.dashboards.count_by_folder(identity.scope.org)
        folders = [one for one in await self.config.folders.list(identity.scope.org) if one.id not in hidden]
        shown_folders = [{"uid": one.uid, "title": one.title, "count": counts.get(one.id, 0)} for one in folders]
        names = await names_of(self.config.users, identity.scope, {item.updated_by for item in items})
        self.page(
            "home.html",
            items=[{**summary(item), "updated_by_name": names.get(item.updated_by, "")} for item in items],
            next=following,
            tag=tag,
            folders=shown_folders,
            folder=next((one for one in shown_folders if one["uid"] == folder), None),
            total=sum(count for folder_id, count in counts.items() if folder_id not in hidden),
            tags=await self.config.dashboards.tags(identity.scope.org, hidden),
            login=identity.scope.login,
            can_create=identity.scope.role >= Role.EDITOR,
            can_explore=identity.scope.role >= EXPLORE_ROLE,
        )


def summary(item: DashboardSummary) -> Mapping[str, Any]:
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

    The page is rendered once for all who open the view the same way; what is a viewer's own goes into its holes.
    """

    live: Live
    kept: KeptPages

    async def get(self, dashboard_id: str, _slug: str = "") -> None:
        identity = await self.identity()
        hub = self.live.hub
        opened = await hub.open(identity, address_of(self, dashboard_id), self.request.remote_ip or "")
        opened.view.expect()
        solo, kiosk = self._solo(opened), "kiosk" in self.request.query_arguments
        variant = (self.theme, solo, kiosk, opened.can_edit, opened.stored.folder)
        page = self.kept.get(opened.view, variant, lambda: self._rendered(opened, solo, kiosk))
        account = account_of(self.templates, self.root, identity.scope.login)
        fillings = {"account": account, "boot": hub.boots.end(opened)}
        if self.takes_gzip:
            self.send(page.gzipped(fillings), gzipped=True)
        else:
            self.send(page.plain(fillings))

    def _rendered(self, opened: Opened, solo: int, kiosk: bool) -> str:
        return self.rendered("dashboard.html", solo=solo, kiosk=kiosk, **contents(self.live.hub.boots, opened))

    def _solo(self, opened: Opened) -> int:
        """The panel that the address shows alone; 0 for none."""
        only = self.get_query_argument("viewPanel", "").removeprefix("panel-")  # as Grafana 12 writes it
        number = int(only) if only.isascii() and only.isdecimal() and len(only) < 10 else 0
        return number if opened.view.has_panel(number) else 0


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


class EditHandler(PageHandler):
    """`/d/<id>/edit`: the document of a dashboard as text, for those who may save it."""

    config: Repositories

    async def get(self, dashboard_id: str) -> None:
        identity = await self.identity()
        stored = await self.config.dashboards.get(identity.scope.org, dashboard_id)
        await self.config.folders.check(identity.scope, stored, Access.EDIT)
        self.page(
            "edit.html",
            dashboard_id=dashboard_id,
            title=stored.title,
            version=stored.version,
            url=dashboard_url(dashboard_id, stored.title),
            document=json.dumps(stored.config, ensure_ascii=False, indent=2),
            login=identity.scope.login,
        )


def contents(boots: BootDocuments, opened: Opened) -> dict[str, Any]:
    """What the page of a dashboard says to all who may open it alike."""
    boot = boots.shared(opened)
    return {
        "boot": boot,
        "folder": opened.stored.folder,
        "can_edit": opened.can_edit,
        "boot_json": boots.beginning(opened) + hole("boot"),
        "account": hole("account"),
        "units": script_json(TABLE),
        "panels": laid_out(boot["panels"]),
        "variables": [shown(one) for one in boot["variables"] if one["hide"] != "variable"],
        "switches": [one for one in boot["annotations"] if not one["hide"]],
    }


@lru_cache(1024)
def account_of(templates: Environment, root: str, login: str) -> str:
    """Who is logged in, as a page says it."""
    parts: Any = templates.get_template("parts.html").module
    return str(parts.account(root, login))


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
    texts = {option["value"]: option["text"] for option in variable["options"]} | {ALL: "All"}
    current = [texts.get(value, value) for value in variable["current"]]
    more = f" + {len(current) - SHOWN_VALUES}" if len(current) > SHOWN_VALUES else ""
    told = ", ".join(current[:TOLD_VALUES]) + (
        f" and {len(current) - TOLD_VALUES} more" if len(current) > TOLD_VALUES else ""
    )
    return {**variable, "shown": (", ".join(current[:SHOWN_VALUES]) or "None") + more, "told": told}


class LoginHandler(PageHandler):
    """`/login`: a user name and a password for a session cookie."""

    def get(self) -> None:
        self._form(next_=self.get_query_argument("next", "/"))

    async def post(self) -> None:
        self.check_same_site()
        login, next_ = self.get_body_argument("login", "")[:MAX_LOGIN], self.get_body_argument("next", "/")
        address, logins = self.request.remote_ip or "", self.site.access.logins
        password = self.get_body_argument("password", "", strip=False)
        try:
            await logins.check(address, login)
            user = await self.site.access.auth.login(login, password, place_of(address))
        except UnauthenticatedError as error:
            logins.tried(address, login, good=False)
            self.set_status(401)
            self._form(next_=next_, login=login, fault=error.detail)
            return
        except (RateLimitedError, OverloadedError) as error:
            self._not_now(error, next_, login)
            return
        logins.tried(address, login, good=True)
        self.set_cookie(
            COOKIE,
            self.site.access.sessions.issue(user),
            httponly=True,
            samesite="Lax",
            secure=self._is_https(),
            expires_days=LIFE_DAYS,
            path=self.root or "/",
        )
        self.redirect(self._next(next_), status=303)

    def _not_now(self, error: HeliographError, next_: str, login: str) -> None:
        self.site.telemetry.shed.labels("logins").inc()
        wait_s = math.ceil(error.retry_after_s or 1)
        self.set_status(error.status)
        self.set_header("Retry-After", str(wait_s))
        self._form(next_=next_, login=login, fault=f"Too many tries: wait {wait_s} s.")

    def _form(self, *, next_: str, login: str = "", fault: str = "") -> None:
        is_open = bool(self.site.settings.anonymous_role)
        self.page("login.html", next=self._next(next_), login=login, fault=fault, open=is_open)

    def _next(self, path: str) -> str:
        """Where to go after login: a path below our root, else home."""
        path = safe_path(path) if len(path) <= MAX_NEXT else "/"
        return path if not self.root or path.startswith(f"{self.root}/") else f"{self.root}/"

    def _is_https(self) -> bool:
        return self.site.settings.public_url.startswith("https:") or self.request.protocol == "https"


class LogoutHandler(PageHandler):
    """`POST /logout`: ends all sessions of that person, and their sockets with them."""

    config: Repositories

    async def post(self) -> None:
        identity: Identity = await self.identity()
        if identity.by_cookie and identity.scope.user_id is not None:
            await self.config.users.end_sessions(identity.scope.user_id)
            self.site.access.auth.forget()
        self.clear_cookie(COOKIE, path=self.root or "/")
        self.redirect(f"{self.root}/login", status=303)


def safe_path(path: str) -> str:
    """A path of ours to go to after login; anything else is home."""
    parts = urlsplit(path.replace("\\", "/"))
    if parts.scheme or parts.netloc or not parts.path.startswith("/") or path.startswith("//"):
        return "/"
    return path


def routes(site: Site, config: Repositories, live: Live) -> list[Any]:
    own = {"site": site, "templates": make_environment()}
    over = {**own, "config": config}
    return [
        url(r"/", HomeHandler, over),
        url(r"/login", LoginHandler, own),
        url(r"/logout", LogoutHandler, over),
        url(r"/dashboards", MovedHandler, own),
        url(r"/d-solo/([A-Za-z0-9_-]{1,64})(?:/([^/]*))?", MovedHandler, own),
        url(r"/d/([A-Za-z0-9_-]{1,64})/edit", EditHandler, over),
        url(r"/d/([A-Za-z0-9_-]{1,64})(?:/([^/]*))?", DashboardHandler, {**own, "live": live, "kept": KeptPages()}),
    ]
