"""Where in a JSON document something stands, as people read it: `$.panels[0].position.x`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

MAX_PATH: Final = 1000
MAX_NAME: Final = 100


def json_path(location: Sequence[int | str]) -> str:
    """A location as pydantic has it, as a path; cut where names are long."""
    parts = (f"[{part}]" if isinstance(part, int) else f".{cut(part, MAX_NAME)}" for part in location)
    return cut("$" + "".join(parts), MAX_PATH)


def cut(text: str, most: int) -> str:
    """A text of at most so many characters."""
    return text if len(text) <= most else text[: most - 1] + "…"
