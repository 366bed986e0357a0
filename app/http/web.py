"""What all HTTP handlers share: identity, errors as problems, request ids, security headers, counting."""

from __future__ import annotations

import secrets
from functools import cached_property
from time import perf_counter
from typing import Any

import structlog
from tornado import httputil, web, websocket

from ...errors import (
    ForbiddenError,
    HeliographError,
    MalformedError,
    MethodNotAllowedError,
    NotFoundError,
    RateLimitedError,
    UnauthenticatedError,
)
from ..auth import browsers
from ..auth.authenticator import Identity
from ..auth.budget import Person
from ..auth.sessions import COOKIE
from .host import origin_is_ours
from .problem import headers, problem
from .site import Site
from .strict_json import strict_json

log = structlog.get_logger(__name__)
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
# Styles may stand in attributes: BokehJS places what it draws that way. Scripts come from us alone.
POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
    "connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'self'"
)

SECURITY = {
    "Server": "Heliograph",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Content-Security-Policy": POLICY,
}


class Handler(web.RequestHandler):
    """Base of all handlers. Our own errors become problems; any other is 500, with its trace in the log alone."""

    site: Site

    def initialize(self, **bundles: Any) -> None:
        """What the route gives: each handler declares the bundles that it works with."""
        vars(self).update(bundles)
        self._started = perf_counter()

    @cached_property
    def request_id(self) -> str:
        """What the log and the answer of a request that failed have in common."""
        return secrets.token_hex(8)

    def set_default_headers(self) -> None:
        self._headers.update(SECURITY)

    async def head(self, *args: str, **kwargs: str) -> None:
        """What `get` answers, without its body: monitors and link checkers ask that way."""
        answer = self.get(*args, **kwargs)
        if answer is not None:
            await answer

    async def identity(self) -> Identity:
        """Who asks; UnauthenticatedError for nobody, ForbiddenError for another site that acts with our cookie."""
        authorization = self.request.headers.get("Authorization", "")
        cookie = None if authorization else self.get_cookie(COOKIE)
        found = await self.site.access.auth.authenticate(authorization, cookie, self.get_cookie(browsers.COOKIE))
        if found is None:
            raise UnauthenticatedError("log in, or send an API token")
        if self.request.method not in SAFE_METHODS and not self.request.headers.get("Authorization"):
            self.check_same_site()
        self.spend(found)
        return found

    def spend(self, identity: Identity) -> None:
        """Count the request; RateLimitedError where the person has no more for the moment."""
        self.spend_of(identity.scope.principal)

    def spend_of(self, principal: str) -> Person:
        """Count this request against the person's rate; RateLimitedError."""
        person = self.person(principal)
        try:
            self.site.access.budget.spend(person)
        except RateLimitedError:
            self.site.telemetry.shed.labels("rate_limit").inc()
            raise
        return person

    def person(self, principal: str) -> Person:
        """Whose budget this request is paid from."""
        return self.site.access.budget.person(principal, self.request.remote_ip or "")

    def check_same_site(self) -> None:
        """ForbiddenError where a request that changes something comes from a page of another site."""
        site = self.request.headers.get("Sec-Fetch-Site", "")
        origin = self.request.headers.get("Origin", "")
        if site in ("cross-site", "same-site"):
            raise ForbiddenError("this request comes from another site")
        if origin and not origin_is_ours(self.request, origin, self.site.settings.public_url):
            raise ForbiddenError("this request comes from another site")

    @property
    def is_secure(self) -> bool:
        """Whether people come by https, so that no cookie goes over plain HTTP."""
        return self.site.settings.public_url.startswith("https:") or self.request.protocol == "https"

    @property
    def takes_gzip(self) -> bool:
        """Whether the answer may be sent deflated."""
        return "gzip" in self.request.headers.get("Accept-Encoding", "")

    def compute_etag(self) -> None:
        """No hash of each answer: those that may be kept bring an ETag of their own."""

    def write_json(self, document: Any, status: int = 200) -> None:
        """Answer with a document; NaN and infinities become null."""
        self.set_status(status)
        self.write_text(strict_json(document))

    def write_text(self, text: str) -> None:
        """Send JSON that is written already."""
        self.set_header("Content-Type", "application/json; charset=utf-8")
        self.set_header("Cache-Control", "private, no-store")
        self.finish(text)

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        self.write_problem(as_ours(status_code, kwargs.get("exc_info", (None, None, None))[1]))

    def write_problem(self, error: HeliographError) -> None:
        """Answer with an error as `application/problem+json`."""
        self.set_status(error.status)
        for name, value in headers(error).items():
            self.set_header(name, value)
        self.set_header("Content-Type", "application/problem+json; charset=utf-8")
        self.set_header("Cache-Control", "no-store")
        self.finish(strict_json(problem(error, self.request_id)))

    def log_exception(self, typ: Any, value: BaseException | None, tb: Any) -> None:
        if isinstance(value, (HeliographError, web.HTTPError)):
            return
        log.error("request failed", request_id=self.request_id, path=self.logged_path, exc_info=(typ, value, tb))

    @property
    def logged_path(self) -> str:
        """What the log says of where it failed."""
        return self.request.path

    @property
    def route(self) -> str:
        """What requests to this handler are counted as; one of few names."""
        return type(self).__name__.removesuffix("Handler").lower()

    def on_finish(self) -> None:
        self.site.telemetry.answered(self.route, self.get_status(), perf_counter() - self._started)


class Socket(websocket.WebSocketHandler):
    """Base of all sockets."""

    site: Site

    def initialize(self, **bundles: Any) -> None:
        """What the route gives: each socket declares the bundles that it works with."""
        vars(self).update(bundles)
        self.begin()

    def set_default_headers(self) -> None:
        self._headers.update(SECURITY)

    def begin(self) -> None:
        """Set up what a socket keeps."""

    def log_exception(self, typ: Any, value: BaseException | None, tb: Any) -> None:
        """The path alone goes to the log: the rest of a socket's address may hold a token."""
        if isinstance(value, (web.HTTPError, httputil.HTTPInputError)):
            log.info("socket refused", path=self.request.path, reason=str(value)[:200])
            return
        log.error("socket failed", path=self.request.path, exc_info=(typ, value, tb))


def as_ours(status: int, error: BaseException | None) -> HeliographError:
    """Any failure of a request as one of our errors."""
    if isinstance(error, HeliographError):
        return error
    if status == 404:
        return NotFoundError("there is nothing here")
    if status == 405:
        return MethodNotAllowedError("this address does not take that method")
    if 400 <= status < 500:
        return MalformedError(getattr(error, "log_message", None) or "the request cannot be read")
    return HeliographError("something failed here; the server's log says what")
