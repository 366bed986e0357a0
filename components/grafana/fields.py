"""Grafana's field configuration as our field options: units, colours, thresholds, mappings, links, and overrides."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

from ..colors import is_color
from ..palettes import MODES
from .given import Given, as_number

Options = dict[str, Any]
Custom = Callable[[Given], Options]
SPECIAL: Final = ("null", "nan", "null+nan", "true", "false", "empty")
COLORBLIND, OWN_PALETTE = "palette-colorblind", "palette"  # ours is told apart by people with any sight
RANGE, REGEX, VALUE = "range", "regex", "value"
MATCHERS: Final[Mapping[str, str]] = {
    "byName": "name",
    "byRegexp": "regex",
    "byFrameRefID": "target",
    "byType": "type",
}
TYPES: Final = frozenset({"number", "string", "boolean", "time"})
MAX_STEPS: Final = 20
MAX_LINKS: Final = 20


def defaults_of(config: Given, custom: Custom) -> Options:
    """The options of all fields; `custom` has those of the panel's type."""
    defaults = config.inner("defaults")
    made = {**common(defaults), **custom(defaults.inner("custom"))}
    defaults.leave("unitScale", "nullValueMode", "filterable", "fieldMinMax", "writeable", "path", "custom")
    defaults.rest()
    return made


def common(given: Given) -> Options:
    """What every type shares, by our names."""
    made: Options = {}
    unit = given.text("unit")
    if unit:
        made["unit"] = unit[:64]
    decimals = given.number("decimals")
    if decimals is not None:
        made["decimals"] = int(max(0, min(10, decimals)))
    for key in ("min", "max"):
        number = given.number(key)
        if number is not None:
            made[key] = number
    for ours, theirs in (
        ("display_name", "displayName"),
        ("no_value", "noValue"),
        ("display_name", "displayNameFromDS"),
    ):
        text = given.take(theirs)
        if text not in (None, ""):
            made[ours] = str(text)
    return {**made, **_color(given), **_thresholds(given), **_mappings(given), **_links(given)}


def _color(given: Given) -> Options:
    if not given.values.get("color"):
        given.leave("color")
        return {}
    color = given.inner("color")
    mode = color.text("mode", "palette-classic")
    mode = OWN_PALETTE if mode == COLORBLIND else mode
    color.leave("seriesBy")
    if mode not in MODES:
        color.say("mode", f"there is no colour mode {mode}")
        return {}
    made: Options = {"mode": mode}
    fixed = color.take("fixedColor")
    if mode in ("fixed", "shades"):
        value = known_color(color, "fixedColor", fixed)
        if not value:
            return {}
        made["value"] = value
    by = color.values.get("seriesBy")
    if by in ("last", "min", "max"):
        made["by"] = by
    color.rest()
    return {"color": made}


def known_color(given: Given, key: str, value: Any) -> str:
    """A colour that we have too; empty, with a note, where it is none."""
    text = str(value or "").strip().replace(", ", ",").replace(",", ", ") if value else ""
    if not text or is_color(text):
        return text
    if value == "text":
        return "text" if is_color("text") else ""
    given.notes.say(given.at(key), f"{text[:60]} is no colour here")
    return ""


def _thresholds(given: Given) -> Options:
    if not given.values.get("thresholds"):
        given.leave("thresholds")
        return {}
    config = given.inner("thresholds")
    mode, steps = config.text("mode", "absolute"), []
    for at, step in enumerate([*config.each("steps")]):
        value = as_number(step.take("value"))
        step.leave("index", "line", "op", "yaxis", "state")
        color = known_color(step, "color", step.take("color"))
        step.rest()
        if value is None and at:
            step.notes.say(step.at("value"), "a step without a value stands first alone")
            continue
        steps.append({"value": value, **({"color": color} if color else {"level": "base"})})
    config.rest()
    if len(steps) > MAX_STEPS:
        config.notes.say(config.at("steps"), f"{MAX_STEPS} steps are kept of {len(steps)}")
    made: Options = {"thresholds": steps[:MAX_STEPS]} if steps else {}
    return {**made, "thresholds_mode": "percentage"} if mode == "percentage" and steps else made


def _mappings(given: Given) -> Options:
    found = [one for mapping in given.each("mappings") for one in _mapping(mapping)]
    return {"mappings": found} if found else {}


