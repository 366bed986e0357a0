"""The process that compiles layouts."""

from __future__ import annotations

from typing import Any

from ..compile import Layout, compile_layout
from ..panels.registry import PanelRegistry, default_registry
from .pickled import serve


class Compiling:
    """Layouts of the types of a registry. The first of each is compiled twice, to see that it is pure: who changes an
    option waits for each that follows."""

    def __init__(self, registry: PanelRegistry) -> None:
        self._registry = registry
        self._proven: set[str] = set()

    def __call__(self, name: str, options: Any, shape: Any) -> Layout:
        """The layout of a panel type's options and shape; LayoutError where it differs from call to call."""
        found = compile_layout(self._registry.get(name), options, shape, proven=name in self._proven)
        self._proven.add(name)
        return found


if __name__ == "__main__":
    serve(Compiling(default_registry()))
