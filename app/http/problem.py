"""Errors as `application/problem+json` (RFC 9457)."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from ...errors import HeliographError


def problem(error: HeliographError, request_id: str) -> dict[str, Any]:
    """The document of an error."""
    document: dict[str, Any] = {
        "type": f"https://heliograph.dev/problems/{error.code}",
        "title": error.title,
        "status": error.status,
        "code": error.code,
        "detail": error.detail,
        "request_id": request_id,
    }
    if error.path is not None:
        document["path"] = error.path
    return document | error.extra


def headers(error: HeliographError) -> Mapping[str, str]:
    """The headers that go with it: when to come again, and how to log in."""
    found = {}
    if error.retryable or error.retry_after_s is not None:
        found["Retry-After"] = str(max(1, math.ceil(error.retry_after_s or 1)))
    if error.status == 401:
        found["WWW-Authenticate"] = 'Bearer realm="heliograph"'
    return found
