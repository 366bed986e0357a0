"""The data of all panels of a view as one ZIP: each table as CSV, JSON and Arrow, and a list of what is in it."""

from __future__ import annotations

import asyncio
import io
import zipfile
from collections.abc import Sequence
from typing import Any, Final

from ...components.asking.source import PanelSource
from ...datasources.frame import Frame
from ...datasources.timerange import TimeRange
from ...errors import HeliographError, NotFoundError, TooLargeError
from ..http.strict_json import strict_json
from ..live.view import View
from ..pages.slug import slug
from .sheets import FORMS, sheet_of

POINTS: Final = 11_000  # of a series: as many as one query gives
AT_ONCE: Final = 4  # panels that are asked
MAX_TABLES: Final = 100  # of one panel
MAX_BYTES: Final = 128 * 10**6  # of all files, before they are packed
KINDS: Final = ("csv", "json", "arrow")
LIST: Final = "contents.json"


async def archived(view: View, panel_id: int | None = None) -> bytes:
    """All panels that ask, or that one alone; what failed is said in the list. NotFoundError, TooLargeError."""
    wanted = [head["id"] for head in view.heads() if view.has_panel(head["id"]) and panel_id in (None, head["id"])]
    if panel_id is not None and not wanted:
        raise NotFoundError(f"there is no panel {panel_id} here")
    sources = [source for source in map(view.source, wanted) if source.panel.all_targets()]
    turns, range_ = asyncio.Semaphore(AT_ONCE), TimeRange(*view.window)

    async def ask(source: PanelSource) -> list[Frame] | HeliographError:
        async with turns:
            try:
                answers = await source.answers(source.queries(range_, None, POINTS))
                return list(await source.transformed([frame for answer in answers for frame in answer.frames]))
            except HeliographError as error:
                return error

    found = await asyncio.gather(*map(ask, sources))
    about = {
        "dashboard_id": view.key.dashboard_id,
        "title": view.dashboard.title,
        "version": view.key.version,
        "from": range_.from_ms,
        "to": range_.to_ms,
        "variables": {one.variable.name: list(one.current) for one in view.variables},
    }
    return await asyncio.to_thread(_written, about, list(zip(sources, found, strict=True)))


def _written(about: dict[str, Any], panels: Sequence[tuple[PanelSource, list[Frame] | HeliographError]]) -> bytes:
    listed: list[dict[str, Any]] = []
    buffer, size = io.BytesIO(), 0
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for source, found in panels:
            entry = {"panel_id": source.panel.panel_id, "title": source.title, "type": source.panel.type}
            files: list[str] = []
            tables, fault = _files(source, found)
            for name, data in tables:
                size += len(data)
                if size > MAX_BYTES:
                    raise TooLargeError(f"an archive has at most {MAX_BYTES // 10**6} MB: save panels one by one")
                archive.writestr(name, data)
                files.append(name)
            listed.append({**entry, "files": files, **({"error": fault} if fault else {})})
        archive.writestr(LIST, strict_json({**about, "panels": listed}))
    return buffer.getvalue()


def _files(source: PanelSource, found: Sequence[Frame] | HeliographError) -> tuple[list[tuple[str, bytes]], str]:
    """Each table of a panel in each form, none where it has no data; and what is wrong with them."""
    if isinstance(found, HeliographError):
        return [], found.detail
    files: list[tuple[str, bytes]] = []
    for number in range(MAX_TABLES):
        try:
            sheet = sheet_of(found, number)
        except NotFoundError:
            break
        except HeliographError as error:  # series that have no instants in common, and too many of them
            return files, error.detail
        name = f"{source.panel.panel_id:02d}-{slug(source.title)}" + (f"-{number + 1}" if number else "")
        files += [(f"{name}.{kind}", FORMS[kind].write(sheet)) for kind in KINDS]
    return files, ""
