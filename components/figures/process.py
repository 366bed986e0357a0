"""The process that draws figures: it alone loads what their functions import."""

from __future__ import annotations

from functools import partial
from typing import Any

from ...errors import HeliographError
from ..asking.pickled import serve
from ..panels.registry import PanelRegistry, default_registry


def drawn(registry: PanelRegistry, name: str, options: Any, frames: Any, window: Any) -> Any:
    """The shape and what fills it, or the text of why there is none."""
    try:
        return registry.get(name).draw(options, frames, window)
    except HeliographError as error:
        return error.detail
    except Exception as error:  # noqa: BLE001 - the asker's panel shows it; the process goes on for all others
        return f"{type(error).__name__}: {error}"


if __name__ == "__main__":
    serve(partial(drawn, default_registry()))
