"""Values of which templates take fields by names of their own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar


class Record:
    """Something with fields."""

    __slots__ = ()

    def field(self, name: str) -> Any:
        """The field of that name; ValueError where there is none."""
        raise ValueError(f"can't evaluate field {name}")


class Struct(Record):
    """A record that Go has as a struct: written as its values in braces, and neither a list nor a map."""

    __slots__ = ()
    pointed_at: ClassVar[bool] = False  # functions are given where it is, which `print` shows by an ampersand

    @property
    def parts(self) -> Mapping[str, Any]:
        """Its fields, in the order in which they are declared."""
        return {}

    def field(self, name: str) -> Any:
        """The field of that name; ValueError with the names of those that there are."""
        if name not in self.parts:
            raise ValueError(f"can't evaluate field {name}: {', '.join(self.parts)}")
        return self.parts[name]
