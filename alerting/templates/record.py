"""Values of which templates take fields by names of their own."""

from __future__ import annotations

from typing import Any


class Record:
    """Something with fields."""

    __slots__ = ()

    def field(self, name: str) -> Any:
        """The field of that name; ValueError where there is none."""
        raise ValueError(f"can't evaluate field {name}")
