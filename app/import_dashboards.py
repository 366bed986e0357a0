"""`heliograph import dashboard.json`: dashboards of Grafana made ours, without a server running."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ..components.grafana.convert import Converted, converted
from ..components.grafana.envelope import is_of_grafana
from ..components.panels.registry import PanelRegistry
from ..components.saved import as_config
from ..components.spec import Dashboard, parse_dashboard
from ..errors import HeliographError, InvalidError, NotFoundError
from ..scope import DEFAULT_ORG
from ..storage.config.dashboards import Dashboards
from ..storage.config.folders import Folders
from .accounts import now_ms, opened
from .api.body import MAX_DOCUMENT, parse_json
from .settings import Settings

BY = "command line"
MESSAGE = "Imported from Grafana"


def read_dashboard(path: Path) -> Mapping[str, Any]:
    """The document of a file; InvalidError, MalformedError where it is no dashboard of Grafana."""
    try:
        body = path.read_bytes()
    except OSError as error:
        raise InvalidError(f"{path}: {error.strerror or error}") from None
    if len(body) > MAX_DOCUMENT:
        raise InvalidError(f"{path}: a dashboard has at most {MAX_DOCUMENT // 2**20} MB")
    try:
        document = parse_json(body)
    except HeliographError as error:
        raise error.of(str(path)) from None
    if not is_of_grafana(document):
        raise InvalidError(f"{path}: not a dashboard of Grafana")
    return document


async def import_dashboards(
    settings: Settings, paths: Sequence[Path], panels: PanelRegistry, *, folder: str = "", chosen: Mapping[str, str]
) -> str:
    """Make the dashboards of files, or change those that were imported before; all of them are read first.

    `chosen`: our data source by Grafana's. What was done, and each note, in lines.
    """
    read = [(path, converted(read_dashboard(path), panels, chosen=chosen)) for path in paths]
    lines: list[str] = []
    async with opened(settings) as database:
        kept = Dashboards(database)
        folder_id = (await Folders(database).get(DEFAULT_ORG, folder)).id if folder else None
        for path, made in read:
            dashboard_id = await _keep(kept, parse_dashboard(made.document), folder_id)
            lines += [*(f"{path}: {note}" for note in made.notes), f"{path}: {dashboard_id}, {counted(made)}"]
    return "\n".join(lines)


async def _keep(kept: Dashboards, dashboard: Dashboard, folder_id: int | None) -> str:
    config: Mapping[str, Any] = as_config(dashboard)
    saved: dict[str, Any] = {"by": BY, "now_ms": now_ms(), "message": MESSAGE}
    if dashboard.dashboard_id:
        try:
            before = await kept.get(DEFAULT_ORG, dashboard.dashboard_id)
        except NotFoundError:
            pass
        else:
            await kept.update(DEFAULT_ORG, before.dashboard_id, config, version=before.version, **saved)
            return before.dashboard_id
    made = await kept.create(DEFAULT_ORG, config, dashboard_id=dashboard.dashboard_id, folder_id=folder_id, **saved)
    return made.dashboard_id


def counted(made: Converted) -> str:
    """How its panels were carried over, in words."""
    panels = made.panels
    return f"{panels.whole} panels as they were, {panels.noted} with notes, {panels.left_out} left out"
