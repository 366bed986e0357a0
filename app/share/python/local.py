"""A dashboard asked and drawn in this process, with no server: over its own data and the sources that it is given."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from ....components.asking.tools import PanelTools
from ....components.compile import LayoutCache
from ....components.rasters import Points
from ....components.spec import BROWSER_ZONE
from ....components.spec import Dashboard as Spec
from ....datasources.datemath import parse_range
from ....datasources.parsing import Parsing
from ....datasources.query.path import QueryPath
from ....datasources.sources.registry import SourceKinds, Sources
from ....datasources.variables.asked import VariableOptions
from ....datasources.variables.builtins import of_dashboard
from ....datasources.variables.resolve import resolve
from ....errors import HeliographError, InvalidError
from ....scope import DEFAULT_ORG, Role, Scope
from ....storage.cache.shared import in_memory
from ....storage.config.datasources import StoredSource
from ...configuration import checked_settings
from ...live.density import Densities
from ...live.key import make_key
from ...live.laying import laid_out
from ...live.painter import NOT_INSTALLED, Painter
from ...live.view import View
from ...process.telemetry import Telemetry
from ...query_path import OPEN_KINDS, as_stored, counted_caches, make_admission, make_proxy, source_contexts
from ...settings import Settings
from ...work.canvas import Canvas
from ..freezing import Frozen, frozen
from ..standalone import size_text, standalone
from .board import Dashboard
from .data import UID
from .panels import drawing
from .source import OwnSource
from .span import span_of

T = TypeVar("T")
NAMELESS = "dashboard"  # one without an id
LOCAL = Scope(DEFAULT_ORG, Role.ADMIN, principal="python")


def save(
    board: Dashboard,
    path: str | Path,
    *,
    sources: Sequence[Mapping[str, Any]] = (),
    variables: Mapping[str, str | Sequence[str]] | None = None,
    theme: str = "",
) -> str:
    """Write a dashboard as one HTML file that opens without a server or a network; how large it is.

    Its own data is in it. Queries ask `sources`, each as a `[[datasources]]` of heliograph.toml has it:
    `{"uid": "prometheus", "type": "prometheus", "url": "http://127.0.0.1:9090"}`. `variables` are values by name.
    """
    text = document(board, sources=sources, variables=variables, theme=theme)
    Path(path).write_text(text, "utf-8")
    return size_text(len(text.encode()))


def document(
    board: Dashboard,
    *,
    sources: Sequence[Mapping[str, Any]] = (),
    variables: Mapping[str, str | Sequence[str]] | None = None,
    theme: str = "",
) -> str:
    """The text of that file."""
    if theme not in ("", "light", "dark"):
        raise InvalidError("a theme is light or dark", path="$.theme")
    made = wait_for(freeze(board, sources=sources, variables=variables or {}))
    return standalone(made, made_ms=int(time.time() * 1000), theme=theme)


class Local:
    """A dashboard of this process, asked again and again over what was asked before. Lives on one event loop."""

    def __init__(
        self, board: Dashboard, sources: Sequence[Mapping[str, Any]], variables: Mapping[str, str | Sequence[str]]
    ) -> None:
        self._board = board
        self._sources = sources
        self._variables = variables
        self._densities = Densities(LocalPainter(), Settings().max_answer_points)
        self._stack = AsyncExitStack()
        self._path: tuple[QueryPath, PanelTools] | None = None

    async def start(self) -> Frozen:
        """The dashboard as it is now, for the first time."""
        self._path = await self._stack.enter_async_context(opened(self._board, self._sources))
        return await self.next()

    async def next(self) -> Frozen:
        """As it is now."""
        assert self._path is not None
        view = await _view(self._board, *self._path, self._variables)
        try:
            zone = self._board.spec.timezone or BROWSER_ZONE
            return await frozen(view, self._densities, zone=zone, who=LOCAL.principal)
        finally:
            await view.close()

    async def close(self) -> None:
        """End its sources and what they hold open."""
        await self._densities.close()
        await self._stack.aclose()


async def freeze(
    board: Dashboard, *, sources: Sequence[Mapping[str, Any]], variables: Mapping[str, str | Sequence[str]]
) -> Frozen:
    """The dashboard as it is now, asked once."""
    local = Local(board, sources, variables)
    try:
        return await local.start()
    finally:
        await local.close()


@asynccontextmanager
async def opened(board: Dashboard, sources: Sequence[Mapping[str, Any]]) -> AsyncIterator[tuple[QueryPath, PanelTools]]:
    """The query path of this process, over the dashboard's own data and these sources."""
    clock = time.time
    settings = checked_settings({"datasources": [dict(one) for one in sources]})
    kinds = SourceKinds(source_contexts(settings, clock, Parsing()))
    kinds.register(OwnSource, lambda *_: OwnSource(board.own))
    for kind in OPEN_KINDS:
        kinds.register(kind)
    stored = [*map(as_stored, settings.datasources), StoredSource(UID, "Python", UID, provisioned=True)]
    shared, telemetry = in_memory(), Telemetry()
    found = Sources(kinds, stored, _no_others, clock)
    caches = counted_caches(shared, clock, telemetry)
    admission = make_admission(settings, caches, telemetry)
    proxy = make_proxy(settings, found, caches, telemetry, admission)
    queries = QueryPath(found, proxy, caches, VariableOptions(found, clock, admission), shared)
    await queries.start()
    try:
        yield queries, PanelTools(drawing(board.functions), LayoutCache(), proxy)
    finally:
        await queries.close()
        await shared.close()


