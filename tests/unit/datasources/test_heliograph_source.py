"""The built-in source over a real config database: what it answers, and to whom."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from fixtures.contexts import context_of

from heliograph.datasources.frame import Frame
from heliograph.datasources.query.model import Answer, Query
from heliograph.datasources.query.stages import Route
from heliograph.datasources.sources.base import SourceQuery
from heliograph.datasources.sources.heliograph import HeliographSource
from heliograph.datasources.sources.heliograph_alerts import NO_RULES, AlertTable
from heliograph.datasources.sources.registry import SourceKinds, Sources
from heliograph.datasources.timerange import TimeRange
from heliograph.errors import SourceError
from heliograph.scope import VIEW, Role, Scope
from heliograph.storage.config.alert_rows import RuleChange, StoredInstance
from heliograph.storage.config.alert_states import AlertStates
from heliograph.storage.config.annotations import Annotation, Annotations
from heliograph.storage.config.dashboards import Dashboards
from heliograph.storage.config.database import Database
from heliograph.storage.config.datasources import StoredSource
from heliograph.storage.config.folders import Access, Folders
from heliograph.storage.config.leases import LeaseTable
from heliograph.storage.config.rules import NewRule, Rules

ORG, NOW = 1, 1_700_000_000_000
EDITOR = Scope(ORG, Role.EDITOR, principal="user:7", user_id=7)
VIEWER = Scope(ORG, Role.VIEWER, principal="user:8", user_id=8)


@pytest.fixture
async def source(sqlite_config: str) -> AsyncIterator[HeliographSource]:
    """Two dashboards, one in a folder that editors alone may see, with an annotation on each and one on all."""
    database = Database(sqlite_config)
    dashboards, folders, annotations = Dashboards(database), Folders(database), Annotations(database)
    folder = await folders.create(ORG, "closed", "Closed")
    await folders.set_permissions(folder.id, {"role:editor": Access.EDIT})
    for name, folder_id in (("open", None), ("closed", folder.id)):
        config = {"title": name.title(), "tags": [name]}
        await dashboards.create(ORG, config, by="x", now_ms=NOW, dashboard_id=name, folder_id=folder_id)
        mark = Annotation(NOW + len(name), NOW + 5000, f"on {name}", ("deploy", name), name, "user:7")
        await annotations.create(ORG, mark)
    await annotations.create(ORG, Annotation(NOW + 1, NOW + 1, "on all", (), None, "user:7"))
    alerts = AlertTable(Rules(database), AlertStates(database))
    yield HeliographSource(annotations, dashboards, folders, alerts)
    await database.close()


async def ask(source: HeliographSource, query: Any, scope: Scope) -> Frame:
    answer = await source.query(SourceQuery(query, TimeRange(NOW, NOW + 60_000), 1.0, 100, scope, "q"))
    return answer.frames[0]


def column(frame: Frame, name: str) -> list[Any]:
    return list(next(field for field in frame.fields if field.name == name).values)


async def test_the_first_query_that_it_suggests_is_answered(source: HeliographSource) -> None:
    assert column(await ask(source, json.loads(HeliographSource.example), VIEWER.personal), "title") == ["Open"]


async def test_annotations_are_those_one_may_see_the_newest_first(source: HeliographSource) -> None:
    own = await ask(source, {"kind": "annotations"}, EDITOR.personal)
    assert column(own, "text") == ["on closed", "on open", "on all"]
    assert column(own, "tags") == ["deploy, closed", "deploy, open", ""]
    assert column(await ask(source, "annotations", VIEWER.personal), "text") == ["on open", "on all"]
    found = await ask(source, {"kind": "annotations", "tag": "deploy", "limit": 1}, EDITOR.personal)
    assert column(found, "text") == ["on closed"]


async def test_a_shared_view_shows_what_any_viewer_may_see_whoever_opened_it(source: HeliographSource) -> None:
    assert column(await ask(source, "annotations", EDITOR), "text") == ["on open", "on all"]
    assert column(await ask(source, "dashboards", EDITOR), "title") == ["Open"]
    assert column(await ask(source, "dashboards", EDITOR.personal), "title") == ["Closed", "Open"]


async def test_variables_offer_the_dashboards_and_tags_one_may_see(source: HeliographSource) -> None:
    range_ = TimeRange(NOW, NOW + 1)
    assert [one.value for one in await source.options("tags()", range_, EDITOR.personal)] == ["closed", "open"]
    assert [one.value for one in await source.options("tags()", range_, VIEWER.personal)] == ["open"]
    assert [one.text for one in await source.options("dashboards( )", range_, VIEWER.personal)] == ["Open"]
    with pytest.raises(SourceError, match=r"dashboards\(\) or tags\(\)"):
        await source.options("users()", range_, VIEWER.personal)


async def test_alerts_have_their_columns_and_no_rows_before_there_are_rules(source: HeliographSource) -> None:
    frame = await ask(source, {"kind": "alerts", "state": ["Firing"]}, VIEWER)
    assert (frame.rows, frame.name) == (0, NO_RULES)
    assert {"since", "value", "state", "rule", "instance", "summary"} <= {field.name for field in frame.fields}


async def test_alerts_are_those_of_rules_one_may_see(tmp_path: Path, source: HeliographSource) -> None:
    database = Database(f"sqlite:///{tmp_path / 'config.db'}")
    rules, states = Rules(database), AlertStates(database)
    closed = (await Folders(database).get(ORG, "closed")).id
    document = {"labels": {"severity": "page"}, "dashboard_id": "open", "panel_id": 3}
    for name, folder_id in (("load", None), ("secret", closed), ("calm", None)):
        new = NewRule(name, name.title(), "g", document, folder_id=folder_id)
        await rules.create(ORG, new, by="x", now_ms=NOW)
    (lease,) = await LeaseTable(database).take(["alerts/00"], "a/1", 60_000)
    labels = {"alertname": "Load", "severity": "page", "host": "a"}
    for name in ("load", "secret"):
        one = StoredInstance(ORG, name, "f", labels, {"summary": "high"}, "Firing", NOW, NOW, None, 0, 3.5, NOW)
        await states.commit(lease, [RuleChange(ORG, name, 1, [one])])
    frame = await ask(source, {"kind": "alerts"}, VIEWER)
    rows = list(zip(*(column(frame, name) for name in ("rule", "state", "instance", "summary", "url")), strict=True))
    url = "/d/open?viewPanel=3"
    assert rows == [("Load", "Firing", "host=a", "high", url), ("Calm", "Normal", "", "", url)]
    own = await ask(source, {"kind": "alerts", "state": ["Firing"]}, EDITOR.personal)
    assert sorted(column(own, "rule")) == ["Load", "Secret"]
    await database.close()


@pytest.mark.parametrize(
    ("query", "named"),
    [({}, "kind"), ({"kind": "users"}, "kind"), ({"kind": "alerts", "limit": 0}, "limit"), ("select 1", "kind")],
)
async def test_a_wrong_query_is_refused_naming_the_field(source: HeliographSource, query: Any, named: str) -> None:
    with pytest.raises(SourceError, match=named):
        await ask(source, query, VIEWER)


async def test_no_two_people_share_an_answer_but_those_who_watch_a_shared_view_do(source: HeliographSource) -> None:
    kinds = SourceKinds(context_of)
    kinds.register(HeliographSource, lambda *_: source)

    async def listing(_: int) -> list[StoredSource]:
        return [StoredSource("heliograph", "Heliograph", "heliograph", provisioned=True)]

    route = Route(Sources(kinds, (), listing, lambda: 0.0))
    reached: list[Query] = []

    async def following(query: Query) -> Answer:
        reached.append(query)
        return Answer(())

    shared = Scope(ORG, Role.EDITOR, principal=VIEW, user_id=7)
    for scope in (EDITOR, VIEWER, shared):
        await route(Query("annotations", TimeRange(NOW, NOW + 1), scope, "heliograph"), following)
    assert [query.scope.data_scope for query in reached] == ["user:7", "user:8", "shared"]
    assert reached[0].revision > 0
