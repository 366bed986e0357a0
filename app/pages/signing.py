"""Signing in and out, and one's own password."""

from __future__ import annotations

import math
from typing import Any

from jinja2 import Environment
from tornado.web import url

from ...errors import HeliographError, InvalidError, OverloadedError, RateLimitedError, UnauthenticatedError
from ...storage.config.repositories import Repositories
from ...storage.config.users import User
from ..auth.authenticator import Identity
from ..auth.passwords import hash_password
from ..auth.ratelimit import MAX_LOGIN, place_of
from ..auth.sessions import COOKIE, LIFE_DAYS
from ..http.parsing import own_path
from ..http.web import Handler
from .page import PageHandler

MAX_NEXT = 4000  # characters of an address to go to after login


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
        set_session(self, user)
        path = self._next(next_)
        at_home = path in ("/", f"{self.root}/")  # who was led to no page begins with a dashboard of their own
        self.redirect(f"{self.root}/home" if at_home else path, status=303)

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
        path = own_path(path) if len(path) <= MAX_NEXT else "/"
        return path if not self.root or path.startswith(f"{self.root}/") else f"{self.root}/"


class PasswordHandler(Handler):
    """`POST /password`: another password of one's own; all other sessions end, this one goes on with a new cookie."""

    config: Repositories
    templates: Environment

    async def post(self) -> None:
        self.check_same_site()
        identity: Identity = await self.identity()
        if not identity.by_cookie or identity.scope.user_id is None:
            raise UnauthenticatedError("sign in to change your password")
        login, address, logins = identity.scope.login, self.request.remote_ip or "", self.site.access.logins
        await logins.check(address, login)
        current = self.get_body_argument("current", "", strip=False)
        try:
            user = await self.site.access.auth.login(login, current, place_of(address))
        except UnauthenticatedError:
            logins.tried(address, login, good=False)
            raise InvalidError("this is not your password", path="$.current") from None
        logins.tried(address, login, good=True)
        hashed = await hash_password(self.get_body_argument("password", "", strip=False), identity.scope.principal)
        await self.config.users.set_password(user.id, hashed)
        self.site.access.auth.forget()
        set_session(self, await self.config.users.by_id(user.id))
        self.set_status(204)
        self.finish()


class LogoutHandler(PageHandler):
    """`POST /logout`: ends all sessions of that person, and their sockets with them.

    With `only=here` this browser forgets its own, and the others go on.
    """

    config: Repositories

    async def post(self) -> None:
        identity: Identity = await self.identity()
        everywhere = self.get_body_argument("only", "") != "here"
        if everywhere and identity.by_cookie and identity.scope.user_id is not None:
            await self.config.users.end_sessions(identity.scope.user_id)
            self.site.access.auth.forget()
        self.clear_cookie(COOKIE, path=self.root or "/")
        self.redirect(f"{self.root}/login", status=303)


def set_session(handler: Handler, user: User) -> None:
    """Give the browser that asks a session of that person."""
    settings = handler.site.settings
    handler.set_cookie(
        COOKIE,
        handler.site.access.sessions.issue(user),
        httponly=True,
        samesite="Lax",
        secure=handler.is_secure,
        expires_days=LIFE_DAYS,
        path=settings.root or "/",
    )


def routes(own: dict[str, Any], config: Repositories) -> list[Any]:
    """`own` is what pages are made with."""
    over = {**own, "config": config}
    return [
        url(r"/login", LoginHandler, own),
        url(r"/logout", LogoutHandler, over),
        url(r"/password", PasswordHandler, over),
    ]
