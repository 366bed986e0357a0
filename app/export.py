"""`heliograph export`: asks a running server for a file of a dashboard."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import httpx

from ..errors import HeliographError, InvalidError, SourceUnavailableError
from .share.standalone import size_text

ANSWERS_WITHIN_S = 120.0
FORMS = (".html", ".png", ".pdf", ".zip")
DRAWN = (".png", ".pdf")


@dataclass(frozen=True, slots=True)
class Wanted:
    """A dashboard, its range and values as texts (empty: its own), and one panel of it or None."""

    dashboard: str
    start: str = ""
    end: str = ""
    variables: tuple[tuple[str, str], ...] = ()
    panel: int | None = None
    width: int | None = None  # px, of a picture
    theme: str = ""


def save(wanted: Wanted, path: Path, *, url: str, token: str) -> str:
    """Write the file; what is said of it. HeliographError with what the server said, or where nothing answers."""
    if path.suffix not in FORMS:
        raise InvalidError(f"{path}: a dashboard is saved as {', '.join(FORMS)}", path="$.output")
    named = [("from", wanted.start), ("to", wanted.end), ("panel", str(wanted.panel or "")), ("theme", wanted.theme)]
    named += [("width", str(wanted.width or ""))] if path.suffix in DRAWN else []
    arguments: list[tuple[str, str | int | float | bool | None]] = [(name, value) for name, value in named if value]
    arguments += [(f"var-{name}", value) for name, value in wanted.variables]
    address = f"{url.rstrip('/')}/api/v1/dashboards/{quote(wanted.dashboard, safe='')}/export{path.suffix}"
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    try:
        answer = httpx.get(address, params=arguments, headers=headers, timeout=ANSWERS_WITHIN_S)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise SourceUnavailableError(f"{url} does not answer: {error}") from None
    if answer.status_code != httpx.codes.OK:
        raise HeliographError(_said(answer))
    try:
        path.write_bytes(answer.content)
    except OSError as error:
        raise InvalidError(f"{path}: {error.strerror}", path="$.output") from None
    return f"{path}: {size_text(len(answer.content))}"


def _said(answer: httpx.Response) -> str:
    try:
        return str(answer.json()["detail"])
    except (ValueError, KeyError, TypeError):
        return f"the server answered {answer.status_code}"
