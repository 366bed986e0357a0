"""The templates of pages: Jinja with everything escaped."""

from __future__ import annotations

from functools import lru_cache

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape


@lru_cache(1)
def make_environment() -> Environment:
    """The environment that all pages are rendered in."""
    return Environment(
        loader=PackageLoader("heliograph.app.pages", "templates"),
        autoescape=select_autoescape(default=True, default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
