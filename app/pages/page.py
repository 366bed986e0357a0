"""The base of pages: rendered by templates, errors too."""

from __future__ import annotations

import math
import random
from dataclasses import replace
from typing import Any
from urllib.parse import quote

from jinja2 import Environment

from ...errors import HeliographError, NotFoundError, UnauthenticatedError
from ...scope import Role
from ..auth import browsers
from ..auth.authenticator import Identity
from ..auth.sessions import COOKIE
from ..http.web import Handler, as_ours

THEMES = ("light", "dark")


class PageHandler(Handler):
    """Base of pages: rendered by templates, errors too."""

    templates: Environment

    leads_home = True  # whether who sees it has dashboards of their own to go to

    async def identity(self) -> Identity:
        """Who asks. Of those who may edit without a login each browser gets a name, for drafts of its own."""
        found = await super().identity()
        if found.credential != browsers.ANONYMOUS or found.scope.role < Role.EDITOR:
            return found
        cookie = browsers.fresh()
        self.set_cookie(
            browsers.COOKIE,
            cookie,
            httponly=True,
            samesite="Lax",
            secure=self.is_secure,
            expires_days=browsers.LIFE_DAYS,
            path=self.root or "/",
        )
        return replace(found, credential=browsers.credential_of(cookie))

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
            "role": "",
        }
        return self.templates.get_template(template).render({**common, **values})

    @property
    def theme(self) -> str:
        """The theme that the address asks for; empty where it leaves it to the system."""
        asked = self.request.query_arguments.get("theme", [b""])[-1]  # as it is: what cannot be read is no theme
        return next((theme for theme in THEMES if theme.encode() == asked), "")

    def send(self, html: str | bytes, *, gzipped: bool = False) -> None:
        """Answer with a page, which nobody keeps."""
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.set_header("Cache-Control", "private, no-store")
        self.set_header("Vary", "Accept-Encoding")
        if gzipped:
            self.set_header("Content-Encoding", "gzip")
        self.finish(html)

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        error = as_ours(status_code, kwargs.get("exc_info", (None, None, None))[1])
        if isinstance(error, UnauthenticatedError) and self.request.method == "GET":
            self.redirect(self.sign_in_url())
            return
        self.set_status(error.status)
        self.write_fault(error)

    def write_fault(self, error: HeliographError) -> None:
        """Answer with a page that says what is wrong, when to come again, and whether to sign in."""
        # At random, so that those who were turned away together do not come back together.
        retry_s = math.ceil((error.retry_after_s or 5) * random.uniform(1, 2)) if error.retryable else None  # noqa: S311
        if retry_s is not None:
            self.set_header("Retry-After", str(retry_s))
        # Signing in may help where one is not allowed or sees nothing; who is signed in already needs no such button.
        may_help = error.status in (403, 404) and not self.get_cookie(COOKIE) and self.request.method == "GET"
        sign_in = self.sign_in_url() if may_help else ""
        self.page("fault.html", error=error, retry_s=retry_s, sign_in=sign_in, home=self.leads_home)

    def sign_in_url(self) -> str:
        """Where to sign in, with the way back to this page."""
        return f"{self.root}/login?next={quote(self.root + (self.request.uri or '/'), safe='')}"


class LostHandler(PageHandler):
    """Addresses that nothing of ours has: a page for people, a problem for programs."""

    def prepare(self) -> None:
        raise NotFoundError(f"there is nothing at {self.request.path}")

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        if "text/html" in self.request.headers.get("Accept", ""):
            super().write_error(status_code, **kwargs)
        else:
            Handler.write_error(self, status_code, **kwargs)


def who(identity: Identity) -> dict[str, str]:
    """Who looks at a page, as its header says it; no login where nobody signed in."""
    return {"login": identity.scope.login, "role": str(identity.scope.role)}
