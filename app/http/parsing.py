"""What requests say in texts, read so that no text is a failure of ours."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import SplitResult, urlsplit

MAX_DIGITS: Final = 9
PANEL_DIGITS: Final = 16  # ids of copies are longer than those that people give
# A browser leaves some of these out of an address, and a header cannot hold others.
CONTROLS: Final = re.compile(r"[\x00-\x20\x7f-\x9f\u2028\u2029\ud800-\udfff]")


def whole_number(text: str, digits: int = MAX_DIGITS) -> int | None:
    """An id or a count of at most so many ASCII digits; None for any other text, such as `²`."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= digits else None


def parts_of(address: str) -> SplitResult | None:
    """The parts of an address; None where it is none, such as `http://[`."""
    try:
        parts = urlsplit(address)
        _ = parts.port
    except ValueError:
        return None
    return parts


def own_path(path: str) -> str:
    """A path of ours to go to, as a request names it; anything else is home."""
    parts = parts_of(path.replace("\\", "/"))
    if CONTROLS.search(path) or parts is None:
        return "/"
    if parts.scheme or parts.netloc or not parts.path.startswith("/") or path.startswith("//"):
        return "/"
    return path
