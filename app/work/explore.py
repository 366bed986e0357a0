"""Explore: a query to any data source, its lines and its rows. A Panel application, one document for each session."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Mapping
from datetime import UTC, tzinfo
from html import escape
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import panel as pn
import param
import structlog

from .api import Api, ProblemError
from .chart import chart, legend
from .results import MAX_LINES, Result, Table, result_of
from .tables import table_of

log = structlog.get_logger(__name__)
RANGES = {
    "Last 15 minutes": 15 * 60,
    "Last hour": 3600,
    "Last 6 hours": 6 * 3600,
    "Last 24 hours": 24 * 3600,
    "Last 7 days": 7 * 86_400,
}
MAX_QUERY = 12_000  # characters: a message of the socket holds them, however they are written
MAX_POINTS = 1000
SHEET = (Path(__file__).parent / "explore.css").read_text("utf-8")
STYLED: Mapping[str, Any] = {"stylesheets": [SHEET], "margin": 0}
SUNRISE = (
    '<svg viewBox="0 0 120 72" aria-hidden="true"><path d="M12 64 42 32l18 18 20-22 28 36z"/>'
    '<circle cx="60" cy="20" r="7"/>'
    '<path class="ray" d="M60 4v5M60 31v5M44 20h5M71 20h5M49 9l3 3M68 28l3 3M71 9l-3 3M52 28l-3 3"/></svg>'
)
HINT = "Ctrl + Enter runs the query."


class Explore(param.Parameterized):  # type: ignore[misc]
    """What a person has chosen, and how it goes with the query."""

    source = param.Selector(default=None, objects={}, allow_None=True, doc="The uid of the data source.")
    query = param.String(default="", doc="Its text, or the JSON of a structured one.")
    range_s = param.Selector(default=3600, objects=RANGES, doc="How far back, in seconds.")

    def __init__(self, api: Api, ticket: str, wanted: Mapping[str, str] | None = None, **values: Any) -> None:
        super().__init__(**values)
        self._api = api
        self._ticket = ticket
        self._wanted = wanted or {}
        self._examples: dict[str, str] = {}
        self._running: asyncio.Task[Any] | None = None
        self._text = pn.widgets.TextAreaInput(
            name="Query",
            rows=5,
            max_rows=16,
            auto_grow=True,
            max_length=MAX_QUERY,
            resizable=False,
            sizing_mode="stretch_width",
            css_classes=["query"],
            **STYLED,
        )
        self._sources = pn.widgets.Select.from_param(
            self.param.source, name="Data source", sizing_mode="stretch_width", css_classes=["source"], **STYLED
        )
        ranges = pn.widgets.Select.from_param(
            self.param.range_s, name="Range", sizing_mode="stretch_width", css_classes=["range"], **STYLED
        )
        self._run = pn.widgets.Button(
            name="Run", button_type="primary", css_classes=["run"], align="end", disabled=True, **STYLED
        )
        self._said = pn.pane.HTML(css_classes=["said"], sizing_mode="stretch_width", **STYLED)
        controls = pn.Row(self._sources, ranges, self._run, css_classes=["controls"], **STYLED)
        editor = pn.Column(controls, self._text, self._said, css_classes=["card"], **STYLED)
        self._results = pn.Column(
            blank("Nothing asked yet", "Lines and rows of an answer stand here."),
            sizing_mode="stretch_width",
            css_classes=["results"],
            **STYLED,
        )
        self.view = pn.Column(editor, self._results, sizing_mode="stretch_width", css_classes=["explore"], **STYLED)
        self._text.param.watch(self._typed, "value_input")
        self._run.on_click(self.run)
        self._say(HINT)

    def _typed(self, event: param.parameterized.Event) -> None:
        self.query = event.new

    @param.depends("source", watch=True)  # type: ignore[untyped-decorator]
    def _show_example(self) -> None:
        self._text.placeholder = self._examples.get(self.source or "", "")

    async def load(self) -> None:
        """Offer the data sources that there are."""
        try:
            found = await self._api.sources(self._ticket)
        except ProblemError as error:
            self._say_problem(error)
            return
        self._examples = {one["uid"]: one["example"] for one in found}
        default = next((one["uid"] for one in found if one["default"]), found[0]["uid"] if found else None)
        self.param.source.objects = {one["name"] or one["uid"]: one["uid"] for one in found}
        named = {one["name"]: one["uid"] for one in found} | {one["uid"]: one["uid"] for one in found}
        self.source = named.get(self._wanted.get("source", ""), default)
        self._run.disabled = not found
        await self._take_up()

    async def _take_up(self) -> None:
        """What the address asks for: its range and its query, which is asked at once."""
        self.range_s = RANGES.get(self._wanted.get("range", ""), self.range_s)
        if query := self._wanted.get("query", ""):
            self._text.value = self.query = query
            await self.run()

    async def run(self, _event: Any = None) -> None:
        """Ask, and show what comes; one query at a time: the button stops the one that runs."""
        if self._running is not None:
            self._running.cancel()
            return
        if self.source is None:
            return
        self._running = asyncio.current_task()
        self._run.param.update(name="Stop", button_type="default")
        self._say("Running…", "busy")
        try:
            await self._ask()
        except asyncio.CancelledError:
            self._say("Stopped.")
        except ProblemError as error:
            self._say_problem(error)
        except Exception:  # whatever an answer may hold, the session goes on
            log.exception("explore failed")
            self._say_problem(ProblemError("Internal error", "something failed here; the server's log says what"))
        finally:
            self._running = None
            self._run.param.update(name="Run", button_type="primary")

    async def _ask(self) -> None:
        text = self.query.strip()
        if not text:
            example = self._examples.get(self.source or "", "")
            raise ProblemError("Nothing is asked yet", f"Write a query, such as {example}" if example else "Write one.")
        started, to_ms = time.perf_counter(), int(time.time() * 1000)
        from_ms = to_ms - self.range_s * 1000
        answer = await self._api.query(self._ticket, body_of(self.source, text, from_ms, to_ms))
        took_ms = (time.perf_counter() - started) * 1000
        result = await asyncio.to_thread(result_of, answer, self._zone)
        self._show(result, (from_ms, to_ms))
        self._say(" · ".join(summary(result, took_ms)))

    @property
    def _zone(self) -> tzinfo:
        """The browser's, else UTC."""
        browser = pn.state.browser_info
        try:
            return ZoneInfo(browser.timezone) if browser is not None and browser.timezone else UTC
        except (ZoneInfoNotFoundError, ValueError):
            return UTC

    def _show(self, result: Result, range_ms: tuple[int, int]) -> None:
        cards = []
        if result.lines:
            drawn = pn.pane.Bokeh(chart(result.lines, range_ms), sizing_mode="stretch_width", margin=0)
            names = pn.pane.HTML(legend(result.lines), css_classes=["legend"], sizing_mode="stretch_width", **STYLED)
            cards.append(self._card("Series", left_out(result), drawn, names))
        if result.table.rows:
            cards.append(self._card("Table", cut(result.table), table_of(result.table, SHEET)))
        self._results[:] = cards or [blank("No data in this range", "Ask for a longer one, or for something else.")]

    def _card(self, title: str, note: str, *inside: Any) -> pn.Column:
        html = f"<h2>{escape(title)}</h2><span>{escape(note)}</span>"
        head = pn.pane.HTML(html, css_classes=["head"], sizing_mode="stretch_width", **STYLED)
        return pn.Column(head, *inside, css_classes=["card"], sizing_mode="stretch_width", **STYLED)

    def _say(self, text: str, kind: str = "told") -> None:
        self._said.object = f'<p class="{kind}" role="status">{escape(text)}</p>'

    def _say_problem(self, error: ProblemError) -> None:
        title, detail = escape(error.heading), escape(error.detail)
        self._said.object = f'<p class="problem" role="alert"><strong>{title}</strong> <span>{detail}</span></p>'

    def end(self, session_context: Any) -> None:
        """The session is gone: nobody waits for an answer."""
        del session_context
        if self._running is not None:
            self._running.cancel()


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


