"""Grafana's variables as ours; those of which there is no kind here are told of."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from pydantic import ValidationError

from ...datasources.variables.adhoc import Filter, read, written
from ...datasources.variables.declared import Variable
from ...faults import said
from .given import Given
from .sources import KINDS, NoSourceError, SourcesGiven

TYPES: Final = frozenset({"query", "custom", "constant", "textbox", "interval", "datasource", "adhoc"})
HIDE: Final[Mapping[Any, str]] = {0: "", 1: "label", 2: "variable", 3: "variable", "": ""}
TEXTS: Final = ("query", "expr", "rawSql", "rawQuery")
PLACEHOLDER: Final = re.compile(r"\$\{(VAR_\w+)\}")
AUTO: Final = "$__auto"
MAX_VARIABLES: Final = 100


def variables_of(document: Given, sources: SourcesGiven, constants: Mapping[str, str]) -> list[dict[str, Any]]:
    """All that can be carried over, each name once."""
    found: dict[str, dict[str, Any]] = {}
    for given in document.inner("templating").each("list"):
        made = _converted(given, sources, constants)
        if made is None:
            continue
        if made["name"] in found or len(found) == MAX_VARIABLES:
            given.notes.say(given.where, f"the variable {made['name']} is one too many")
            continue
        found[made["name"]] = made
    return list(found.values())


def _converted(given: Given, sources: SourcesGiven, constants: Mapping[str, str]) -> dict[str, Any] | None:
    kind, name = given.text("type"), given.text("name")
    given.leave(
        "id", "definition", "refresh", "options", "skipUrlSync", "error", "state", "index", "global", "rootStateKey"
    )
    given.leave("allFormat", "multiFormat", "tagsQuery", "tagValuesQuery", "useTags", "tags", "initLock", "selected")
    given.leave("refresh_on_load", "allowCustomValue", "auto_count", "auto_min", "staticOptions", "staticOptionsOrder")
    if kind == "switch":
        given.values = {
            **given.values,
            "query": ",".join(str(given.take(f"{one}Value", "")) for one in ("enabled", "disabled")),
        }
        kind = "custom"
    if kind not in TYPES:
        if kind not in ("system", "snapshot"):
            given.say("type", f"the variable {name} is of the type {kind or 'none'}, of which there is none here")
        return None
    made: dict[str, Any] = {"name": name, "type": kind, "hide": given.choice("hide", HIDE, default="")}
    if label := given.text("label"):
        made["label"] = label[:200]
    try:
        made |= _values(given, kind, sources, constants)
    except NoSourceError as error:
        given.say("datasource", f"the variable {name}: {error}")
        return None
    made |= _filters(given) if kind == "adhoc" else _choice(given, kind)
    given.rest()
    kept = {key: value for key, value in made.items() if value not in ("", 0, None)}
    return _fitting({**kept, "name": name}, given)


def _values(given: Given, kind: str, sources: SourcesGiven, constants: Mapping[str, str]) -> dict[str, Any]:
    """Where its values come from."""
    query = given.take("query", "")
    if kind == "query":
        asked = sources.asked(given.take("datasource"))
        made = {"query": _text(query), "regex": given.text("regex")}
        applied = given.take("regexApplyTo", "value")
        if applied != "value":
            given.say("regexApplyTo", "the pattern picks of values")
        return {**made, "datasource": asked.name, "sort": given.choice("sort", _sorts(), 0)}
    if kind == "adhoc":
        given.leave("sort", "regex", "current", "multi", "includeAll", "allValue", "hide", "defaultKeys", "applyMode")
        return {"datasource": sources.asked(given.take("datasource")).name}
    given.leave("datasource", "sort", "regex")
    if kind == "datasource":
        wanted = str(query)
        if wanted not in KINDS:
            raise NoSourceError(f"there are no data sources of the kind {wanted[:60]}")
        return {"query": KINDS[wanted], "regex": given.text("regex")}
    if kind == "custom" and given.take("valuesFormat") == "json":
        return {"query": ", ".join(_of_json(_text(query)))}
    text = PLACEHOLDER.sub(lambda match: constants.get(match[1], match[0]), _text(query))
    if kind == "interval" and given.flag("auto"):
        return {"query": f"auto : {AUTO},{text}"}
    return {"query": text}


def _sorts() -> Mapping[int, int]:
    return {number: number for number in range(9)}


def _text(query: Any) -> str:
    """The text of a query, which may be kept in an object of its source."""
    if isinstance(query, Mapping):
        found = next((query[key] for key in TEXTS if isinstance(query.get(key), str) and query[key]), None)
        return found if found is not None else json.dumps(query, ensure_ascii=False)
    return query if isinstance(query, str) else "" if query is None else str(query)


def _of_json(text: str) -> Iterator[str]:
    try:
        listed = json.loads(text)
    except (ValueError, RecursionError):
        return
    for one in listed if isinstance(listed, list) else []:
        if isinstance(one, Mapping) and one.get("value") is not None:
            shown, value = (str(one.get(key) or one["value"]).replace(",", r"\,") for key in ("text", "value"))
            yield f"{shown} : {value}"


def _filters(given: Given) -> dict[str, Any]:
    """The filters that it opens with."""
    found = []
    for one in given.each("filters"):
        one.leave(
            "condition", "valueLabels", "keyLabel", "origin", "forceEdit", "hidden", "restorable", "nonApplicable"
        )
        several, value = one.take("values"), one.text("value")
        values = tuple(map(str, several)) if isinstance(several, list) and several else (value,)
        made = Filter(one.text("key"), one.text("operator", "="), values)
        if read(written(made)) is None:
            one.say("operator", f"a filter on {made.key or 'nothing'} by {made.operator} is not carried over")
        else:
            found.append(written(made))
        one.rest()
    if given.take("baseFilters"):
        given.say("baseFilters", "filters that nobody sees are not carried over")
    given.leave("supportsMultiValueOperators")
    return {"current": found} if found else {}


def _choice(given: Given, kind: str) -> dict[str, Any]:
    """What may be chosen, and what is when it opens."""
    multi, every, written = given.flag("multi"), given.flag("includeAll"), given.text("allValue")
    made: dict[str, Any] = {}
    if kind in ("query", "custom", "datasource"):
        made |= {"multi": True} if multi else {}
        made |= {"include_all": True} if every else {}
        made |= {"all_value": written} if written else {}
    current = given.take("current", {})
    value = current.get("value") if isinstance(current, Mapping) else current
    if isinstance(value, list):
        texts = [str(one) for one in value if one not in (None, "")]
        value = texts if multi else next(iter(texts), None)
    if value in (None, "", [], {}) or kind in ("constant", "datasource"):
        return made  # which data source was chosen elsewhere means nothing here
    if isinstance(value, str) and value.startswith("$__auto_interval"):
        value = AUTO
    return {**made, "current": value if isinstance(value, list) else str(value)}


def _fitting(made: dict[str, Any], given: Given) -> dict[str, Any] | None:
    """The variable as ours takes it: without a pattern that cannot be run; None where it can be none at all."""
    for _ in range(2):
        try:
            Variable.model_validate(made)
        except ValidationError as error:
            fault = error.errors()[0]
            key, reason = str(fault["loc"][0]) if fault["loc"] else "", said(fault)
            given.notes.say(given.at(key), f"the variable {made['name']}: {reason}")
            if key in ("name", "type", "") or key not in made:
                return None
            made = {name: value for name, value in made.items() if name != key}
        else:
            return made
    return None
