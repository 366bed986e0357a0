"""`/s/<token>` and `/embed/s/<token>`: a dashboard by a link, live, for whoever has it. No login, and no cookie but
that of a password that was said.

A token stands in an address: it reaches no log of ours, no referrer, no metric and no page of another site.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any, Final

from tornado.web import url

from ...errors import (
    ForbiddenError,
    HeliographError,
    NotFoundError,
    OverloadedError,
    RateLimitedError,
    UnauthenticatedError,
)
from ...storage.config.shares import Share
from ..auth.authenticator import Identity
from ..auth.browsers import ANONYMOUS
from ..auth.passwords import verify_password
from ..auth.ratelimit import place_of
from ..http.parsing import PANEL_DIGITS, whole_number
from ..http.site import Site
from ..http.web import POLICY, Handler, as_ours
from ..live.boot import Opened
from ..live.handlers import address_of
from ..live.live import Live
from ..pages.handlers import contents
from ..pages.holes import KeptPages, PageWithHoles
from ..pages.page import PageHandler
from ..pages.static_files import OURS, FileHandler
from ..pages.templates import make_environment
from .links import COOKIE, PASS_S, Links

LINK: Final = r"([A-Za-z0-9_-]{1,64})"
ALLOWED: Final = "frame-ancestors 'self'"
NOBODY: Final = "'none'"
NOWHERE: Final = "this link does not work: it was revoked, it has expired, or it never existed"
LOCKED: Final = "this link has a password"


class Guarded(Handler):
    """What has a secret in its address: nothing tells it to another site, and no log has it."""

    def set_default_headers(self) -> None:
        super().set_default_headers()
        self.set_header("Referrer-Policy", "no-referrer")
        self.set_header("X-Robots-Tag", "noindex, nofollow")

    @property
    def logged_path(self) -> str:
        return f"/{self.request.path.split('/')[1]}/…"


class LinkHandler(Guarded):
    """Base of what a link opens."""

    live: Live
    links: Links

    async def linked(self, token: str) -> tuple[Identity, Share]:
        """Who comes by the link; NotFoundError."""
        identity = await self.site.access.auth.by_link(token)
        if identity is None or identity.share is None:
            self.spend_of(ANONYMOUS)
            raise NotFoundError(NOWHERE)
        return identity, identity.share

    async def opened(self, token: str) -> Opened:
        """The view that the link's address names; UnauthenticatedError where its password was not said."""
        identity, share = await self.linked(token)
        if not self.may_pass(share):
            raise UnauthenticatedError(LOCKED)
        self.spend(identity)
        address = address_of(self, share.dashboard_id)
        opened = await self.live.hub.open(identity, address, self.request.remote_ip or "")
        self.links.uses.note(share)
        return opened

    def may_pass(self, share: Share) -> bool:
        """Whether the link has no password, or this browser knew it a while ago."""
        if not share.terms.password_hash:
            return True
        return self.links.passes.good(self.get_cookie(f"{COOKIE}{share.id}"), share, self.site.clock())


class LinkPageHandler(LinkHandler, PageHandler):
    """Base of the pages of links."""

    kept: KeptPages
    leads_home = False

    def send_view(self, opened: Opened, **shown: Any) -> None:
        """The page of the view; `shown` is what it differs by from others of the same link."""
        variant = (self.theme, opened.look, *sorted(shown.items()))
        boots = self.live.hub.boots
        page = self.kept.get(
            opened.view,
            variant,
            lambda: PageWithHoles.of(self.rendered("shared.html", kiosk=False, **shown, **contents(boots, opened))),
        )
        fillings = {"account": "", "boot": boots.end(opened)}
        if self.takes_gzip:
            self.send(page.gzipped(fillings), gzipped=True)
        else:
            self.send(page.plain(fillings))

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        error = as_ours(status_code, kwargs.get("exc_info", (None, None, None))[1])
        self.set_status(error.status)
        self.write_fault(error)

    def sign_in_url(self) -> str:
        """Nowhere: the way back would have the token in it."""
        return ""


