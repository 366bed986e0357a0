"""An object of Grafana's as it is read: each key is taken, or means nothing here, or is told of as not carried over."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

MAX_NOTES: Final = 2000
MAX_SHOWN: Final = 60  # characters of a value in a note
NOT_CARRIED: Final = "is not carried over"


@dataclass(frozen=True, slots=True)
class Note:
    """What was not carried over as it was: `field` is where in the panel, or in the dashboard where there is none."""

    field: str
    detail: str
    panel_id: int | None = None
    panel: str = ""

    def __str__(self) -> str:
        where = f"panel {self.panel_id} ({self.panel})" if self.panel_id is not None else "the dashboard"
        return f"{where}: {self.field}: {self.detail}"


@dataclass(slots=True)
class Notes:
    """The notes of a dashboard as they come; `of` is the panel they are about for now."""

    found: list[Note] = field(default_factory=list)
    panel_id: int | None = None
    panel: str = ""

    def of(self, panel_id: int | None, title: str = "") -> None:
        """What is said next is of this panel."""
        self.panel_id, self.panel = panel_id, title[:500]

    def say(self, where: str, detail: str) -> None:
        """Note what is not carried over, once in a row, MAX_NOTES in all; `where` is a JSON path."""
        note = Note(where[:500], detail[:500], self.panel_id, self.panel)
        if len(self.found) < MAX_NOTES and note not in self.found[-20:]:
            self.found.append(note)


@dataclass(slots=True)
class Given:
    """A mapping with the keys that nobody has taken yet. What is no mapping is an empty one, with a note."""

    values: Mapping[str, Any]
    where: str
    notes: Notes
    left: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, value: Any, where: str, notes: Notes) -> Given:
        """An object of a foreign document; what is none is an empty one, with a note."""
        if not isinstance(value, Mapping):
            if value:
                notes.say(where or "$", f"{_shown(value)} is no object")
            value = {}
        return cls(value, where, notes, set(value))

    def at(self, key: str) -> str:
        """The JSON path of a key."""
        return f"{self.where}.{key}" if self.where else key

    def take(self, key: str, default: Any = None) -> Any:
        """The value, which somebody cares for now; the default where there is none, or null."""
        self.left.discard(key)
        value = self.values.get(key)
        return default if value is None else value

    def text(self, key: str, default: str = "") -> str:
        """A text; `default`, with a note, where it is anything else."""
        value = self.take(key, default)
        return value if isinstance(value, str) else self._other(key, value, default)

    def word(self, key: str) -> str:
        """A text, without a note where it is none: of what is compared with what is known."""
        value = self.take(key)
        return value if isinstance(value, str) else ""

    def listed(self, key: str) -> list[Any]:
        """A list; what is none is told of."""
        value = self.take(key, [])
        return value if isinstance(value, list) else self._other(key, value, [])

    def number(self, key: str) -> float | None:
        """The number, which may be written as a text, as Grafana's forms once did."""
        value = self.take(key)
        if value in (None, "") or isinstance(value, bool):
            return None
        number = as_number(value)
        return self._other(key, value, None) if number is None else number

    def flag(self, key: str, default: bool = False) -> bool:
        """A truth value as JavaScript sees it."""
        return bool(self.take(key, default))

    def choice(self, key: str, known: Mapping[Any, Any], default: Any = None) -> Any:
        """What a value is here; one that is not known is told of, and is the default."""
        value = self.take(key)
        if value is None:
            return default
        if isinstance(value, (str, int, float, bool)) and value in known:
            return known[value]
        return self._other(key, value, default)

    def _other(self, key: str, value: Any, default: Any) -> Any:
        self.notes.say(self.at(key), f"{_shown(value)} {NOT_CARRIED}")
        return default

    def inner(self, key: str) -> Given:
        """An object within this one, empty where there is none."""
        return Given.of(self.take(key), self.at(key), self.notes)

    def each(self, key: str) -> Iterator[Given]:
        """The objects of a list."""
        found = self.take(key, [])
        if not isinstance(found, list):
            self._other(key, found, None)
            return
        for index, one in enumerate(found):
            yield Given.of(one, f"{self.at(key)}[{index}]", self.notes)

    def leave(self, *keys: str) -> None:
        """These mean nothing here: the state of an editor, looks that are ours, what is the default of both."""
        self.left.difference_update(keys)

    def defaults(self, **usual: Any) -> None:
        """These mean nothing where they are as they usually are."""
        self.left.difference_update(key for key, value in usual.items() if self.values.get(key) == value)

    def say(self, key: str, detail: str) -> None:
        """Note that a key is not carried over, for a reason of its own."""
        self.left.discard(key)
        self.notes.say(self.at(key), detail)

    def rest(self) -> None:
        """Tell of each key that nobody took and that says something."""
        for key in self.values:  # in the order in which they stand
            if key in self.left and not is_nothing(self.values[key]):
                self.notes.say(self.at(str(key)), f"{_shown(self.values[key])} {NOT_CARRIED}")


def as_number(value: Any) -> float | None:
    """A finite number, written as one or as a text; whole ones without a point."""
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    if number - number != 0:
        return None
    return int(number) if number.is_integer() and abs(number) < 2**53 else number


def is_nothing(value: Any) -> bool:
    """Whether a value says nothing: null, false, empty, or made of such."""
    if isinstance(value, Mapping):
        return all(is_nothing(one) for one in value.values())
    if isinstance(value, Sequence) and not isinstance(value, str):
        return all(is_nothing(one) for one in value)
    return value is None or value is False or value == ""


def _shown(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= MAX_SHOWN else text[: MAX_SHOWN - 1] + "…"
