"""`POST /rules/import`: the rules of a Prometheus rule file. Those that were imported before are replaced."""

from __future__ import annotations

import asyncio
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from ...alerting.evaluation.asking import Asker
from ...alerting.rules.checking import check_queries, check_sources
from ...alerting.rules.durations import Interval
from ...alerting.rules.keeping import as_new_of_prometheus
from ...alerting.rules.prometheus_file import SOURCE, Fault, Placed, Reading
from ...alerting.rules.yaml_texts import MAX_BYTES
from ...errors import HeliographError, InvalidError, NotFoundError
from ...scope import Role
from ...storage.config.folders import Access
from ...storage.config.rules import StoredRule
from .alert_shapes import Imported
from .routing import Reply, Request, Route, Routes
from .rules import asker_of, folder_for

CHECKED_AT_ONCE = 8  # queries of a file: a source has room for those of others


class ImportArguments(BaseModel):
    """`folder`: the uid of that the rules go to; `datasource`: who answers their queries; `interval`: of groups that
    have none."""

    model_config = ConfigDict(extra="forbid")

    folder: Annotated[str, Field(max_length=64)] = ""
    datasource: Annotated[str, Field(max_length=128)] = SOURCE
    interval: Interval = "1m"


async def import_(request: Request) -> Reply:
    """Bring the rules of a file of Prometheus; what cannot be taken is told with its path, and stops no other."""
    wanted: ImportArguments = request.arguments
    folder_id = await folder_for(request, wanted.folder)
    how = Reading(wanted.folder, wanted.datasource, wanted.interval)
    found = await request.means.rule_reader.read(request.body, how, request.person.key)
    if found.rules and not await request.queries.sources.type_of(request.org, wanted.datasource):
        raise InvalidError(f"there is no data source {wanted.datasource}", path="$.datasource")
    asker, room = asker_of(request), asyncio.Semaphore(CHECKED_AT_ONCE)
    kept = await asyncio.gather(*(_checked(request, placed, asker, room) for placed in found.rules))
    faults = [*found.faults, *(one for one in kept if isinstance(one, Fault))]
    items = []
    for placed in (one for one in kept if isinstance(one, Placed)):
        try:
            items.append(await _keep(request, placed, folder_id))
        except HeliographError as error:
            faults.append(Fault(placed.path, error.detail))
    return Reply(
        {
            "items": [{"rule_id": one.rule_id, "title": one.title} for one in items],
            "faults": [{"path": one.path, "detail": one.detail} for one in faults],
        }
    )


async def _checked(request: Request, placed: Placed, asker: Asker, room: asyncio.Semaphore) -> Placed | Fault:
    """The rule, or what its source says against its query."""
    try:
        await check_sources(placed.rule, request.org, request.queries.sources)
        async with room:
            await check_queries(placed.rule, request.org, asker, request.now_ms)
    except InvalidError as error:
        return Fault(f"{placed.path}.expr", error.detail)
    return placed


async def _keep(request: Request, placed: Placed, folder_id: int | None) -> StoredRule:
    """Make the rule, or the next version of one that was imported before; one that is the same stays as it is."""
    rules, by, now_ms = request.config.rules, request.identity.scope.principal, request.now_ms
    new = as_new_of_prometheus(placed, folder_id)
    try:
        before = await rules.get(request.org, new.rule_id)
    except NotFoundError:
        return await rules.create(request.org, new, by=by, now_ms=now_ms)
    if await request.config.folders.access(request.identity.scope, before.folder_id) is Access.NONE:
        raise InvalidError(f"there is another rule {before.rule_id}")
    if before.origin or before.folder_id != folder_id:
        where = f"the file {before.origin}" if before.origin else f"the folder {before.folder or 'at the root'}"
        raise InvalidError(f"the rule {before.rule_id} is in {where} already")
    if (before.config, before.position) == (dict(new.config), new.position):
        return before
    return await rules.update(request.org, new, version=before.version, by=by, now_ms=now_ms)


def register(routes: Routes) -> None:
    """The routes of this resource."""
    routes.add(
        Route(
            "POST",
            "/rules/import",
            Role.EDITOR,
            import_,
            "Make the rules of a Prometheus rule file, in YAML",
            arguments=ImportArguments,
            text_body=True,
            shape=Imported,
            most_bytes=MAX_BYTES,
        )
    )
