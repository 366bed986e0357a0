"""One query of explore with its data source, and what it was answered by."""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, tzinfo
from html import escape
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import panel as pn
import param
import structlog

from .api import Api, ProblemError
from .chart import chart
from .results import MAX_LINES, Result, Table, result_of
from .tables import table_of

log = structlog.get_logger(__name__)
MAX_QUERY = 12_000  # characters: a message of the socket holds them, however they are written
MAX_POINTS = 1000
SHEET = (Path(__file__).parent / "explore.css").read_text("utf-8")
STYLED: Mapping[str, Any] = {"stylesheets": [SHEET], "margin": 0}
SUNRISE = (
    '<svg viewBox="0 0 120 72" aria-hidden="true"><path d="M12 64 42 32l18 18 20-22 28 36z"/>'
    '<circle cx="60" cy="20" r="7"/>'
    '<path class="ray" d="M60 4v5M60 31v5M44 20h5M71 20h5M49 9l3 3M68 28l3 3M71 9l-3 3M52 28l-3 3"/></svg>'
)
LONE_NAME = re.compile(r"[\w:.]+")
HINT = "Ctrl + Enter runs the query."


class Pane(param.Parameterized):  # type: ignore[misc]
    """A query, and how it goes with it; `range_s` says how far back it asks, `closed` is told where it is closed."""

    source = param.Selector(default=None, objects={}, allow_None=True, doc="The uid of the data source.")
    query = param.String(default="", doc="Its text, or the JSON of a structured one.")

    def __init__(
        self, api: Api, ticket: str, range_s: Callable[[], int], closed: Callable[[Pane], None], **values: Any
    ) -> None:
        super().__init__(**values)
        self._api = api
        self._ticket = ticket
        self._range_s = range_s
        self._examples: dict[str, str] = {}
        self._running: asyncio.Task[Any] | None = None
        self._refused: str | None = None  # the text whose fault is told
        self.asked = False
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
        sources = pn.widgets.Select.from_param(
            self.param.source, name="Data source", sizing_mode="stretch_width", css_classes=["source"], **STYLED
        )
        self._run = pn.widgets.Button(
            name="Run", button_type="primary", css_classes=["run"], align="end", disabled=True, **STYLED
        )
        self._close = pn.widgets.Button(name="Close", css_classes=["close"], align="end", visible=False, **STYLED)
        self._said = pn.pane.HTML(css_classes=["said"], sizing_mode="stretch_width", **STYLED)
        controls = pn.Row(sources, self._run, self._close, css_classes=["controls"], **STYLED)
        editor = pn.Column(controls, self._text, self._said, css_classes=["card"], **STYLED)
        self._results = pn.Column(
            blank("Nothing asked yet", "Charts and tables of results appear here."),
            sizing_mode="stretch_width",
            css_classes=["results"],
            **STYLED,
        )
        self.view = pn.Column(editor, self._results, sizing_mode="stretch_width", css_classes=["pane"], **STYLED)
        self._text.param.watch(self._typed, "value_input")
        self._run.on_click(self.run)
        self._close.on_click(lambda _event: closed(self))
        self._say(HINT)

    def _typed(self, event: param.parameterized.Event) -> None:
        self.query = event.new
        refused = self._refused
        if refused is not None and (document_of(refused) is None) != (document_of(self.query) is None):
            self._say(HINT)  # a form took the place of the text, or the other way round

    @param.depends("source", watch=True)  # type: ignore[untyped-decorator]
    def _show_example(self) -> None:
        self._text.placeholder = self._examples.get(self.source or "", "")

    def offer(self, sources: Sequence[Mapping[str, Any]], wanted: str) -> None:
        """The data sources that there are, and the one that is wanted, by uid or name; else the default."""
        self._examples = {one["uid"]: one["example"] for one in sources}
        default = next((one["uid"] for one in sources if one["default"]), sources[0]["uid"] if sources else None)
        self.param.source.objects = {one["name"] or one["uid"]: one["uid"] for one in sources}
        named = {one["name"]: one["uid"] for one in sources} | {one["uid"]: one["uid"] for one in sources}
        self.source = named.get(wanted, default)
        self._run.disabled = not sources

    def write(self, query: str) -> None:
        """Put a query into the editor."""
        self._text.value = self.query = query

    def may_close(self, may: bool) -> None:
        """Whether there is a button to close it."""
        self._close.visible = may

    async def run(self, _event: Any = None) -> None:
        """Ask, and show what comes; one query at a time: the button stops the one that runs."""
        if self.stop() or self.source is None:
            return
        self._running = asyncio.current_task()
        self._run.param.update(name="Stop", button_type="default")
        self._say("Running…", "busy")
        try:
            await self._ask()
        except asyncio.CancelledError:
            self._say("Stopped.")
        except ProblemError as error:
            self.say_problem(error)
        except Exception:  # whatever an answer may hold, the session goes on
            log.exception("explore failed")
            self.say_problem(ProblemError("Internal error", "something failed here; the server's log says what"))
        finally:
            self._running = None
            self._run.param.update(name="Run", button_type="primary")

    async def again(self) -> None:
        """Ask, in the place of a query that runs."""
        while self._running is not None:
            self._running.cancel()
            await asyncio.wait({self._running})
        await self.run()

    def stop(self) -> bool:
        """Stop the query that runs; whether there was one."""
        if self._running is None:
            return False
        self._running.cancel()
        return True

    async def _ask(self) -> None:
        text, example = self.query.strip(), self._examples.get(self.source or "", "")
        if not text:
            raise ProblemError("Nothing is asked yet", f"Write a query, such as {example}" if example else "Write one.")
        if named := metric_named(text, example):
            self.write(named)  # what is added to a dashboard is what was asked
            text = named
        self.asked = True
        started, to_ms = time.perf_counter(), int(time.time() * 1000)
        from_ms = to_ms - self._range_s() * 1000
        try:
            answer = await self._api.query(self._ticket, body_of(self.source, text, from_ms, to_ms))
        except ProblemError as error:
            raise with_example(error, text, example) from None
        took_ms = (time.perf_counter() - started) * 1000
        result = await asyncio.to_thread(result_of, answer, zone_of_browser())
        self._show(result, (from_ms, to_ms))
        self._say(" · ".join(summary(result, took_ms)))

    def _show(self, result: Result, range_ms: tuple[int, int]) -> None:
        cards = []
        if result.lines:
            plot, legend = chart(result.lines, range_ms)
            drawn = pn.pane.Bokeh(plot, sizing_mode="stretch_width", margin=0)
            names = pn.pane.HTML(legend, css_classes=["legend"], sizing_mode="stretch_width", **STYLED)
            cards.append(card("Series", left_out(result), drawn, names))
        if result.table.rows:
            cards.append(card("Table", cut(result.table), table_of(result.table, SHEET)))
        self._results[:] = cards or [blank("No data in this range", "Ask for a longer one, or for something else.")]

    def _say(self, text: str, kind: str = "told") -> None:
        self._refused = None
        self._said.object = f'<p class="{kind}" role="status">{escape(text)}</p>'

    def say_problem(self, error: ProblemError) -> None:
        """Say beside the editor what is wrong."""
        self._refused = self.query
        title, detail = escape(error.heading), escape(sentence(error.detail))
        self._said.object = f'<p class="problem" role="alert"><strong>{title}</strong> <span>{detail}</span></p>'


