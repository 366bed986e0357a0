"""Boot documents: what a page needs to begin. What all who open a view share is worked out once, the rest is added."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

from markupsafe import Markup

from ...components.spec import Dashboard
from ...datasources.variables.builtins import user_of
from ...datasources.variables.formats import ALL_VALUE
from ...datasources.variables.resolve import Resolved
from ...scope import Role, Scope
from ...storage.config.dashboard_rows import StoredDashboard
from ...storage.config.folders import Access
from ...storage.config.shares import Share
from ..auth.viewer_token import LIFE_S
from ..http.script_json import script_json
from .admitted import HIDDEN, may_choose
from .aged import Readable
from .draft_board import draft_id_of
from .room.rooms import has_room
from .rule_board import rule_id_of
from .view import View

Look = tuple[bool, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """What an address led to: its view, what could be taken of it, and what is to be said of the rest."""

    view: View
    read: Readable
    notices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Opened:
    """A view that somebody may follow, and what a page needs to begin. `firing`: how many alert rules do."""

    entry: Entry
    stored: StoredDashboard
    dashboard: Dashboard
    token: str
    access: Access
    scope: Scope
    firing: int = 0
    share: Share | None = None  # the link that it was opened by
    is_open: bool = False  # whether it takes no login to see the dashboard

    @property
    def view(self) -> View:
        """The view that was opened."""
        return self.entry.view

    @property
    def look(self) -> Look:
        """What pages of this view differ by: what the link lets its viewers choose; empty without one."""
        terms = self.share.terms if self.share is not None else None
        return (terms.free_variables, terms.free_texts, terms.free_time) if terms is not None else ()

    @property
    def can_edit(self) -> bool:
        """Whether its dashboard may be changed by whoever opened it; boards of rules and drafts have none."""
        of_dashboard = rule_id_of(self.stored.dashboard_id) is None and draft_id_of(self.stored.dashboard_id) is None
        return self.access >= Access.EDIT and of_dashboard

    @property
    def has_room(self) -> bool:
        """Whether this person may see who else watches, and be seen."""
        return has_room(self.scope, self.share, self.stored.dashboard_id)

    @property
    def annotates(self) -> dict[str, Any] | None:
        """Whose annotations this person may change: `by` alone, or all; None for who may make none."""
        if not self.can_edit or self.scope.role < Role.EDITOR:
            return None
        return {"by": self.scope.principal, "all": self.scope.role >= Role.ADMIN}


class BootDocuments:
    """The boot documents of a process, as in docs/live-protocol.md."""

    def __init__(self, build_id: str) -> None:
        self.build_id = build_id
        self._kept: WeakKeyDictionary[View, dict[Look, tuple[Sequence[Resolved], Dashboard, Markup]]] = (
            WeakKeyDictionary()
        )

    def shared(self, opened: Opened) -> dict[str, Any]:
        """What is the same for everybody who opens the view, until its variables get other options."""
        view = opened.view
        return {
            "view": view.id,
            "dashboard_id": opened.stored.dashboard_id,
            "title": opened.dashboard.title,
            "version": view.key.version,
            "build": self.build_id,
            "refresh_s": view.key.refresh_s,
            "live": view.key.live,
            "annotations": view.marks.heads(),
            "panels": view.heads(),
            "graph_tooltip": view.dashboard.graph_tooltip,
            "variables": told_variables(view.variables, opened.share),
            "guest": look_of(opened.share),
            **({"draft": {"dashboard_id": view.key.subject}} if view.draft is not None else {}),
        }

    def own(self, opened: Opened) -> dict[str, Any]:
        """What is each viewer's and each moment's own."""
        read = opened.entry.read
        return {
            "token": opened.token,
            "expires_in_s": LIFE_S,
            "range": {"from": read.address.from_text, "to": read.address.to_text},
            "zone": read.zone,
            "rounds": read.rounds,
            "widens_in_s": read.widens_in_s,
            "notices": list(opened.entry.notices),
            "window": list(opened.view.window),
            "can_edit": opened.can_edit,
            "user": {**user_of(opened.scope), "org": str(opened.scope.org)},
            "annotate": opened.annotates,
            "room": opened.has_room,
            "firing": opened.firing,
            "open": opened.is_open,
        }

    def text(self, opened: Opened) -> Markup:
        """The whole document, as JSON that may stand in a script element."""
        return self.beginning(opened) + self.end(opened)

    def beginning(self, opened: Opened) -> Markup:
        """The shared part, as the beginning of an object."""
        view, look = opened.view, opened.look
        looks = self._kept.setdefault(view, {})
        kept = looks.get(look)
        if kept is None or kept[0] is not view.variables or kept[1] is not view.dashboard:
            kept = looks[look] = (view.variables, view.dashboard, script_json(self.shared(opened))[:-1])
        return kept[2]

    def end(self, opened: Opened) -> Markup:
        """The viewer's own part, as the rest of that object."""
        return "," + script_json(self.own(opened))[1:]


def look_of(share: Share | None) -> dict[str, bool] | None:
    """What who came by a link may choose; None for all others."""
    return {"variables": share.terms.free_variables, "time": share.terms.free_time} if share is not None else None


def told_variables(variables: Sequence[Resolved], share: Share | None) -> list[dict[str, Any]]:
    """The variables as their page has them: of those that a link holds fixed, what is chosen and no other option."""
    if share is None:
        return [one.as_json() for one in variables]
    found = []
    for one in variables:
        fixed = not may_choose(share.terms, one.variable)
        if not (fixed and one.variable.hide == HIDDEN):
            found.append({**(chosen(one) if fixed else one.as_json()), "fixed": fixed})
    return found


def chosen(one: Resolved) -> dict[str, Any]:
    """A variable with what is chosen of it, and nothing of its other options."""
    current = set(one.current)
    told = one.as_json()
    return {**told, "options": [option for option in told["options"] if option["value"] in current - {ALL_VALUE}]}
