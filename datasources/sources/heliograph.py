"""The built-in source of what Heliograph itself knows: annotations, alerts, dashboards, as far as the asker may see."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ...declared import Spec
from ...errors import SourceError
from ...faults import said
from ...scope import SHARED, Role, Scope
from ...storage.config.annotations import Annotations
from ...storage.config.dashboards import Dashboards
from ...storage.config.folders import Folders
from ..frame import Field as Column
from ..frame import Frame
from ..timerange import TimeRange
from .base import Health, Source, SourceAnswer, SourceQuery, VariableOption
from .heliograph_alerts import AlertTable, Seen

UID: Final = "heliograph"
GENERATION_S = 2.0
Kind = Literal["annotations", "alerts", "alert_events", "alert_states", "dashboards"]


class HeliographQuery(Spec):
    """`{"kind": "annotations", "tag": "deploy", "limit": 50}`.

    `kind`: annotations, dashboards, alerts as they are, alert_events of the range, or alert_states, a series of states
    of each instance. Annotations have the `tag` and all of `tags`; with `match_any` one of them is enough. `rule_id`
    leaves the alerts of one rule.
    """

    kind: Kind = Field(description="What is listed.")
    tag: str = Field("", max_length=100, description="Only annotations with this tag.")
    tags: list[Annotated[str, Field(min_length=1, max_length=100)]] = Field(
        default_factory=list, max_length=20, description="Only annotations with all of these tags."
    )
    match_any: bool = Field(False, description="One of the tags is enough.")
    dashboard_id: str | None = Field(
        None, max_length=64, title="Dashboard", description="Only those of this dashboard."
    )
    rule_id: str = Field("", max_length=64, title="Rule", description="Only the alerts of this rule.")
    state: list[Literal["Normal", "Pending", "Firing", "NoData", "Error"]] = Field(
        default_factory=list, max_length=5, title="States", description="Only alerts in one of these states."
    )
    search: str = Field("", max_length=200, description="Only what has this text in it.")
    limit: int = Field(100, ge=1, le=1000, description="At most so many.")


class HeliographConfig(BaseModel):
    """It has no options."""

    model_config = ConfigDict(extra="forbid")


class HeliographSource(Source):
    """Answers tables. In a view that many share it shows what every viewer of the org may see, no more."""

    kind = UID
    title = "Heliograph"
    icon = "☼"
    Config = HeliographConfig
    Query = HeliographQuery
    url_form = ""
    built_in = True
    language = "json"
    example = '{"kind": "dashboards"}'
    personal = True

    def __init__(self, annotations: Annotations, dashboards: Dashboards, folders: Folders, alerts: AlertTable) -> None:
        self._alerts = alerts
        self._annotations = annotations
        self._dashboards = dashboards
        self._folders = folders
        self._answers: Mapping[str, Callable[[SourceQuery, HeliographQuery], Awaitable[Sequence[Frame]]]] = {
            "annotations": self._find_annotations,
            "alerts": self._find_alerts,
            "alert_events": self._find_alert_events,
            "alert_states": self._find_alert_states,
            "dashboards": self._find_dashboards,
        }

    @property
    def generation(self) -> int:
        """What is said about the past changes whenever somebody adds to it: no answer is kept for long."""
        return int(time.time() / GENERATION_S)

    async def query(self, query: SourceQuery) -> SourceAnswer:
        wanted = parse(query.query)
        found = await self._answers[wanted.kind](query, wanted)
        return SourceAnswer(tuple(found), executed=wanted.model_dump_json(exclude_defaults=True))

    async def _find_annotations(self, query: SourceQuery, wanted: HeliographQuery) -> Sequence[Frame]:
        scope, range_ = query.scope, query.range
        found = await self._annotations.find(
            scope.org,
            range_.from_ms,
            range_.to_ms,
            dashboard_id=wanted.dashboard_id,
            tags=[*wanted.tags, *([wanted.tag] if wanted.tag else [])],
            any_tag=wanted.match_any,
        )
        seen = await self._seen(scope, {one.dashboard_id for one in found if one.dashboard_id})
        shown = [one for one in found if one.dashboard_id is None or one.dashboard_id in seen][-wanted.limit :]
        shown.reverse()
        frame = Frame(
            (
                Column.time([one.time_ms for one in shown]),
                Column.time([one.end_ms for one in shown], "end"),
                Column.string("text", [one.text for one in shown]),
                Column.string("tags", [", ".join(one.tags) for one in shown]),
                Column.string("dashboard", [one.dashboard_id for one in shown]),
                Column.string("by", [one.created_by for one in shown]),
            ),
            name="annotations",
        )
        return [frame]

    async def _find_alerts(self, query: SourceQuery, wanted: HeliographQuery) -> Sequence[Frame]:
        seen = Seen(query.scope.org, await self._folders.hidden(sight(query.scope)), wanted.rule_id)
        return [await self._alerts.frame(seen, wanted.state, wanted.search, wanted.limit)]

    async def _find_alert_events(self, query: SourceQuery, wanted: HeliographQuery) -> Sequence[Frame]:
        seen = Seen(query.scope.org, await self._folders.hidden(sight(query.scope)), wanted.rule_id)
        return [await self._alerts.events(seen, query.range, wanted.limit)]

    async def _find_alert_states(self, query: SourceQuery, wanted: HeliographQuery) -> Sequence[Frame]:
        seen = Seen(query.scope.org, await self._folders.hidden(sight(query.scope)), wanted.rule_id)
        return await self._alerts.states(seen, query.range, wanted.limit)

    async def _find_dashboards(self, query: SourceQuery, wanted: HeliographQuery) -> Sequence[Frame]:
        hidden = await self._folders.hidden(sight(query.scope))
        found, _ = await self._dashboards.list(
            query.scope.org, query=wanted.search, tag=wanted.tag, limit=min(wanted.limit, 500), hidden_folders=hidden
        )
        frame = Frame(
            (
                Column.string("title", [one.title for one in found]),
                Column.string("tags", [", ".join(one.tags) for one in found]),
                Column.time([one.updated_at for one in found], "updated"),
                Column.string("by", [one.updated_by for one in found]),
                Column.number("version", [one.version for one in found]),
                Column.string("url", [f"/d/{one.dashboard_id}" for one in found]),
            ),
            name="dashboards",
        )
        return [frame]

    async def _seen(self, scope: Scope, dashboard_ids: set[str]) -> set[str]:
        """Those of the dashboards that the asker may see."""
        if not dashboard_ids:
            return set()
        hidden = await self._folders.hidden(sight(scope))
        folders = await self._dashboards.folders_of(scope.org, dashboard_ids)
        return {dashboard_id for dashboard_id, folder in folders.items() if folder not in hidden}

    async def options(self, query: str, range_: TimeRange, scope: Scope) -> Sequence[VariableOption]:
        """`dashboards()` or `tags()`."""
        asked = query.replace(" ", "")
        if asked == "tags()":
            hidden = await self._folders.hidden(sight(scope))
            found, _ = await self._dashboards.list(scope.org, limit=500, hidden_folders=hidden)
            return [VariableOption(tag, tag) for tag in sorted({tag for one in found for tag in one.tags})]
        if asked == "dashboards()":
            hidden = await self._folders.hidden(sight(scope))
            found, _ = await self._dashboards.list(scope.org, limit=500, hidden_folders=hidden)
            return [VariableOption(one.dashboard_id, one.title) for one in found]
        raise SourceError("a variable asks Heliograph for dashboards() or tags()")

    async def test(self) -> Health:
        return Health(ok=True, message="built in")

    def chunkable(self, query: SourceQuery) -> bool:
        return False

    async def close(self) -> None:
        """It holds nothing of its own."""


def sight(scope: Scope) -> Scope:
    """With whose eyes a question is answered: the asker's own, or any viewer's where the answer is shared."""
    return scope if scope.data_scope != SHARED else Scope(scope.org, Role.VIEWER)


def parse(query: str | Mapping[str, Any]) -> HeliographQuery:
    """The query of a target; the name of a kind is short for all of it. SourceError naming what is wrong."""
    document = {"kind": query.strip()} if isinstance(query, str) else dict(query)
    try:
        return HeliographQuery.model_validate(document)
    except ValidationError as error:
        fault = error.errors(include_url=False, include_input=False)[0]
        raise SourceError(f"{'.'.join(str(part) for part in fault['loc'])}: {said(fault)}") from None
