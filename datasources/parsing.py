"""Reading what people wrote, whose cost their text decides: in one thread, by turns of who asks."""

from __future__ import annotations

from typing import Final

from ..turns import Room
from ..workers import Workers

# A text takes some ms, the worst that is allowed two seconds; a page may have many.
ROOM: Final = Room(at_once=1, waiting=2000, waiting_of_one=500, within_s=30.0)


class Parsing(Workers):
    """One thread, so that the loop has to share its interpreter with no more than that, and no other work waits."""

    def __init__(self) -> None:
        super().__init__(ROOM, "read", "too many queries wait to be read", "too many queries of yours wait to be read")
