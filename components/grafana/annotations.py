"""The annotation queries of a Grafana dashboard as ours: its `annotations.list`, and version 2's list of specs."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from ...datasources.sources.registry import GRAFANA_KINDS
from ..colors import is_color

# Grafana's own source of annotations, by the names that it and its forks give it.
OWN: Final = re.compile(r"-- \w+ --|(?:-- )?grafana(?: --)?")
PLACEHOLDER: Final = re.compile(r"\$\{DS_\w+\}")  # what an exported dashboard asks for when it is imported
QUERY_KEYS: Final = ("expr", "rawSql", "rawQuery", "customSql", "query", "queryText")
ASKS_WITHOUT_WORDS: Final = "*"
FIELDS: Final[Mapping[str, Sequence[str]]] = {
    "time": ("timeField",),
    "time_end": ("timeEndField",),
    "title": ("titleField", "titleColumn"),
    "text": ("textField", "textColumn"),
    "tags": ("tagsField", "tagsColumn"),
}
MAPPED: Final[Mapping[str, str]] = {
    "time": "time",
    "timeEnd": "time_end",
    "title": "title",
    "text": "text",
    "tags": "tags",
}
LIMITS: Final = range(1, 1001)
MAX_NAMES = 1000


def from_grafana(value: Any) -> Any:
    """Our list for `{"list": […]}` or for version 2's list of `{"kind": "AnnotationQuery", "spec": …}`; else the value.

    What has no counterpart here (unknown colours, limits out of bounds) is left to its default.
    """
    if isinstance(value, Mapping) and isinstance(value.get("list"), list):
        return _all(value["list"])
    if isinstance(value, list) and any(isinstance(one, Mapping) and "spec" in one for one in value):
        return _all([one["spec"] if isinstance(one, Mapping) and "spec" in one else one for one in value])
    return value


def _all(entries: Sequence[Any]) -> list[Any]:
    """The entries converted, names made unique; what is no object stays, for its fault to be named."""
    taken: set[str] = set()
    found: list[Any] = []
    for entry in entries:
        if not isinstance(entry, Mapping):
            found.append(entry)
            continue
        made = _converted(entry)
        if made.get("builtin") and any(isinstance(one, dict) and one.get("builtin") for one in found):
            continue
        made["name"] = _free(str(made["name"]), taken)
        taken.add(made["name"])
        found.append(made)
    return found


def _free(name: str, taken: set[str]) -> str:
    numbered = (f"{name} {number}" for number in range(2, MAX_NAMES))
    return name if name not in taken else next(one for one in numbered if one not in taken)


def _converted(entry: Mapping[str, Any]) -> dict[str, Any]:
    """One entry of Grafana's as one of ours."""
    made: dict[str, Any] = {
        "name": str(entry.get("name") or "Annotations")[:200],
        "enable": bool(entry.get("enable", True)),
        "hide": bool(entry.get("hide", False)),
    }
    color = entry.get("iconColor")
    if isinstance(color, str) and is_color(color):
        made["color"] = color
    if entry.get("builtIn"):
        return {**made, "builtin": True}
    target = _target(entry)
    source = _source(entry)
    made["datasource"] = source
    made["query"] = _own_query(target) if source == "heliograph" else _query(target)
    return {**made, **_words(entry), **_bounds(entry)}


def _target(entry: Mapping[str, Any]) -> Mapping[str, Any]:
    """The query's own settings: Grafana kept them beside the name, then in `target`, and in version 2 in `query`."""
    query = entry.get("query")
    nested = query.get("spec") if isinstance(query, Mapping) else None
    target = entry.get("target")
    return {
        **entry,
        **(target if isinstance(target, Mapping) else {}),
        **(nested if isinstance(nested, Mapping) else {}),
    }


def _source(entry: Mapping[str, Any]) -> str | None:
    """The uid or name of its source; the type where an export left a placeholder."""
    named, query = entry.get("datasource"), entry.get("query")
    kind = ""
    if isinstance(query, Mapping):
        kind, named = str(query.get("group") or ""), query.get("datasource") or named
    if isinstance(named, Mapping):
        kind = kind or str(named.get("type") or "")
        named = named.get("uid") or named.get("name")
    if OWN.fullmatch(str(named or "")) or kind in ("grafana", "datasource"):
        return "heliograph"
    if not named or PLACEHOLDER.fullmatch(str(named)):
        return GRAFANA_KINDS.get(kind, kind)[:128] or None
    return str(named)[:128]


def _query(target: Mapping[str, Any]) -> str | dict[str, Any]:
    """The text of the query; where a source has it without words, all that it finds."""
    found = next((target[key] for key in QUERY_KEYS if isinstance(target.get(key), str) and target[key].strip()), None)
    return found or ASKS_WITHOUT_WORDS


def _own_query(target: Mapping[str, Any]) -> dict[str, Any]:
    """What Grafana's own source is asked: by tags, or of this dashboard."""
    query: dict[str, Any] = {"kind": "annotations"}
    tags = target.get("tags")
    if target.get("type") == "dashboard":
        query["dashboard_id"] = "$__dashboard"
    elif isinstance(tags, list) and tags:
        query |= {"tags": [str(tag) for tag in tags], "match_any": bool(target.get("matchAny"))}
    if target.get("limit") in LIMITS:
        query["limit"] = target["limit"]
    return query


def _words(entry: Mapping[str, Any]) -> dict[str, Any]:
    """What titles, texts and tags are made of, and which columns they stand in."""
    made: dict[str, Any] = {}
    for ours, theirs in (("title_format", "titleFormat"), ("text_format", "textFormat")):
        if isinstance(entry.get(theirs), str) and entry[theirs]:
            made[ours] = entry[theirs]
    keys = entry.get("tagKeys")
    if isinstance(keys, str) and keys.strip():
        made["tag_keys"] = [key.strip() for key in keys.split(",") if key.strip()]
    fields = {ours: next((entry[key] for key in keys if entry.get(key)), None) for ours, keys in FIELDS.items()}
    mappings = entry.get("mappings")
    for theirs, ours in MAPPED.items():
        one = mappings.get(theirs) if isinstance(mappings, Mapping) else None
        if isinstance(one, Mapping) and one.get("source", "field") == "field" and one.get("value"):
            fields[ours] = one["value"]
    named = {key: value for key, value in fields.items() if isinstance(value, str)}
    return {**made, **({"fields": named} if named else {})}


def _bounds(entry: Mapping[str, Any]) -> dict[str, Any]:
    """Step, limit, the panels it is drawn on."""
    made: dict[str, Any] = {"value_is_time": bool(entry.get("useValueForTime"))}
    if isinstance(entry.get("step"), str) and re.fullmatch(r"\d+(ms|s|m|h|d|w)", entry["step"]):
        made["interval"] = entry["step"]
    if entry.get("limit") in LIMITS:
        made["limit"] = entry["limit"]
    only = entry.get("filter")
    if isinstance(only, Mapping):
        ids = [one for one in only.get("ids") or [] if isinstance(one, int)]
        made["filter"] = {"exclude": bool(only.get("exclude")), "ids": ids}
    return made
