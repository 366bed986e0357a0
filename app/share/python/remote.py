"""Dashboards and rules of a server: pushed to it, pulled from it and shown over its API."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import httpx

from ....errors import HeliographError, InvalidError, NotFoundError, SourceUnavailableError, VersionConflictError
from .board import Dashboard
from .rules import AnyRule

ANSWERS_WITHIN_S = 30.0


def push(board: Dashboard | AnyRule, url: str, token: str = "", *, replace: bool = False) -> str:
    """Save a dashboard or a rule on a server and give its address there.

    One that is there already is changed where `board` was pulled from it and nobody has changed it since; `replace`
    takes the place of whatever there is. InvalidError for data that no document can hold, VersionConflictError where
    somebody was faster, HeliographError with what the server says otherwise.
    """
    is_rule = isinstance(board, AnyRule)
    list_, name = ("/rules", "rule_id") if is_rule else ("/dashboards", "dashboard_id")
    document, known = board.to_json(), getattr(board.spec, name) or ""
    there, version = f"{list_}/{quote(known, safe='')}", board.version
    if replace and known:
        version = _version(url, token, there)
    if version is not None and known:
        saved = _ask("PUT", url, token, there, {**document, "version": version})
    else:
        saved = _ask("POST", url, token, list_, document)
    board.version = saved["version"]
    board.spec = board.spec.model_copy(update={name: saved[name]})
    page = f"/alerts/{saved['rule_id']}" if is_rule else saved["url"]
    return f"{url.rstrip('/')}{page}"


def pull(url: str, dashboard_id: str, token: str = "") -> Dashboard:
    """A server's dashboard; NotFoundError where it is not there for this token."""
    document = _ask("GET", url, token, f"/dashboards/{quote(dashboard_id, safe='')}")
    return Dashboard.from_json({**document, "dashboard_id": dashboard_id})


def pull_rule(url: str, rule_id: str, token: str = "") -> AnyRule:
    """A server's alert or recording rule; NotFoundError where it is not there for this token."""
    return AnyRule.from_json(_ask("GET", url, token, f"/rules/{quote(rule_id, safe='')}"))


def _version(url: str, token: str, path: str) -> int | None:
    try:
        return int(_ask("GET", url, token, path)["version"])
    except NotFoundError:
        return None


def _ask(method: str, url: str, token: str, path: str, document: Any = None) -> dict[str, Any]:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    address = f"{url.rstrip('/')}/api/v1{path}"
    try:
        answer = httpx.request(method, address, json=document, headers=headers, timeout=ANSWERS_WITHIN_S)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise SourceUnavailableError(f"{url} does not answer: {error}") from None
    try:
        said = answer.json()
    except ValueError:
        raise HeliographError(f"{url} is no Heliograph: it answered {answer.status_code}") from None
    if answer.is_success:
        found: dict[str, Any] = said
        return found
    detail = said.get("detail", "") or str(answer.status_code)
    if answer.status_code == httpx.codes.NOT_FOUND:
        raise NotFoundError(detail)
    if answer.status_code == httpx.codes.CONFLICT and said.get("code") == "version_conflict":
        raise VersionConflictError(detail, current_version=said.get("current_version", 0))
    if answer.status_code == httpx.codes.UNPROCESSABLE_ENTITY:
        raise InvalidError(detail, path=said.get("path"))
    raise HeliographError(detail)
