"""The templates of pages: Jinja with everything escaped, and JSON that cannot leave its script element."""

from __future__ import annotations

import json
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from markupsafe import Markup


def make_environment() -> Environment:
    """The environment that all pages are rendered in."""
    return Environment(
        loader=PackageLoader("heliograph.app.pages", "templates"),
        autoescape=select_autoescape(default=True, default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def script_json(document: Any) -> Markup:
    """JSON for a script element: what could end it or begin a comment is escaped."""
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    for char in "<>&\u2028\u2029":
        text = text.replace(char, f"\\u{ord(char):04x}")
    return Markup(text)  # noqa: S704 - escaped just above
