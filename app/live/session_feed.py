"""A live view in Bokeh's own protocol: its document, and its ticks as events, composed once for all who attach."""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from ...components.asking.outcome import Outcome
from ...components.session_wire import (
    Bound,
    bind,
    changed,
    container,
    dumped,
    message,
    session_document,
    source_events,
    value,
)
from ..http.strict_json import strict_json
from .frames import payload_of
from .view import View

ROW_PX = 30


class SessionFeed:
    """What Bokeh clients of one view share. Its panels are columns named `panel-<id>`, with their plot in them.

    A column's `tags` say what Bokeh's models have no place for: state, title, and the texts of the panel; a panel that
    pages draw as HTML has its source there too.
    """

    def __init__(self, view: View) -> None:
        self._view = view
        self.clients = 0
        self._generation: dict[int, int] = {}
        self._number = 0
        self._translated: tuple[bytes, bytes] = (b"", b"")

    def reply(self, request: str) -> bytes:
        """The whole document as an answer to PULL-DOC-REQ. Never awaits: what is pushed after it follows on it."""
        buffers: list[memoryview] = []
        roots = [self._root(panel.panel_id, buffers) for panel in self._view.dashboard.panels]
        content = b'{"doc":%s}' % session_document(self._view.dashboard.title, roots)
        return self.message("PULL-DOC-REPLY", content, request=request, buffers=buffers)

    def message(self, kind: str, content: bytes, **options: Any) -> bytes:
        """A message of Bokeh's protocol, numbered after the one before."""
        self._number += 1
        return message(kind, content, number=self._number, **options)

    def patch(self, frame: bytes) -> bytes:
        """A frame of ours as PATCH-DOC, translated once for all clients; nothing where it is no tick."""
        if self._translated[0] is not frame:
            self._translated = (frame, self._translate(json.loads(payload_of(frame))))
        return self._translated[1]

    def _translate(self, tick: dict[str, Any]) -> bytes:
        if "seq" not in tick:
            return b""
        buffers: list[memoryview] = []
        events = []
        for panel_id, change in tick["panels"].items():
            events += self._events(int(panel_id), change, buffers)
        if not events:
            return b""
        return self.message("PATCH-DOC", b'{"events":[%s]}' % b",".join(events), buffers=buffers)

    def _events(self, panel_id: int, change: dict[str, Any], buffers: list[memoryview]) -> list[bytes]:
        root = f"panel-{panel_id}"
        outcome = self._view.outcome(panel_id)
        if change.get("reload"):
            self._generation[panel_id] = self._generation.get(panel_id, 0) + 1
            child, tags = self._inside(panel_id, outcome, buffers)
            return [changed(root, "children", b"[%s]" % child), changed(root, "tags", tags)]
        bound = self._bound(panel_id, outcome)
        events = []
        for name, delta in change.get("sources", {}).items():
            if bound is not None and name in bound.sources:
                events += source_events(bound.sources[name], delta, _numeric(outcome, name))
        if change.keys() - {"sources"}:
            events.append(changed(root, "tags", self._tags(panel_id, outcome, bound, None)))
        return events

    def _root(self, panel_id: int, buffers: list[memoryview]) -> bytes:
        child, tags = self._inside(panel_id, self._view.outcome(panel_id), buffers)
        panel = self._view.dashboard.panel(panel_id)
        return container(panel_id, ROW_PX * (panel.position.h if panel else 8), tags, child)

    def _inside(self, panel_id: int, outcome: Outcome, buffers: list[memoryview]) -> tuple[bytes, bytes]:
        """The plot of a panel, where it has one, and its tags."""
        bound = self._bound(panel_id, outcome)
        if bound is None or outcome.drawn is None:
            return b"", self._tags(panel_id, outcome, None, None)
        filled = bound.fill(outcome.drawn.sources, self._view.title(panel_id), buffers)
        if bound.draws:
            return filled, self._tags(panel_id, outcome, bound, None)
        return b"", self._tags(panel_id, outcome, bound, filled)

    def _bound(self, panel_id: int, outcome: Outcome) -> Bound | None:
        if outcome.layout is None:
            return None
        return bind(outcome.layout, f"p{panel_id}g{self._generation.get(panel_id, 0)}-")

    def _tags(self, panel_id: int, outcome: Outcome, bound: Bound | None, source: bytes | None) -> bytes:
        texts = dict(outcome.drawn.texts) if outcome.drawn is not None else {}
        head = {**outcome.head(), "title": self._view.title(panel_id), "texts": texts}
        tags = [dumped(value(json.loads(strict_json(head))))]
        if bound is not None and not bound.draws:
            tags.append(source or b'{"id":%s}' % dumped(bound.root))
        return b"[%s]" % b",".join(tags)


def _numeric(outcome: Outcome, source: str) -> frozenset[str]:
    """The columns of numbers of a source, in which null means NaN."""
    columns = outcome.drawn.sources.get(source, {}) if outcome.drawn is not None else {}
    return frozenset(name for name, column in columns.items() if isinstance(column, np.ndarray))
