"""JSON that cannot leave the script element it stands in."""

from __future__ import annotations

import json
from typing import Any

from markupsafe import Markup


def script_json(document: Any) -> Markup:
    """JSON for a script element: what could end it or begin a comment is escaped."""
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    for char in "<>&\u2028\u2029":
        text = text.replace(char, f"\\u{ord(char):04x}")
    return Markup(text)  # noqa: S704 - escaped just above
