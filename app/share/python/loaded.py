"""A server's dashboard in a notebook: its page as a file, renewed through the kernel by snapshots of its view."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import quote

import httpx

from ....errors import ForbiddenError, HeliographError, NotFoundError, SourceUnavailableError, UnauthenticatedError
from ...http.framed import unpack
from ..standalone import boot_of, with_boot
from .notebook import Renewal, Shown

ANSWERS_WITHIN_S: Final = 120.0
OPENED_ANEW: Final = (401, 404)  # a token that ran out, a view that ended
ERRORS: Final[Mapping[int, type[HeliographError]]] = {
    401: UnauthenticatedError,
    403: ForbiddenError,
    404: NotFoundError,
}


class RemoteFeed:
    """The shared view of a server, of which the kernel is one more viewer, by snapshots."""

    def __init__(self, url: str, dashboard: str, token: str, arguments: Sequence[tuple[str, str]], text: str) -> None:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._client = httpx.AsyncClient(base_url=url.rstrip("/"), headers=headers, timeout=ANSWERS_WITHIN_S)
        self._dashboard = dashboard
        self._arguments = list(arguments)
        self._text = text
        self._view: dict[str, Any] | None = None

    async def page(self, channel: str) -> str:
        return with_boot(self._text, {"channel": channel})

    async def next(self) -> Renewal:
        answer = await self._snapshot()
        if answer.status_code in OPENED_ANEW:
            self._view = None
            answer = await self._snapshot()
        data = checked(answer).content
        head, _ = unpack(data)
        window = head["window"]
        boot = {"window": window, "range": {"from": str(window[0]), "to": str(window[1])}}
        marks = json.dumps(head.get("annotations", {})).encode()
        return Renewal(boot, {"snapshot": data, "annotations": marks})

    async def _snapshot(self) -> httpx.Response:
        if self._view is None:
            arguments = {"dashboard": self._dashboard, **grouped(self._arguments)}
            self._view = checked(await self._get("/live/open", params=arguments)).json()
        view = self._view
        assert view is not None
        ids = ",".join(str(one["id"]) for one in view["panels"] if one["type"] != "row")
        headers = {"X-Heliograph-Token": view["token"]}
        return await self._get(f"/live/{view['view']}/panels", params={"ids": ids}, headers=headers)

    async def _get(self, path: str, **how: Any) -> httpx.Response:
        try:
            return await self._client.get(path, **how)
        except httpx.HTTPError as error:
            raise SourceUnavailableError(f"{self._client.base_url} does not answer: {error}") from None

    async def close(self) -> None:
        await self._client.aclose()


def load(
    url: str,
    dashboard_id: str,
    token: str = "",
    *,
    start: str = "",
    end: str = "",
    variables: Mapping[str, str | Sequence[str]] | None = None,
    refresh_s: float = 5.0,
    height: int | None = None,
) -> Shown:
    """Show a server's dashboard in a notebook, through this kernel: a browser that cannot reach the server sees it.

    `start` and `end` are its range ("now-6h"; the dashboard's own where empty), `variables` values by name. What moves
    is asked each `refresh_s` seconds; 0: it stands still. Long tables and pictures of density stay those of the start.
    NotFoundError where it is not there for this token; HeliographError with what the server says otherwise.
    """
    arguments = [(name, value) for name, value in (("from", start), ("to", end)) if value]
    for name, values in (variables or {}).items():
        arguments += [(f"var-{name}", one) for one in ([values] if isinstance(values, str) else values)]
    path = f"{url.rstrip('/')}/api/v1/dashboards/{quote(dashboard_id, safe='')}/export.html"
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    try:
        answer = httpx.get(path, params=grouped(arguments), headers=headers, timeout=ANSWERS_WITHIN_S)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise SourceUnavailableError(f"{url} does not answer: {error}") from None
    text = checked(answer).text
    boot_of(text)
    return Shown(RemoteFeed(url, dashboard_id, token, arguments, text), height=height, refresh_s=refresh_s)


def grouped(arguments: Sequence[tuple[str, str]]) -> dict[str, list[str]]:
    """The values of each argument."""
    found: dict[str, list[str]] = {}
    for name, value in arguments:
        found.setdefault(name, []).append(value)
    return found


def checked(answer: httpx.Response) -> httpx.Response:
    """An answer that is one; the server's own error otherwise."""
    if answer.is_success:
        return answer
    try:
        detail = str(answer.json()["detail"])
    except (ValueError, KeyError, TypeError):
        detail = f"the server answered {answer.status_code}"
    raise ERRORS.get(answer.status_code, HeliographError)(detail)
