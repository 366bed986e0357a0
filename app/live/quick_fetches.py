"""What viewers fetch most, where it is at hand: snapshots, and columns over ranges that somebody looked at before.

It refuses nothing, since handlers say better why.
"""

from __future__ import annotations

import re
from typing import Final

from tornado import httputil

from ...datasources.timerange import TimeRange
from ...errors import HeliographError
from ..auth.authenticator import SHARE
from ..auth.viewer_token import ViewerToken
from ..http.quick import Quick
from ..http.site import Site
from .hub import held_by
from .live import Live
from .range_handlers import columns_key, panels_named
from .snapping import snapped
from .view import View
from .view_handler import BINARY, MAX_IDS

FETCH: Final = re.compile(r"/live/([0-9a-f]{24})/(panels|columns)")
MS: Final = re.compile(r"\d{13}")  # as pages write times; what else may stand there handlers read


class QuickFetches:
    """Answers what is encoded already to those who are known to be allowed it."""

    def __init__(self, site: Site, live: Live) -> None:
        self._site = site
        self._live = live

    def __call__(self, request: httputil.HTTPServerRequest) -> Quick | None:
        """The whole answer; None where somebody has to work or to refuse."""
        found = FETCH.fullmatch(request.path)
        if found is None or request.method != "GET":
            return None
        view = self._live.hub.held(found[1])
        gzipped = "gzip" in request.headers.get("Accept-Encoding", "")
        try:
            said = self._known(request, view) if view is not None else None
            if view is None or said is None:
                return None
            find = self._snapshot if found[2] == "panels" else self._columns
            body = find(view, said, request, gzipped)
        except (HeliographError, ValueError):
            return None
        if body is None or not self._may_ask(said, request):
            return None
        return Quick("snapshot" if found[2] == "panels" else "columns", BINARY, body, gzipped)

    def _known(self, request: httputil.HTTPServerRequest, view: View) -> ViewerToken | None:
        """What a viewer's token says where the right that it stands for is known; UnauthenticatedError."""
        hub = self._live.hub
        said = hub.tokens.check(request.headers.get("X-Heliograph-Token", ""), view.id, self._site.clock())
        return said if hub.rights.known(held_by(said.credential, view)) else None

    def _may_ask(self, said: ViewerToken, request: httputil.HTTPServerRequest) -> bool:
        """Whether this person has a request left; it is counted then."""
        budget = self._site.access.budget
        return budget.wait_s(budget.person(said.principal, request.remote_ip or "")) <= 0

    def _snapshot(self, view: View, _: ViewerToken, request: httputil.HTTPServerRequest, gzipped: bool) -> bytes | None:
        ids = _argument(request, "ids")
        if not ids or "revision" in request.query_arguments:
            return None
        return view.at_hand([int(panel_id) for panel_id in ids.split(",")[:MAX_IDS]], compressed=gzipped)

    def _columns(
        self, view: View, said: ViewerToken, request: httputil.HTTPServerRequest, gzipped: bool
    ) -> bytes | None:
        start, end = _argument(request, "from"), _argument(request, "to")
        panel_ids = panels_named(view, _argument(request, "panels"))
        by_link = said.credential.startswith(SHARE)  # which may show a part of a range alone
        if by_link or not panel_ids or not MS.fullmatch(start) or not MS.fullmatch(end) or start >= end:
            return None
        kept = self._live.ranged.at_hand(columns_key(view, panel_ids, snapped(TimeRange(int(start), int(end)))))
        if kept is None:
            return None
        view.use()
        return (kept.packed or None) if gzipped else kept.body


def _argument(request: httputil.HTTPServerRequest, name: str) -> str:
    values = request.query_arguments.get(name)
    return values[-1].decode("latin-1") if values else ""
