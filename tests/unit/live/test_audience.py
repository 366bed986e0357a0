"""Frames reach every follower in order, whatever else the loop does between the slices."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from heliograph.app.live.audience import SLICE, Audience


class Viewer:
    """Keeps what it is told."""

    wants = frozenset({1})

    def __init__(self, audience: Audience, *, numbered: bool = True, guest: bool = False) -> None:
        self.numbered = numbered
        self.guest = guest
        self.heard: list[bytes] = []
        audience.add(self)

    def push(self, frame: bytes) -> None:
        self.heard.append(frame)

    def leave(self, message: Mapping[str, Any], reason: str) -> None:
        raise AssertionError(reason)


def crowd(count: int = 3 * SLICE + 1) -> tuple[Audience, list[Viewer]]:
    audience = Audience(lambda: 7.0)
    return audience, [Viewer(audience) for _ in range(count)]


async def test_a_frame_goes_out_in_slices_and_its_end_is_told() -> None:
    audience, viewers = crowd()
    ends: list[int] = []
    audience.tell(b"one", lambda: ends.append(sum(map(len, (viewer.heard for viewer in viewers)))))
    assert sum(bool(viewer.heard) for viewer in viewers) == SLICE
    assert (audience.said_s, ends) == (7.0, [])
    for _ in range(5):
        await asyncio.sleep(0)
    assert [viewer.heard for viewer in viewers] == [[b"one"]] * len(viewers)
    assert ends == [len(viewers)]


async def test_the_next_frame_waits_for_what_is_left_of_the_one_before() -> None:
    audience, viewers = crowd()
    audience.tell(b"one")
    audience.tell(b"two")
    assert all(viewer.heard[0] == b"one" for viewer in viewers)
    audience.finish()
    assert [viewer.heard for viewer in viewers] == [[b"one", b"two"]] * len(viewers)
    audience.finish()
    await asyncio.sleep(0)
    assert {len(viewer.heard) for viewer in viewers} == {2}


async def test_those_who_do_not_count_ticks_hear_of_one_at_once() -> None:
    audience, _ = crowd()
    bokeh = [Viewer(audience, numbered=False) for _ in range(SLICE + 9)]
    audience.tell(b"one")
    assert all(viewer.heard == [b"one"] for viewer in bokeh)
    audience.discard(bokeh[0])
    audience.tell(b"two")
    assert [bokeh[0].heard, bokeh[1].heard] == [[b"one"], [b"one", b"two"]]


async def test_who_comes_amid_a_frame_has_it_by_its_snapshot_alone() -> None:
    audience, viewers = crowd()
    audience.tell(b"one")
    late = Viewer(audience)
    audience.finish()
    assert late.heard == []
    assert all(viewer.heard == [b"one"] for viewer in viewers)


async def test_nobody_there_is_told_nothing() -> None:
    audience = Audience(lambda: 0.0)
    ends: list[bool] = []
    audience.tell(b"one", lambda: ends.append(True))
    assert ends == [True]
    assert audience.wants() == frozenset()


async def test_what_is_said_beside_panels_is_not_for_those_who_came_by_a_link() -> None:
    audience, (viewer,) = crowd(1)
    assert not audience.has_guests
    guest = Viewer(audience, guest=True)
    assert audience.has_guests
    audience.tell(b"all")
    audience.tell(b"with more", to_guests=b"bare")
    assert (viewer.heard, guest.heard) == ([b"all", b"with more"], [b"all", b"bare"])
    audience.discard(guest)
    assert not audience.has_guests
