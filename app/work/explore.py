"""Explore: a query to any data source, or two beside each other. A Panel application, one document for each session."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import panel as pn
import param

from .api import Api, ProblemError
from .explore_pane import STYLED, Pane

RANGES = {
    "Last 15 minutes": 15 * 60,
    "Last hour": 3600,
    "Last 6 hours": 6 * 3600,
    "Last 24 hours": 24 * 3600,
    "Last 7 days": 7 * 86_400,
}
PANES = 2


class Explore(param.Parameterized):  # type: ignore[misc]
    """The panes of a session over one range of time."""

    range_s = param.Selector(default=3600, objects=RANGES, doc="How far back, in seconds.")

    def __init__(self, api: Api, ticket: str, wanted: Mapping[str, str] | None = None, **values: Any) -> None:
        super().__init__(**values)
        self._api = api
        self._ticket = ticket
        self._wanted = wanted or {}
        self._sources: Sequence[Mapping[str, Any]] = ()
        self._panes = [self._pane()]
        ranges = pn.widgets.Select.from_param(
            self.param.range_s, name="Range", sizing_mode="stretch_width", css_classes=["range"], **STYLED
        )
        self._split = pn.widgets.Button(name="Split", css_classes=["split"], align="end", disabled=True, **STYLED)
        self._split.on_click(self._add)
        shared = pn.Row(ranges, self._split, css_classes=["controls", "shared"], **STYLED)
        self._row = pn.Row(css_classes=["panes"], sizing_mode="stretch_width", **STYLED)
        self.view = pn.Column(shared, self._row, sizing_mode="stretch_width", css_classes=["explore"], **STYLED)
        self._arrange()

    def _pane(self) -> Pane:
        return Pane(self._api, self._ticket, lambda: self.range_s, self._remove)

    def _arrange(self) -> None:
        """Show the panes that there are."""
        self._row[:] = [one.view for one in self._panes]
        self._split.visible = len(self._panes) < PANES
        for one in self._panes:
            one.may_close(len(self._panes) > 1)

    def _add(self, _event: Any) -> None:
        """A pane beside the one that there is, which asks the same."""
        if len(self._panes) == PANES:
            return
        (first,) = self._panes
        self._open(first.source or "", first.query)

    def _open(self, source: str, query: str) -> Pane:
        made = self._pane()
        made.offer(self._sources, source)
        made.write(query)
        self._panes = [*self._panes, made]
        self._arrange()
        return made

    def _remove(self, pane: Pane) -> None:
        """Close a pane, unless it is the last one; its query is stopped."""
        if len(self._panes) == 1:
            return
        pane.stop()
        self._panes = [one for one in self._panes if one is not pane]
        self._arrange()

    async def load(self) -> None:
        """Offer the data sources that there are, and take up what the address asks for, which is asked at once."""
        (first,) = self._panes
        try:
            self._sources = await self._api.sources(self._ticket)
        except ProblemError as error:
            first.say_problem(error)
            return
        wanted = self._wanted
        self.range_s = RANGES.get(wanted.get("range", ""), self.range_s)
        first.offer(self._sources, wanted.get("source", ""))
        if wanted.get("query"):  # else what the page has brought from a session before this one stays
            first.write(wanted["query"])
        if wanted.get("source2") or wanted.get("query2"):
            self._open(wanted.get("source2", ""), wanted.get("query2", ""))
        self._split.disabled = False
        for one in self._panes:
            if one.query:
                pn.state.execute(one.again)

    @param.depends("range_s", watch=True)  # type: ignore[untyped-decorator]
    def _ask_again(self) -> None:
        """Another range is that of all panes: what was asked is asked over it."""
        for one in self._panes:
            if one.asked:
                pn.state.execute(one.again)

    def end(self, session_context: Any) -> None:
        """The session is gone: nobody waits for an answer."""
        del session_context
        for one in self._panes:
            one.stop()


class Explorers:
    """Makes the document of each session."""

    def __init__(self, api: Api) -> None:
        self._api = api

    def open(self) -> pn.viewable.Viewable:
        """What the session that Panel is making shows; its token says who asks and where Panel's files are."""
        document = pn.state.curdoc
        said: Mapping[str, Any] = document.session_context.token_payload
        pn.state.rel_path = str(said["assets"])
        document.template_variables["dist_url"] = f"{said['assets']}/static/extensions/panel/"
        document.config.update(reconnect_session=False, notify_connection_status=False)
        explore = Explore(self._api, str(said["ticket"]), said.get("wanted"))
        pn.state.onload(explore.load)
        document.on_session_destroyed(explore.end)
        return explore.view
