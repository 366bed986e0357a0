"""What two documents of a dashboard differ in, as far as drawing them goes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from ..panel_spec import Position

# Written or placed by the page itself: nothing has to be asked or drawn for it.
ABOUT_A_PANEL: Final = frozenset({"title", "description", "position", "panel_id", "collapsed", "links", "transparent"})
WIDTH: Final = Position.model_validate({}).w
# What a view is told apart by, or asks beside its panels.
OF_THE_VIEW: Final = ("variables", "annotations", "time", "refresh", "timezone")


def same(one: Any, other: Any) -> bool:
    """Whether two documents say the same: in whatever order, and `true` is not `1`."""
    return one is other or canonical(one) == canonical(other)


def canonical(document: Any) -> str:
    """Its JSON, the same for all that say the same."""
    return json.dumps(document, sort_keys=True)


def panels_of(document: Mapping[str, Any]) -> dict[int, Mapping[str, Any]]:
    """Its panels by id."""
    return {panel["panel_id"]: panel for panel in document.get("panels", [])}


def changed_panels(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[int]:
    """The panels of the second document that are to be drawn anew, in their order."""
    known = panels_of(before)
    return [
        panel_id
        for panel_id, panel in panels_of(after).items()
        if panel_id not in known or not same(_drawn(known[panel_id]), _drawn(panel))
    ]


def opens_anew(before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    """Whether a page has to open its view again: more than panels changed, or which and how many they are."""
    if any(not same(before.get(name), after.get(name)) for name in OF_THE_VIEW):
        return True
    return _kinds(before) != _kinds(after)


def _drawn(panel: Mapping[str, Any]) -> dict[str, Any]:
    width = panel.get("position", {}).get("w", WIDTH)  # it decides how many points are asked
    return {"w": width, **{name: value for name, value in panel.items() if name not in ABOUT_A_PANEL}}


def _kinds(document: Mapping[str, Any]) -> dict[int, str]:
    told = ("type", "repeat", "links")  # what a page is told of a panel when it opens
    return {one["panel_id"]: json.dumps([one.get(name) for name in told]) for one in document.get("panels", [])}