def _mapping(mapping: Given) -> Iterator[Options]:
    """A mapping of today, several values of which are several of ours; or one of before schema 30."""
    kind = mapping.take("type")
    if kind in (1, 2) and not mapping.values.get("options"):
        yield from _old_mapping(mapping, kind)
        return
    options = mapping.inner("options")
    if kind == VALUE:
        for value in list(options.values):
            yield {"value": value, **_result(options.inner(value))}
    elif kind == RANGE:
        bounds = {key: as_number(options.take(key)) for key in ("from", "to")}
        yield {**bounds, **_result(options.inner("result"))}
    elif kind == REGEX:
        yield {"regex": options.text("pattern"), **_result(options.inner("result"))}
    elif kind == "special" and options.values.get("match") in SPECIAL:
        yield {"special": options.take("match"), **_result(options.inner("result"))}
    else:
        mapping.say("type", f"mappings of {kind} are not carried over")


def _old_mapping(mapping: Given, kind: Any) -> Iterator[Options]:
    text = {"text": str(mapping.take("text", ""))}
    mapping.leave("id", "op", "operator")
    if kind == 2:
        yield {"from": as_number(mapping.take("from")), "to": as_number(mapping.take("to")), **text}
    elif mapping.values.get("value") in ("null", None):
        mapping.leave("value")
        yield {"special": "null", **text}
    else:
        yield {"value": str(mapping.take("value")), **text}


def _result(result: Given) -> Options:
    made: Options = {}
    text, color = result.take("text"), result.take("color")
    result.leave("index")
    if text not in (None, ""):
        made["text"] = str(text)
    if color and (known := known_color(result, "color", color)):
        made["color"] = known
    result.rest()
    return made


def _links(given: Given) -> Options:
    found = links_of(given)
    return {"links": found} if found else {}


def links_of(given: Given) -> list[Options]:
    """Links of values, or of a panel; those of its head that lead to a dashboard by its name are told of."""
    found = []
    for link in given.each("links"):
        url, title = link.text("url"), link.text("title")
        link.leave("targetBlank", "oneClick", "sort", "origin", "type", "icon", "asDropdown", "tooltip", "$$hashKey")
        if url:
            tab = {"new_tab": True} if link.values.get("targetBlank") else {}
            found.append({"title": title[:200], "url": url[:2000], **tab})
        link.rest()
    return found[:MAX_LINKS]


def overrides_of(config: Given, custom: Custom, per_field: frozenset[str]) -> list[Options]:
    """The overrides; `per_field`: options of the type that overrides may set."""
    found = []
    for override in config.each("overrides"):
        matches = _matches(override.inner("matcher"))
        settings = _settings(override, custom, per_field) if matches else {}
        override.leave("__systemRef", "properties", "matcher")
        override.rest()
        found += [{"match": match, "set": settings} for match in matches if settings]
    return found


def _matches(matcher: Given) -> Sequence[Options]:
    kind, options = matcher.text("id"), matcher.take("options")
    name = MATCHERS.get(kind)
    if name is not None and isinstance(options, str) and options and (name != "type" or options in TYPES):
        return [{name: options}]
    if kind == "byNames" and isinstance(options, Mapping):
        names = [str(one) for one in options.get("names") or []]
        if options.get("mode") == "exclude":  # what a click on the legend of the author left visible
            return [{"regex": f"/^(?!(?:{'|'.join(re.escape(one) for one in names)})$).*$/"}] if names else []
        return [{"name": one} for one in names]
    matcher.say("id", f"fields are not chosen by {kind or 'nothing'} here")
    return []


def _settings(override: Given, custom: Custom, per_field: frozenset[str]) -> Options:
    """The properties of an override, which are those of the defaults, those of the type's own behind `custom.`."""
    plain: dict[str, Any] = {}
    own: dict[str, Any] = {}
    for one in override.each("properties"):
        key = one.text("id")
        (own if key.startswith("custom.") else plain)[key.removeprefix("custom.")] = one.take("value")
    where = override.at("properties")
    of_all = Given.of(plain, where, override.notes)
    made = common(of_all)
    of_all.leave("filterable", "unitScale")
    of_all.rest()
    for key, value in custom(Given.of(own, f"{where}.custom", override.notes)).items():
        if key in per_field:
            made[key] = value
        elif not is_usual(key, value):
            override.notes.say(f"{where}.{key}", "is an option of the whole panel here")
    return made


def is_usual(key: str, value: Any) -> bool:
    """Whether an option of a whole panel says nothing in an override."""
    return value in (None, False, "none", "hidden") or key == "threshold_style"
