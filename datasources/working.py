"""Working answers out: expressions and transformations, which take seconds where somebody wants that."""

from __future__ import annotations

from typing import Final

from ..turns import Room
from ..workers import Workers

ROOM: Final = Room(at_once=2, waiting=800, waiting_of_one=200, within_s=60.0)


class Working(Workers):
    """Two threads; one is of whoever asks, and one is left to others."""

    def __init__(self) -> None:
        super().__init__(ROOM, "work", "too much waits to be worked out", "too much of yours waits to be worked out")