def blank(title: str, text: str) -> pn.pane.HTML:
    """What stands where nothing is to be shown."""
    html = f"{SUNRISE}<h2>{escape(title)}</h2><p>{escape(text)}</p>"
    return pn.pane.HTML(html, css_classes=["blank"], sizing_mode="stretch_width", **STYLED)


def body_of(source: str, text: str, from_ms: int, to_ms: int) -> dict[str, Any]:
    """A request to the API: a text that is a JSON object is a structured query."""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        document = None
    query = document if isinstance(document, dict) else text
    return {"datasource": source, "query": query, "from": from_ms, "to": to_ms, "max_points": MAX_POINTS}


def summary(result: Result, took_ms: float) -> list[str]:
    """What is said of an answer beside the editor."""
    rows = result.table.total
    if not rows:
        found = ["No data in this range"]
    elif result.lines:
        found = [counted(result.series, "series", "series"), counted(rows, "time", "times")]
    else:
        found = [counted(rows, "row", "rows")]
    return [*found, f"{took_ms:,.0f} ms", *result.notes]


def left_out(result: Result) -> str:
    """What a chart says of the series that it does not show."""
    return f"the first {MAX_LINES} of {result.series:,}" if result.series > len(result.lines) else ""


def cut(table: Table) -> str:
    """What a table says of the rows that it does not show."""
    return f"the first {len(table.rows):,} of {table.total:,} rows" if table.cut else ""


def counted(number: int, one: str, many: str) -> str:
    return f"{number:,} {one if number == 1 else many}"
