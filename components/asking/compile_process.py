"""The process that compiles layouts."""

from __future__ import annotations

from functools import partial
from typing import Any

from ...errors import HeliographError
from ..compile import compile_layout
from ..panels.registry import PanelRegistry, default_registry
from .pickled import serve


def compiled(registry: PanelRegistry, name: str, options: Any, shape: Any) -> Any:
    """The layout, or the text of what is wrong with it."""
    try:
        return compile_layout(registry.get(name), options, shape)
    except HeliographError as error:
        return error.detail
    except Exception as error:  # noqa: BLE001 - the asker's panel shows it; the process goes on for all others
        return f"{type(error).__name__}: {error}"


if __name__ == "__main__":
    serve(partial(compiled, default_registry()))
