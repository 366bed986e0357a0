"""The process that compiles layouts."""

from __future__ import annotations

from functools import partial
from typing import Any

from ..compile import Layout, compile_layout
from ..panels.registry import PanelRegistry, default_registry
from .pickled import serve


def compiled(registry: PanelRegistry, name: str, options: Any, shape: Any) -> Layout:
    """The layout of a panel type's options and shape."""
    return compile_layout(registry.get(name), options, shape)


if __name__ == "__main__":
    serve(partial(compiled, default_registry()))
