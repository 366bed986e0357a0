"""Boot documents: what a page needs to begin. What all who open a view share is worked out once, the rest is added."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

from markupsafe import Markup

from ...components.spec import Dashboard
from ...datasources.variables.builtins import user_of
from ...datasources.variables.resolve import Resolved
from ...scope import Role, Scope
from ...storage.config.dashboards import StoredDashboard
from ...storage.config.folders import Access
from ..auth.viewer_token import LIFE_S
from ..http.script_json import script_json
from .aged import Readable
from .rule_board import rule_id_of
from .view import View


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

    @property
    def view(self) -> View:
        return self.entry.view

    @property
    def can_edit(self) -> bool:
        return self.access >= Access.EDIT and rule_id_of(self.stored.dashboard_id) is None

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
        self._kept: WeakKeyDictionary[View, tuple[Sequence[Resolved], Markup]] = WeakKeyDictionary()

    def shared(self, opened: Opened) -> dict[str, Any]:
        """What is the same for everybody who opens the view, until its variables get other options."""
        view = opened.view
        return {
            "view": view.id,
            "dashboard_id": opened.stored.dashboard_id,
            "title": opened.dashboard.title,
            "version": opened.stored.version,
            "build": self.build_id,
            "refresh_s": view.key.refresh_s,
            "live": view.key.live,
            "annotations": view.marks.heads(),
            "panels": view.heads(),
            "variables": [one.as_json() for one in view.variables],
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
            "firing": opened.firing,
        }

    def text(self, opened: Opened) -> Markup:
        """The whole document, as JSON that may stand in a script element."""
        return self.beginning(opened) + self.end(opened)

    def beginning(self, opened: Opened) -> Markup:
        """The shared part, as the beginning of an object."""
        kept = self._kept.get(opened.view)
        if kept is None or kept[0] is not opened.view.variables:
            kept = self._kept[opened.view] = (opened.view.variables, script_json(self.shared(opened))[:-1])
        return kept[1]

    def end(self, opened: Opened) -> Markup:
        """The viewer's own part, as the rest of that object."""
        return "," + script_json(self.own(opened))[1:]
