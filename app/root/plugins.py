"""Plugins: packages that bring kinds of data source, panel types and kinds of contact point.

A package names a function under the entry point group `heliograph.plugins`, and gets a `Plugins` to register with:

    [project.entry-points."heliograph.plugins"]
    dice = "heliograph_dice:register"

    def register(plugins: Plugins) -> None:
        plugins.source(DiceSource)

What is installed beside Heliograph runs within it, with all its rights.
"""

from __future__ import annotations

from functools import lru_cache
from importlib.metadata import EntryPoint, entry_points
from typing import Any, Final

from .errors import StartupError

GROUP: Final = "heliograph.plugins"


class Plugins:
    """What plugins bring: classes of `Source`, `PanelType` and `Notifier`, in the order in which they came."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self.sources: list[type[Any]] = []
        self.panels: list[type[Any]] = []
        self.notifiers: list[type[Any]] = []

    def source(self, kind: type[Any]) -> None:
        """A kind of data source: a class of `heliograph.datasources.sources.base.Source`."""
        self.sources.append(kind)

    def panel(self, kind: type[Any]) -> None:
        """A panel type: a class of `heliograph.components.panels.base.PanelType`."""
        self.panels.append(kind)

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
