"""What a panel of Grafana asks, as our targets; what nobody here answers is told of."""

from __future__ import annotations

import re
import string
from collections.abc import Mapping
from typing import Any, Final

from pydantic import ValidationError

from ...datasources.expressions.declared import EXPRESSIONS
from ...datasources.sources.elastic_grafana import translated
from ...errors import InvalidError
from ..checked import check_least_step
from ..panel_spec import Target
from . import altinity
from .given import Given
from .sources import ALTINITY, NoSourceError, SourcesGiven
from .targets import MIXED, from_grafana

MAX_TARGETS: Final = 26
MAX_FACTOR: Final = 100
REF: Final = re.compile(r"[A-Za-z0-9_]{1,16}", re.ASCII)
ELASTIC: Final = ("query", "metrics", "bucketAggs", "timeField", "alias", "isLogsQuery")
TEXTS: Final = ("expr", "rawSql", "query", "rawQuery", "customSql", "queryText")  # in the order of what counts
TABLES: Final = ("table", 1, "1")
# The state of editors, and what their servers once said.
LEFT: Final = (
    "datasource refId key editorMode editorType queryType range useBackend fullMetaSearch includeNullMetadata "
    "disableTextWrap step metric target legendLink calculatedInterval datasourceErrors errors requestId dsType "
    "rawQuery group metricColumn select timeColumn timeColumnType where sql table dataset builderOptions meta "
    "pluginVersion format database dateColDataType dateLoading dateTimeColDataType dateTimeType datetimeLoading "
    "extrapolate resultFormat round skip_comments tableLoading formattedQuery scenarioId groupBy orderByTime policy "
    "tags measurement rawEditor selectedFormat dateTimeColDataType contextWindowSize add_metadata adHocFilters "
    "showFormattedSQL showHelp adHocValuesQuery useWindowFuncForMacros nullifySparse intervalMs maxDataPoints hide "
    "metrics bucketAggs timeField alias isLogsQuery tableType qryType limit location project"
)


def targets_of(panel: Given, sources: SourcesGiven) -> tuple[str | None, list[dict[str, Any]], dict[str, str]]:
    """The panel's source, its targets, and the refs that had to be called otherwise: theirs to ours."""
    own = panel.take("datasource")
    listed = [*panel.each("targets")]
    renamed = _refs(listed)
    found: list[dict[str, Any]] = []
    for at, given in enumerate(listed):
        if len(found) == MAX_TARGETS:
            given.notes.say(given.where, f"a panel has at most {MAX_TARGETS} queries")
            break
        made = _target(given, own, sources, renamed[at])
        if made is not None:
            found.append(made)
    names = {one.get("datasource") for one in found if one.get("datasource") != EXPRESSIONS}
    mixed = len(names) > 1
    changed = {str(one.values.get("refId")): renamed[at] for at, one in enumerate(listed) if one.values.get("refId")}
    changed = {theirs: ours for theirs, ours in changed.items() if theirs != ours}
    if mixed:
        return MIXED, found, changed
    for one in found:
        if one.get("datasource") != EXPRESSIONS:
            one.pop("datasource", None)
    return next(iter(names), None), found, changed


def _refs(listed: list[Given]) -> list[str]:
    """A ref for each, as ours are called: Grafana takes any text, and the same one twice."""
    taken: set[str] = set()
    given = [str(one.values.get("refId") or "") for one in listed]
    free = (name for name in [*string.ascii_uppercase, *(f"Q{n}" for n in range(1000))] if name not in given)
    found = []
    for ref in given:
        ours = ref if REF.fullmatch(ref) and ref not in taken else next(free)
        taken.add(ours)
        found.append(ours)
    return found


def _target(given: Given, own: Any, sources: SourcesGiven, ref: str) -> dict[str, Any] | None:
    named = given.take("datasource")
    if named is None or (named == own and not _is_mixed(own)):
        named = None if _is_mixed(own) else own
    try:
        asked = sources.asked(named)
    except NoSourceError as error:
        given.notes.say(given.where, f"the query {ref} is left out: {error}")
        return None
    if sources.is_guess(named):
        given.notes.say(
            given.at("datasource"), f"there is no such data source here: the usual one of {asked.kind} is asked"
        )
    made: dict[str, Any] = {"ref": ref, "hidden": given.flag("hide"), "datasource": asked.name}
    try:
        if asked.name == EXPRESSIONS:
            return _checked({**from_grafana({**given.values, "refId": ref}), **made}, given)
        made["query"] = _query(given, asked.kind, made)
    except (InvalidError, ValueError) as error:
        given.notes.say(given.where, f"the query {ref} is left out: {error}")
        return None
    if made["query"] in ("", {}):
        given.notes.say(given.where, f"the query {ref} is left out: it asks nothing")
        return None
    _how(given, made)
    return _checked(made, given)


def _is_mixed(own: Any) -> bool:
    return MIXED in (own, own.get("uid") if isinstance(own, Mapping) else None)


def _query(given: Given, kind: str, made: dict[str, Any]) -> str | dict[str, Any]:
    """The query itself: text, or what is asked of Elasticsearch in our words."""
    if isinstance(given.values.get("bucketAggs"), list) or kind in ("elasticsearch", "grafana-opensearch-datasource"):
        asked = translated({key: given.take(key) for key in ELASTIC if key in given.values})
        return {key: value for key, value in asked.items() if value not in ("", None)}
    texts = {key: given.values[key] for key in TEXTS if isinstance(given.values.get(key), str)}
    found = next((text for text in texts.values() if text), "")
    given.leave(*TEXTS)
    if kind == ALTINITY and found:
        return altinity.translated(found, given)
    return str(found)


def _how(given: Given, made: dict[str, Any]) -> None:
    """How it is asked, and what its series are called."""
    legend = given.text("legendFormat")
    if legend:
        made["legend"] = legend[:1000]
    step = given.text("interval").strip()
    if step:
        try:
            made["interval"] = check_least_step(step)
        except ValueError:
            given.say("interval", f"{step[:40]} is no least step")
    if given.take("instant"):
        if given.values.get("range"):
            given.say("range", "the last instant alone is asked, and not the range too")
        made["instant"] = True
    if given.values.get("format") in TABLES:
        made["options"] = {"format": "table"}
    if given.flag("exemplar"):
        given.say("exemplar", "exemplars are not shown")
    factor = given.number("intervalFactor")
    if factor and factor > 1:
        made["resolution"] = int(min(factor, MAX_FACTOR))
    given.leave(*LEFT.split())
    given.rest()


def _checked(made: dict[str, Any], given: Given) -> dict[str, Any] | None:
    try:
        Target.model_validate(made)
    except ValidationError as error:
        fault = error.errors()[0]
        given.notes.say(
            given.where, f"the query {made['ref']} is left out: {fault['msg'].removeprefix('Value error, ')}"
        )
        return None
    return {key: value for key, value in made.items() if value not in (False, None)}