def card(title: str, note: str, *inside: Any) -> pn.Column:
    """A titled box; `note` stands beside the title."""
    html = f"<h2>{escape(title)}</h2><span>{escape(note)}</span>"
    head = pn.pane.HTML(html, css_classes=["head"], sizing_mode="stretch_width", **STYLED)
    return pn.Column(head, *inside, css_classes=["card"], sizing_mode="stretch_width", **STYLED)


def blank(title: str, text: str) -> pn.pane.HTML:
    """What stands where nothing is to be shown."""
    html = f"{SUNRISE}<h2>{escape(title)}</h2><p>{escape(text)}</p>"
    return pn.pane.HTML(html, css_classes=["blank"], sizing_mode="stretch_width", **STYLED)


def zone_of_browser() -> tzinfo:
    """The zone of the session's browser, else UTC."""
    browser = pn.state.browser_info
    try:
        return ZoneInfo(browser.timezone) if browser is not None and browser.timezone else UTC
    except (ZoneInfoNotFoundError, ValueError):
        return UTC


def with_example(error: ProblemError, text: str, example: str) -> ProblemError:
    """An error of a query that is a lone name, which says how one is asked for."""
    if not LONE_NAME.fullmatch(text) or not example or LONE_NAME.fullmatch(example):
        return error
    return ProblemError(error.heading, f"{error.detail}. Write a query, such as {example}")


def metric_named(text: str, example: str) -> str:
    """The query for a metric of which the name alone was written, where a source asks for metrics by documents; else
    empty."""
    known = document_of(example)
    if known is None or set(known) != {"metric"} or not LONE_NAME.fullmatch(text):
        return ""
    return json.dumps({"metric": text})


def sentence(detail: str) -> str:
    """With a capital letter, where it begins with a word and not with a name."""
    first = detail.split(" ", 1)[0]
    return detail[:1].upper() + detail[1:] if first.isalpha() and first.islower() and first.isascii() else detail


def body_of(source: str, text: str, from_ms: int, to_ms: int) -> dict[str, Any]:
    """A request to the API: a text that is a JSON object is a structured query."""
    document = document_of(text)
    query = text if document is None else document
    return {"datasource": source, "query": query, "from": from_ms, "to": to_ms, "max_points": MAX_POINTS}


def document_of(text: str) -> dict[str, Any] | None:
    """The JSON object that a text is; None where it is none."""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return document if isinstance(document, dict) else None


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
    """A number with its noun."""
    return f"{number:,} {one if number == 1 else many}"
