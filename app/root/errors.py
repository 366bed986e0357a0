"""The one tree of errors: the class carries HTTP status, stable code and whether to retry; nothing else knows them.

Every class may carry `path` (a JSON path such as `$.panels[0].position.x`) and `retry_after_s`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from copy import copy
from typing import Any, ClassVar, Self


class HeliographError(Exception):
    """Base of all expected failures. `detail` is one plain sentence for the person who asked."""

    status: ClassVar[int] = 500
    code: ClassVar[str] = "internal"
    title: ClassVar[str] = "Internal error"
    retryable: ClassVar[bool] = False

    def __init__(
        self,
        detail: str,
        *,
        path: str | None = None,
        retry_after_s: float | None = None,
        **extra: Any,
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.path = path
        self.retry_after_s = retry_after_s
        self.extra = extra

    def of(self, what: str) -> Self:
        """The same error, which says of what it is; those who share this one keep it as it is."""
        named = copy(self)
        named.detail = f"{what}: {self.detail}"
        return named


class MalformedError(HeliographError):
    """The request cannot be read at all."""

    status, code, title = 400, "malformed", "Malformed request"


class UnauthenticatedError(HeliographError):
    """Nobody is logged in, or the token is void."""

    status, code, title = 401, "unauthenticated", "Login required"


class ForbiddenError(HeliographError):
    """Whoever asks is known, and may not."""

    status, code, title = 403, "forbidden", "Not allowed"


class NotFoundError(HeliographError):
    """There is no such thing, or none that whoever asks may see."""

    status, code, title = 404, "not_found", "Not found"


class MethodNotAllowedError(HeliographError):
    """The address is there, and this is not done to it."""

    status, code, title = 405, "method_not_allowed", "Method not allowed"


class VersionConflictError(HeliographError):
    """Somebody else saved first. `current_version` tells which version stands now."""

    status, code, title = 409, "version_conflict", "Version conflict"

    def __init__(self, detail: str, *, current_version: int) -> None:
        super().__init__(detail, current_version=current_version)
        self.current_version = current_version


class DuplicateError(HeliographError):
    """The name is taken; `path` names it."""

    status, code, title = 409, "duplicate", "Already exists"


class TooLargeError(HeliographError):
    """The body is larger than is read."""

    status, code, title = 413, "too_large", "Request too large"


class InvalidError(HeliographError):
    """Readable, but a value is not allowed. `path` names it; `faults` lists all of them."""

    status, code, title = 422, "invalid", "Invalid value"


@contextmanager
def naming(path: str) -> Iterator[None]:
    """A value that is not allowed in there is that of `path`, unless its error names one already."""
    try:
        yield
    except InvalidError as error:
        error.path = error.path or path
        raise


class SourceError(HeliographError):
    """The data source refused the query itself."""

    status, code, title = 422, "source_error", "The data source refused the query"


class SourceMissingError(SourceError):
    """There is no data source to ask, so that nothing was asked."""

    title = "No data source to ask"


class RateLimitedError(HeliographError):
    """One asker has had more than their share: of requests, or of a queue that all use."""

    status, code, title, retryable = 429, "rate_limited", "Too many requests", True


class TooManyViewersError(HeliographError):
    """The node, or one person, has as many live views as it may."""

    status, code, title, retryable = 503, "too_many_viewers", "Too many viewers", True


class TooManySessionsError(HeliographError):
    """The node, or one person, has as many private sessions as it may."""

    status, code, title, retryable = 503, "too_many_sessions", "No room for another session", True


class OverloadedError(HeliographError):
    """There is no room in a queue just now."""

    status, code, title, retryable = 503, "overloaded", "Overloaded", True


class SourceUnavailableError(HeliographError):
    """The data source does not answer, or cannot be reached."""

    status, code, title, retryable = 503, "source_unavailable", "Data source unavailable", True


class WorkUnavailableError(HeliographError):
    """The role that draws starts, or is away for a moment."""

    status, code, title, retryable = 503, "work_unavailable", "Nothing can be drawn at this moment", True


class ReadOnlyError(HeliographError):
    """The config database cannot be written to just now."""

    status, code, title, retryable = 503, "read_only", "Read only for the moment", True


class SourceTimeoutError(HeliographError):
    """The data source did not answer before the query's deadline."""

    status, code, title, retryable = 504, "source_timeout", "Data source took too long", True


class NotInstalledError(HeliographError):
    """What this needs was left out of the installation."""

    status, code, title = 501, "not_installed", "Not installed here"


class SettingsError(HeliographError):
    """A setting is unknown or has a bad value: one line, naming the key."""

    status, code, title = 500, "settings", "Bad setting"


class StartupError(HeliographError):
    """The process cannot start (port in use, data directory in use): one line, exit 1."""

    status, code, title = 500, "startup", "Cannot start"
