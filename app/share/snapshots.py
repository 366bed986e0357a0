"""`/snapshots/<id>`: a view as its maker saw it, drawn of what was kept then: nothing is asked for it."""

from __future__ import annotations

import asyncio
import gzip
import json
import zlib
from collections.abc import Mapping
from time import monotonic
from typing import Any, Final

from tornado.web import url

from ...kept import Kept
from ...storage.config.repositories import Repositories
from ...storage.config.snapshots import SnapshotData, SnapshotEntry
from ..auth.browsers import ANONYMOUS
from ..http.site import Site
from ..pages.page import PageHandler
from ..pages.templates import make_environment
from .freezing import Frozen
from .pages import Guarded
from .standalone import Origin, policy, standalone

KEPT_S: Final = 300.0
MAX_KEPT_BYTES: Final = 64 * 10**6
PACKED: Final = 5  # level of gzip
LENGTH_BYTES: Final = 4


def packed_parts(parts: Mapping[str, bytes]) -> bytes:
    """Parts as one block: a head of their names and lengths as JSON, behind its own length, and their bytes."""
    head = json.dumps([[name, len(data)] for name, data in parts.items()]).encode()
    return zlib.compress(len(head).to_bytes(LENGTH_BYTES, "little") + head + b"".join(parts.values()))


def unpacked_parts(block: bytes) -> dict[str, bytes]:
    """The parts that `packed_parts` made this of."""
    data = zlib.decompress(block)
    at = LENGTH_BYTES + int.from_bytes(data[:LENGTH_BYTES], "little")
    found = {}
    for name, length in json.loads(data[LENGTH_BYTES:at]):
        found[name] = data[at : at + length]
        at += length
    return found


def kept_data(frozen: Frozen) -> SnapshotData:
    """A frozen view as it is kept. It takes a while: call it from a thread."""
    return SnapshotData(json.dumps(frozen.boot, ensure_ascii=False), packed_parts(frozen.parts))


class SnapshotPage(Guarded, PageHandler):
    """Who has the address looks. The policy of the page lets nothing be fetched, and none but our scripts run."""

    config: Repositories
    drawn: Kept[bytes]
    leads_home = False

    async def get(self, snapshot_id: str) -> None:
        person = self.spend_of(ANONYMOUS)
        entry = await self.config.snapshots.find(snapshot_id, int(self.site.clock() * 1000))
        async with self.site.access.budget.turn(person):
            page = await self.drawn.get((snapshot_id, self.theme), lambda: self._draw(entry))
        self.set_header("Content-Security-Policy", f"{policy(self._origin())}; frame-ancestors 'none'")
        self.send(page if self.takes_gzip else gzip.decompress(page), gzipped=self.takes_gzip)

    async def _draw(self, entry: SnapshotEntry) -> bytes:
        data, theme, origin = await self.config.snapshots.data(entry.id), self.theme, self._origin()
        return await asyncio.to_thread(drawn_page, entry, data, theme, origin)

    def _origin(self) -> Origin:
        """Links of panels lead to this server."""
        settings = self.site.settings
        return Origin("", settings.public_url or f"{self.request.protocol}://{self.request.host}{settings.root}")

    def sign_in_url(self) -> str:
        """Nowhere: the way back would have the id in it."""
        return ""


def drawn_page(entry: SnapshotEntry, data: SnapshotData, theme: str, origin: Origin) -> bytes:
    """The page of a snapshot, packed."""
    frozen = Frozen(json.loads(data.boot), unpacked_parts(data.parts))
    text = standalone(frozen, made_ms=entry.created_at, origin=origin, theme=theme, maker=entry.maker)
    return gzip.compress(text.encode(), PACKED)


def routes(site: Site, config: Repositories) -> list[Any]:
    """The routes of snapshots."""
    drawn: Kept[bytes] = Kept(monotonic, KEPT_S, limit=MAX_KEPT_BYTES, size=len)
    own = {"site": site, "templates": make_environment(), "config": config, "drawn": drawn}
    return [url(r"/snapshots/([A-Za-z0-9_-]{1,64})", SnapshotPage, own)]
