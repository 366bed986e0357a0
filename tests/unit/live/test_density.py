"""Pictures of a panel: by the part of the work role that draws, over a socket; shared, and refused with a reason."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator

import httpx
import numpy as np
import pytest
from fixtures.views import SCOPE, Clock, Dice, make_view

from heliograph.app.http.encoded import Encoded, EncodedAnswers
from heliograph.app.http.framed import buffer_of, pack, unpack
from heliograph.app.live.density import LEAST_HEIGHT, LEAST_WIDTH, Densities, size_of
from heliograph.app.live.painter import Painter
from heliograph.app.live.view import View
from heliograph.app.process.work_address import SECRET_HEADER, WorkAddress
from heliograph.app.work.answering import answering
from heliograph.app.work.applications import Applications
from heliograph.app.work.drawing import Drawer
from heliograph.datasources.timerange import TimeRange
from heliograph.errors import HeliographError, MalformedError, NotFoundError, WorkUnavailableError

pytest.importorskip("datashader", reason="datashader is not installed: pip install 'heliograph[work]'")
LIMIT = 2_000_000


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
async def address() -> AsyncIterator[WorkAddress]:
    own = WorkAddress(free_port(), "secret")
    async with answering(own, Applications(own, "")):
        yield own


def a_view() -> tuple[View, TimeRange]:
    clock = Clock()
    source = Dice(1)
    source._dice.random()
    now_ms = int(clock.now * 1000)
    return make_view(source, clock), TimeRange(now_ms - 20_000, now_ms)


async def test_a_picture_has_its_panels_series_and_counts(address: WorkAddress) -> None:
    view, range_ = a_view()
    densities = Densities(Painter(address), LIMIT)
    body = await densities.picture(view.id, view.source(1), range_, size_of(320, 160, 1.0), "user:1")
    await densities.close()
    head, (codes,) = unpack(body)
    assert (head["series"], head["samples"]) == (2, 42)
    assert (head["from"], head["to"]) == (range_.from_ms, range_.to_ms)
    assert head["low"] == 0
    assert head["high"] >= 1
    picture = np.frombuffer(codes, np.uint8).reshape(head["height"], head["width"])
    assert picture.shape == (160, 320)
    # Two lines over the whole range: each column has one or both of them.
    assert (picture > 0).any(axis=0).all()
    assert max(head["levels"]) <= 2
    assert head["places"][-1] == 1


async def test_a_picture_says_what_its_axis_is_labelled_in_and_counts_nothing_that_is_hidden(
    address: WorkAddress,
) -> None:
    view, range_ = a_view()
    hidden = {"match": {"name": "line 0"}, "set": {"hide": True}}
    options = {"overrides": [hidden], "unit": "bytes", "decimals": 1}
    thresholds = {"thresholds": [{"value": 50, "level": "bad"}], "thresholds_mode": "percentage", "min": 0, "max": 4}
    source = view.source(1)
    source.options = source.tools.registry.options("density", {**options, **thresholds})
    densities = Densities(Painter(address), LIMIT)
    head, _ = unpack(await densities.picture(view.id, source, range_, size_of(320, 160, 1.0), "user:1"))
    await densities.close()
    assert (head["series"], head["samples"]) == (1, 21)
    assert head["axis"] == {"unit": "bytes", "decimals": 1, "binary": True}
    assert head["thresholds"] == [{"value": 2, "level": "bad", "color": ""}]


async def test_a_picture_that_many_ask_for_is_drawn_once_and_has_one_tag(address: WorkAddress) -> None:
    view, range_ = a_view()
    densities, cache = Densities(Painter(address), LIMIT), EncodedAnswers(Clock())
    drawn = []

    async def make() -> Encoded:
        drawn.append(1)
        return Encoded(await densities.picture(view.id, view.source(1), range_, size_of(320, 160, 1.0), "user:1"), 10)

    found = await asyncio.gather(*(cache.get(("key",), make) for _ in range(20)))
    other = await densities.picture(view.id, view.source(1), range_, size_of(640, 160, 1.0), "user:1")
    await densities.close()
    assert len(drawn) == 1
    assert len({sent.etag for sent in found}) == 1
    assert Encoded(other).etag != found[0].etag


async def test_where_nobody_draws_there_is_a_reason_and_a_time_to_come_again() -> None:
    view, range_ = a_view()
    densities = Densities(Painter(WorkAddress(free_port(), "secret")), LIMIT)
    with pytest.raises(WorkUnavailableError) as caught:
        await densities.picture(view.id, view.source(1), range_, size_of(320, 160, 1.0), "user:1")
    await densities.close()
    assert caught.value.retry_after_s
    assert caught.value.status == 503


async def test_where_datashader_is_not_installed_it_is_said_what_to_install() -> None:
    view, range_ = a_view()
    with pytest.raises(HeliographError, match="pip install 'heliograph"):
        await Densities(Painter(None), LIMIT).picture(view.id, view.source(1), range_, size_of(320, 160, 1.0), "user:1")


async def test_the_work_role_is_woken_before_there_is_something_to_draw(address: WorkAddress) -> None:
    painter = Painter(address)
    painter.wake()
    painter.wake()  # one that is on its way is enough
    assert painter.waking is not None
    await painter.waking
    async with httpx.AsyncClient(base_url=address.url) as client:
        # What is refused is refused at once: nothing is loaded for it.
        assert (await client.post("/wake", headers={SECRET_HEADER: "guessed"})).status_code == 401
    painter.wake()  # it is awake
    assert painter.waking is None
    painter.expect()
    assert painter.waking is not None
    await painter.waking
    painter.expect()  # it was told
    assert painter.waking is None
    await painter.close()


async def test_who_draws_nowhere_is_not_woken() -> None:
    painter = Painter(WorkAddress(free_port(), "secret"))
    painter.wake()
    assert painter.waking is not None
    await painter.waking
    painter.wake()  # it was not there: it is tried again
    assert painter.waking is not None
    await painter.close()
    Painter(None).wake()


async def test_what_draws_is_loaded_once_a_core_is_idle_or_at_the_latest_after_a_while() -> None:
    looks: list[float] = []

    def free_at_the_third_look() -> float:
        looks.append(1.0)
        return 1.5 if len(looks) == 3 else 0.2

    def never_free() -> float:
        looks.append(0.0)
        return 0.2

    for idle, number in ((free_at_the_third_look, 3), (never_free, 10)):
        looks.clear()
        drawer = Drawer()
        await drawer.warm_in_quiet(idle, look_every_s=0.001, latest_s=0.01)
        assert len(looks) == number
        assert drawer.ready
        await drawer.close()


async def test_who_does_not_know_the_secret_draws_nothing(address: WorkAddress) -> None:
    view, range_ = a_view()
    densities = Densities(Painter(WorkAddress(address.port, "guessed")), LIMIT)
    with pytest.raises(HeliographError, match="could not be drawn"):
        await densities.picture(view.id, view.source(1), range_, size_of(320, 160, 1.0), "user:1")
    await densities.close()


async def test_a_panel_of_another_type_has_no_picture() -> None:
    view, range_ = a_view()
    assert view.source(3).scope.org == SCOPE.org
    with pytest.raises(NotFoundError):
        await Densities(Painter(None), LIMIT).picture(view.id, view.source(3), range_, size_of(320, 160, 1.0), "user:1")
    with pytest.raises(NotFoundError):
        view.source(99)


@pytest.mark.parametrize(("width", "height"), [(600, 290), (601, 295), (607, 303)])
def test_sizes_are_shared_and_never_more_than_the_screen_has(width: int, height: int) -> None:
    size = size_of(width, height, 1.0)
    assert (size.width, size.height) == (576 if width < 608 else 608, 288)
    assert size.width <= width
    assert size.height <= height


def test_a_wider_range_has_more_pixels_and_sizes_have_bounds() -> None:
    assert size_of(640, 320, 1.25).width == 800
    assert (size_of(1, 1, 1.0).width, size_of(1, 1, 1.0).height) == (LEAST_WIDTH, LEAST_HEIGHT)
    assert size_of(100_000, 100_000, 2.0).width == 2560


def test_a_framed_message_is_what_was_packed_and_a_cut_one_is_refused() -> None:
    columns = [np.arange(5.0), np.empty(0), np.arange(3, dtype=np.uint8)]
    message = pack({"a": 1}, [buffer_of(column) for column in columns])
    head, buffers = unpack(message)
    assert head["a"] == 1
    assert np.frombuffer(buffers[0]).tolist() == [0, 1, 2, 3, 4]
    assert [buffer.nbytes for buffer in buffers] == [40, 0, 3]
    for broken in (b"", message[:20], message[:-60]):
        with pytest.raises(MalformedError):
            unpack(broken)
