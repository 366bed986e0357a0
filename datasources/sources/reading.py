"""Reading what others answered, whose size and shape decide what it takes: by turns of who asks, bounded, stoppable.

A few bytes of an answer may be many times as much in memory, and an answer that nobody waits for any more is read no
further.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final, TypeVar

from ...errors import SourceError
from ...turns import Room
from ...unpaired import from_json
from ...workers import Workers

T = TypeVar("T")
ROOM: Final = Room(at_once=2, waiting=800, waiting_of_one=200, within_s=60.0)
LOOK_EVERY: Final = 10_000  # values between two looks at whether to stop
MAX_STRUCTURES: Final = 1_500_000  # lists and structures of an answer: each takes some 200 bytes, whatever it holds
MAX_VALUES: Final = 4_000_000  # of an answer: twice what may be shown of it
Stopped = Callable[[], bool]


class Reading(Workers):
    """Two threads; one is of whoever asks, and one is left to others."""

    def __init__(self) -> None:
        super().__init__(
            ROOM, "answers", "too many answers wait to be read", "too many answers of yours wait to be read"
        )


class StoppedError(SourceError):
    """Nobody waits for the answer any more."""


class Watch:
    """Counts what is read of an answer: StoppedError once it is to stop, SourceError past MAX_VALUES."""

    def __init__(self, stopped: Stopped) -> None:
        self._stopped = stopped
        self._left = MAX_VALUES
        self._looked = MAX_VALUES

    def count(self, values: int = 1) -> None:
        """So many values more were read."""
        self._left -= values
        if self._looked - self._left >= LOOK_EVERY:
            self._looked = self._left
            self.look()
        if self._left < 0:
            raise too_many()

    def look(self) -> None:
        """Whether to go on."""
        if self._stopped():
            raise StoppedError("nobody waits for this answer any more")

    def over(self, items: Iterable[T]) -> Iterator[T]:
        """The items, each counted."""
        for item in items:
            self.count()
            yield item

    def counting(self, read: Callable[[str], T]) -> Callable[[str], T]:
        """The same function, each call of it counted."""

        def counted(text: str) -> T:
            self.count()
            return read(text)

        return counted


def never() -> bool:
    """For what is small enough to be read to its end."""
    return False


def check_marks(body: bytes, openings: bytes, partings: bytes) -> None:
    """SourceError where the signs that begin structures, or part values, are more than are read."""
    if sum(body.count(sign) for sign in _each(openings)) > MAX_STRUCTURES:
        raise SourceError(f"the answer holds more than {MAX_STRUCTURES} lists and structures: ask for less")
    if sum(body.count(sign) for sign in _each(partings)) > MAX_VALUES:
        raise too_many()


def bounded_json(body: bytes) -> Any:
    """A JSON document; SourceError where it would take many times its bytes, ValueError where it is none."""
    check_marks(body, b"{[", b",")
    return from_json(body)


def too_many() -> SourceError:
    """The error of an answer with more than MAX_VALUES values."""
    return SourceError(f"the answer holds more than {MAX_VALUES} values: ask for less")


def _each(signs: bytes) -> Iterator[bytes]:
    return (bytes((sign,)) for sign in signs)
