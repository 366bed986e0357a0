"""JSON that cannot leave the script element it stands in."""

from __future__ import annotations

from typing import Any

from markupsafe import Markup

from .strict_json import strict_json


def script_json(document: Any) -> Markup:
    """JSON for a script element: what could end it or begin a comment is escaped."""
    text = strict_json(document)
    for char in "<>&\u2028\u2029":
        text = text.replace(char, f"\\u{ord(char):04x}")
    return Markup(text)  # noqa: S704 - escaped just above
