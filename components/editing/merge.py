"""Two people's work on one dashboard joined: by panel, variable and annotation query, and by field for all else."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from .changed import panels_of, same
from .layout import overlaps, pushed_apart

KEYS: Final = {"panels": "panel_id", "variables": "name", "annotations": "name"}
Choice = Literal["mine", "theirs", "both"]
Document = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Collision:
    """A part that both changed: `panels/3`, `variables/host`, `title`. A value that is None is not there."""

    part: str
    base: Any
    theirs: Any
    mine: Any


def merged(
    base: Document, theirs: Document, mine: Document, choices: Mapping[str, Choice]
) -> tuple[dict[str, Any], list[Collision]]:
    """What both made of `base`, and the parts that both changed and that no choice decides: there theirs stand.

    `both` keeps a panel of each; panels that both added are never the same one.
    """
    mine = _renumbered(base, theirs, mine)
    joining = _Joining(choices)
    ours: dict[str, Any] = {}
    for name in dict.fromkeys([*theirs, *mine]):
        of = base.get(name), theirs.get(name), mine.get(name)
        if name in KEYS and all(isinstance(one, list) for one in of if one is not None):
            ours[name] = joining.listed(name, (of[0] or [], of[1] or [], of[2] or []))
        elif (value := joining.part(name, of)) is not None:
            ours[name] = value
    if overlaps(ours) and not overlaps(theirs) and not overlaps(mine):
        ours["panels"] = pushed_apart(ours["panels"])
    return ours, joining.collisions


class _Joining:
    """Parts as (base, theirs, mine), one after the other; what no choice decides is written down."""

    def __init__(self, choices: Mapping[str, Choice]) -> None:
        self.choices = choices
        self.collisions: list[Collision] = []

    def part(self, part: str, of: tuple[Any, Any, Any]) -> Any:
        base, theirs, mine = of
        if same(mine, base) or same(mine, theirs):
            return theirs
        if same(theirs, base):
            return mine
        choice = self.choices.get(part)
        if choice is None:
            self.collisions.append(Collision(part, base, theirs, mine))
        return mine if choice == "mine" else theirs

    def listed(self, name: str, of: tuple[Sequence[Any], Sequence[Any], Sequence[Any]]) -> list[Any]:
        """A list whose items have names of their own."""
        key = KEYS[name]
        base, theirs, mine = ({one[key]: one for one in items} for items in of)
        found = []
        for one in _order(list(base), list(theirs), list(mine)):
            part, own = f"{name}/{one}", mine.get(one)
            kept = self.part(part, (base.get(one), theirs.get(one), own))
            if kept is not None:
                found.append(kept)
            if self.choices.get(part) == "both" and name == "panels" and kept is not None and own is not None:
                found.append({**own, key: 1 + max([*base, *theirs, *mine, *(panel[key] for panel in found)])})
        return found


def _order(base: list[Any], theirs: list[Any], mine: list[Any]) -> list[Any]:
    """Mine, unless they changed it; what the other added comes last."""
    kept = [one for one in base if one in theirs]
    first, second = (mine, theirs) if [one for one in theirs if one in base] == kept else (theirs, mine)
    return [*first, *(one for one in second if one not in first)]


def _renumbered(base: Document, theirs: Document, mine: Document) -> Document:
    """Mine, with other ids for the panels that I added and that have the id of one which they added."""
    known, others, own = panels_of(base), panels_of(theirs), panels_of(mine)
    taken = [one for one, panel in own.items() if one not in known and one in others and not same(panel, others[one])]
    if not taken:
        return mine
    free = 1 + max([*known, *others, *own])
    ids = {one: free + index for index, one in enumerate(taken)}
    found: dict[str, Any] = copy.deepcopy(dict(mine))
    for panel in found["panels"]:
        panel["panel_id"] = ids.get(panel["panel_id"], panel["panel_id"])
    for query in found.get("annotations", []):
        only = query.get("filter", {}) if isinstance(query, dict) else {}
        if "ids" in only:
            only["ids"] = [ids.get(one, one) for one in only["ids"]]
    return found
