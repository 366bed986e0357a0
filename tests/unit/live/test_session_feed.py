"""A view in Bokeh's own protocol: Bokeh itself reads the document and applies the patches, and has what was drawn."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pytest
from bokeh.document import Document
from bokeh.model import Model
from bokeh.models import ColumnDataSource, DataRange1d, Plot
from bokeh.protocol import Protocol
from bokeh.protocol.message import Message
from bokeh.protocol.receiver import Receiver
from fixtures.views import Clock, Dice, make_view, server_state, tick

from heliograph.app.live.session_feed import SessionFeed
from heliograph.app.live.view import View


def frames(blob: bytes) -> Iterator[str | bytes]:
    """The payloads of WebSocket frames."""
    at = 0
    while at < len(blob):
        opcode, length = blob[at] & 15, blob[at + 1]
        at += 2
        extended = {126: 2, 127: 8}.get(length, 0)
        if extended:
            length, at = int.from_bytes(blob[at : at + extended], "big"), at + extended
        payload = blob[at : at + length]
        yield payload.decode() if opcode == 1 else payload
        at += length


async def received(blob: bytes) -> Message[Any]:
    """The message as Bokeh's own receiver reads it."""
    receiver = Receiver(Protocol())
    message = None
    for payload in frames(blob):
        message = await receiver.consume(payload)
    assert message is not None
    return message


class Attached:
    """A client of Bokeh's protocol, without the socket."""

    def __init__(self, view: View, feed: SessionFeed) -> None:
        self.view, self.feed = view, feed
        self.wants = frozenset({1, 2, 3})
        self.numbered = False
        self.guest = False
        self.document = Document()
        self.inbox: list[bytes] = []

    def push(self, frame: bytes) -> None:
        self.inbox.append(self.feed.patch(frame))

    def leave(self, message: Mapping[str, Any], reason: str) -> None:
        return None

    async def pull(self) -> None:
        self.inbox.clear()
        reply = await received(self.feed.reply("1"))
        assert reply.header["reqid"] == "1"
        reply.push_to_document(self.document)

    async def read(self) -> None:
        messages, self.inbox = self.inbox, []
        for message in filter(None, messages):
            (await received(message)).apply_to_document(self.document)

    def root(self, panel_id: int) -> Model:
        found = self.document.get_model_by_name(f"panel-{panel_id}")
        assert found is not None
        return found

    def source(self, panel_id: int) -> ColumnDataSource | None:
        root = self.root(panel_id)
        inside = [*root.children, *root.tags[1:]]
        found = [model for one in inside for model in one.references() if isinstance(model, ColumnDataSource)]
        return found[0] if found else None


def plain(source: ColumnDataSource) -> dict[str, list[Any]]:
    return {
        name: [None if isinstance(item, float) and not np.isfinite(item) else item for item in list(column)]
        for name, column in source.data.items()
    }


@pytest.mark.parametrize("seed", range(20))
async def test_a_bokeh_document_follows_a_view_whatever_its_series_do(seed: int) -> None:
    dice, clock, source = random.Random(seed), Clock(), Dice(seed)
    view = make_view(source, clock)
    feed = SessionFeed(view)
    clients: list[Attached] = []
    for _ in range(15):
        if dice.random() < 0.3:
            client = Attached(view, feed)
            view.follow(client)
            await client.pull()
            clients.append(client)
        await tick(view, source, clock)
        for client in clients:
            await client.read()
    for client in clients:
        for panel_id in (1, 2, 3):
            state, sources, texts = server_state(view, panel_id)
            tags = client.root(panel_id).tags[0]
            assert tags["state"] == state
            if sources is not None:
                assert tags["texts"].keys() == texts.keys()
                for expected in sources.values():
                    found = client.source(panel_id)
                    assert found is not None
                    assert plain(found) == expected
    await view.close()


async def test_a_plot_of_a_stock_page_has_its_title_and_follows_its_data() -> None:
    clock, source = Clock(), Dice(2)
    view = make_view(source, clock)
    await tick(view, source, clock)
    client = Attached(view, SessionFeed(view))
    await client.pull()
    (plot,) = client.root(1).children
    assert isinstance(plot, Plot)
    assert isinstance(plot.x_range, DataRange1d)
    assert isinstance(plot.y_range, DataRange1d)
    assert plot.title is not None
    assert not client.root(2).children, "a table is drawn by pages alone; its rows are in the tags"
    ids = [model.id for model in client.document.models]
    assert len(set(ids)) == len(ids)
    await view.close()


async def test_a_tick_is_translated_once_for_all_who_are_attached() -> None:
    clock, source = Clock(), Dice(3)
    view = make_view(source, clock)
    feed = SessionFeed(view)
    clients = [Attached(view, feed) for _ in range(3)]
    for client in clients:
        view.follow(client)
    await tick(view, source, clock)
    first = [client.inbox[-1] for client in clients]
    assert first[0]
    assert all(message is first[0] for message in first)
    await view.close()