async def _view(
    board: Dashboard, queries: QueryPath, tools: PanelTools, given: Mapping[str, str | Sequence[str]]
) -> View:
    """The dashboard's view, which does not tick: its own range, else that of its own data."""
    dashboard: Spec = board.spec
    now_ms = int(time.time() * 1000)
    start, end = _range(board)
    zone = dashboard.timezone if dashboard.timezone != BROWSER_ZONE else ""
    range_ = parse_range(start, end, now_ms, zone or "UTC")
    values = {name: (one,) if isinstance(one, str) else tuple(one) for name, one in given.items()}
    around = of_dashboard(dashboard.dashboard_id or NAMELESS, dashboard.title, zone or "UTC")
    variables = await resolve(dashboard.asked_variables, values, range_, LOCAL, queries.options, around=around)
    key = make_key(
        LOCAL,
        dashboard,
        dashboard.dashboard_id or NAMELESS,
        board.version or 0,
        variables={one.variable.name: (*one.current, "", *one.values) for one in variables},
        from_text=str(range_.from_ms),
        to_text=str(range_.to_ms),
        refresh="",
        zone=zone,
        now_ms=now_ms,
        zoned=True,
    )
    laid = laid_out(key, dashboard, variables, LOCAL, tools)
    return View(key, laid, variables, clock=time.time, telemetry=Telemetry())


def _range(board: Dashboard) -> tuple[str, str]:
    time_ = board.spec.time
    own = None if "time" in board.spec.model_fields_set else span_of(board.own)
    return (str(own[0]), str(own[1])) if own is not None else (time_.from_, time_.to)


async def _no_others(_org: int) -> Sequence[StoredSource]:
    return ()


class LocalPainter(Painter):
    """Counts points by pixel in this process, where datashader is installed."""

    def __init__(self) -> None:
        super().__init__(None)

    async def paint(self, canvas: Canvas, points: Points) -> NDArray[np.uint32]:
        try:
            from ...work.raster import rasterised  # noqa: PLC0415 - it takes seconds, and may not be installed
        except ImportError:
            raise HeliographError(NOT_INSTALLED) from None
        draw: Callable[[], NDArray[np.uint32]] = lambda: rasterised(  # noqa: E731
            canvas, points.x, points.y, points.lengths, points.lone
        )
        return await asyncio.to_thread(draw)


def wait_for(made: Coroutine[Any, Any, T]) -> T:
    """What a coroutine gives, also where this thread has a running loop, as notebooks do."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, made).result()
