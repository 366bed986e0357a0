"""The process that draws figures: it alone loads what their functions import."""

from __future__ import annotations

from functools import partial
from typing import Any

from ..asking.pickled import serve
from ..panels.registry import PanelRegistry, default_registry


def drawn(registry: PanelRegistry, name: str, options: Any, frames: Any, window: Any) -> Any:
    """The shape and what fills it."""
    return registry.get(name).draw(options, frames, window)


if __name__ == "__main__":
    serve(partial(drawn, default_registry()))
