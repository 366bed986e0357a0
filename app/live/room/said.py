"""What a page says to a room: judged whole before anything of it is done."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

MAX_MS = 8_640_000_000_000_000  # the last instant that a browser knows
TAB = "[a-z0-9]{8,16}"

Ms = Annotated[int, Field(ge=0, le=MAX_MS)]
Words = Annotated[str, Field(pattern=r"^[0-9A-Za-z+:./-]{1,40}$")]


class Said(BaseModel):
    """Base of what a page says in a room: anything else is refused."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Shown(Said):
    """The range that somebody looks at: the words of their view's, and where they are zoomed in, ms."""

    from_: Words = Field(alias="from")
    to: Words
    zoom: Annotated[list[Ms], Field(min_length=2, max_length=2)] | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Shown:
        if self.zoom is not None and self.zoom[0] >= self.zoom[1]:
            raise ValueError("a range ends after it begins")
        return self


class RoomSaid(Said):
    """What is not named stays as it was.

    `join` is the tab's own name, kept while its page changes views; empty: it leaves. `follows` is the `id` of a
    person's tab; empty: nobody's. `at` is the instant under the crosshair, ms; null: the mouse is elsewhere.
    """

    join: Annotated[str, Field(pattern=f"^({TAB})?$")] | None = None
    shares: bool | None = None
    follows: Annotated[str, Field(pattern=rf"^([0-9]{{1,19}}\.{TAB})?$")] | None = None
    range: Shown | None = None
    at: Ms | None = None
    pinned: Literal[True] | None = None


class RoomMessage(Said):
    """What a page says in its room."""

    room: RoomSaid