class LinkPage(LinkPageHandler):
    """`/s/<token>`"""

    async def get(self, token: str) -> None:
        _, share = await self.linked(token)
        if not self.may_pass(share):
            self.ask_password()
            return
        self.send_view(await self.opened(token), solo=0, embed=False, transparent=False)

    async def post(self, token: str) -> None:
        """The password of the link, for a cookie that stands for it."""
        self.check_same_site()
        _, share = await self.linked(token)
        address, name, logins = self.request.remote_ip or "", f"link {share.id}", self.site.access.logins
        try:
            await logins.check(address, name)
            said = self.get_body_argument("password", "", strip=False)
            good = await verify_password(said, share.terms.password_hash or None, place_of(address))
        except (RateLimitedError, OverloadedError) as error:
            self.not_now(error)
            return
        logins.tried(address, name, good=good)
        if not good:
            self.ask_password("This is not its password.")
            return
        self.remember(share)
        _, question, query = (self.request.uri or "").partition("?")
        self.redirect(f"{self.root}/s/{token}{question}{query}", status=303)

    def remember(self, share: Share) -> None:
        """Ask this browser for no password for a while."""
        settings = self.site.settings
        self.set_cookie(
            f"{COOKIE}{share.id}",
            self.links.passes.issue(share, self.site.clock()),
            httponly=True,
            samesite="Lax",
            secure=settings.public_url.startswith("https:") or self.request.protocol == "https",
            max_age=PASS_S,
            path=f"{settings.root}/s/",
        )

    def ask_password(self, fault: str = "", status: int = 401) -> None:
        """The page that asks for it."""
        # Without any referrer browsers say of a form that it comes from nowhere; the origin has no token in it.
        self.set_header("Referrer-Policy", "strict-origin")
        self.set_status(status)
        self.page("locked.html", fault=fault)

    def not_now(self, error: HeliographError) -> None:
        """The page that asks again, and says how long to wait."""
        self.site.telemetry.shed.labels("logins").inc()
        wait_s = math.ceil(error.retry_after_s or 1)
        self.set_header("Retry-After", str(wait_s))
        self.ask_password(f"Too many tries: wait {wait_s} s.", error.status)


class EmbedPage(LinkPageHandler):
    """`/embed/s/<token>`: the same without a head, or one panel of it, in pages of the origins that may."""

    def send(self, html: str | bytes, *, gzipped: bool = False) -> None:
        """Those pages may have what went wrong in a frame too."""
        self.set_header("Content-Security-Policy", embedding_policy(self.site.settings.embed_origins))
        super().send(html, gzipped=gzipped)

    async def get(self, token: str) -> None:
        _, share = await self.linked(token)
        if share.terms.password_hash:
            raise ForbiddenError("a link with a password is opened and not embedded: a frame keeps no cookie")
        opened = await self.opened(token)
        self.send_view(
            opened,
            solo=self._panel(opened),
            embed=True,
            transparent="transparent" in self.request.query_arguments,
        )

    def _panel(self, opened: Opened) -> int:
        """The panel that is shown alone; 0: all. NotFoundError for one that is not there."""
        text = self.get_query_argument("panel", "")
        panel = whole_number(text, PANEL_DIGITS) if text else 0
        if panel is None or (panel and not opened.view.has_panel(panel)):
            raise NotFoundError("there is no such panel")
        return panel


class OpenLinkHandler(LinkHandler):
    """`/s/<token>/open`, `/embed/s/<token>/open`: the boot document of a view of the link, with a fresh token."""

    async def get(self, token: str) -> None:
        self.write_text(self.live.hub.boots.text(await self.opened(token)))


class ScriptHandler(FileHandler):
    """`/embed/heliograph.js`: what puts a frame into a page of another site, as high as what it shows."""

    async def get(self) -> None:
        self.set_header("Cross-Origin-Resource-Policy", "cross-origin")
        await self.send_file(OURS, "js/embedding.js", "text/javascript; charset=utf-8", current=False)


def embedding_policy(origins: Iterable[str]) -> str:
    """The policy of pages that those origins may have in a frame; none where there are none."""
    return POLICY.replace(ALLOWED, f"frame-ancestors {' '.join(origins) or NOBODY}")


def routes(site: Site, live: Live, links: Links) -> list[Any]:
    """The routes of links."""
    own = {"site": site, "live": live, "links": links}
    pages = {**own, "templates": make_environment(), "kept": KeptPages()}
    return [
        url(rf"/s/{LINK}", LinkPage, pages),
        url(rf"/s/{LINK}/open", OpenLinkHandler, own),
        url(r"/embed/heliograph\.js", ScriptHandler, {"site": site}),
        url(rf"/embed/s/{LINK}", EmbedPage, pages),
        url(rf"/embed/s/{LINK}/open", OpenLinkHandler, own),
    ]
