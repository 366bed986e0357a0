"""Plugins: packages that bring kinds of data source, panel types and kinds of contact point.

A package names a function under the entry point group `heliograph.plugins`, and gets a `Plugins` to register with:

    [project.entry-points."heliograph.plugins"]
    dice = "heliograph_dice:register"

    def register(plugins: Plugins) -> None:
        plugins.source(DiceSource)
        plugins.figure("spread", spread, title="Spread")

What is installed beside Heliograph runs within it, with all its rights.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import EntryPoint, entry_points
from typing import Any, Final

from .errors import StartupError

GROUP: Final = "heliograph.plugins"


@dataclass(frozen=True, slots=True)
class BroughtFigure:
    """A panel type that a function draws; `options`: a class of `PanelOptions`, None where it takes none."""

    name: str
    title: str
    function: Callable[..., Any]
    options: type[Any] | None = None


class Plugins:
    """What plugins bring: classes of `Source`, `PanelType` and `Notifier`, and functions that draw, in the order in
    which they came."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self.sources: list[type[Any]] = []
        self.panels: list[type[Any]] = []
        self.figures: list[BroughtFigure] = []
        self.notifiers: list[type[Any]] = []

    def source(self, kind: type[Any]) -> None:
        """A kind of data source: a class of `heliograph.datasources.sources.base.Source`."""
        self.sources.append(kind)

    def panel(self, kind: type[Any]) -> None:
        """A panel type: a class of `heliograph.components.panels.base.PanelType`."""
        self.panels.append(kind)

    def figure(
        self, name: str, function: Callable[..., Any], *, title: str = "", options: type[Any] | None = None
    ) -> None:
        """A panel type that a function draws: of `(frames, options)`, frames of pandas and a dict, it makes a
        HoloViews element, an hvPlot, a Bokeh figure or a Panel pane, as for `hg.Figure`.

        `options`: a class of `heliograph.components.panels.base.PanelOptions`; without one it takes none. The function
        is called in a process beside the one that serves, where it imports what is heavy.
        """
        if not callable(function):
            raise TypeError(f"the figure {name} is no function")
        self.figures.append(BroughtFigure(name, title or name, function, options))

    def notifier(self, kind: type[Any]) -> None:
        """A kind of contact point: a class of `heliograph.alerting.notifiers.base.Notifier`."""
        self.notifiers.append(kind)


@lru_cache(1)
def installed() -> Plugins:
    """What the installed plugins bring; StartupError naming the first that cannot be loaded."""
    found = Plugins()
    for point in sorted(entry_points(group=GROUP), key=lambda one: one.name):
        _load(point, found)
    return found


def _load(point: EntryPoint, plugins: Plugins) -> None:
    try:
        point.load()(plugins)
    except Exception as error:  # whatever a plugin raises stops the start, in one line
        raise StartupError(f"the plugin {point.name} ({point.value}) cannot be loaded: {error!r}"[:500]) from error
    plugins.names.append(point.name)
