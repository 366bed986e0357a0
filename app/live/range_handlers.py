"""What a page fetches of a view over a range of its own: columns, pictures of density, annotations; shared by all."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Hashable

from ...datasources.datemath import parse_time
from ...datasources.timerange import TimeRange
from ...errors import InvalidError, NotFoundError
from ..http.encoded import Encoded
from ..http.parsing import PANEL_DIGITS, whole_number
from .admitted import within
from .closer_look import marks_over, zoomed
from .density import size_of
from .snapping import snapped
from .view import View
from .view_handler import BINARY, MAX_IDS, ViewHandler

MAX_ZOOM_MS = 10 * 366 * 86_400_000
MARKS_LIFE_S = 1.0
SETTLED_MS = 60_000
SETTLED_LIFE_S = 60.0


class RangeHandler(ViewHandler):
    """Base of what is answered over a range."""

    async def ranged(self, key: tuple[Hashable, ...], life_s: float, make: Callable[[], Awaitable[bytes]]) -> Encoded:
        """An answer over a range."""
        kept = self.live.ranged.at_hand(key)
        if kept is not None:
            return kept

        async def encode() -> Encoded:
            return Encoded(await make(), life_s)

        async with self.site.access.budget.turn(self.who):
            return await self.live.ranged.get(key, encode)

    async def write_encoded(self, encoded: Encoded, content_type: str = BINARY) -> None:
        """Answer with what is kept, packed where that is taken."""
        self.set_header("Content-Type", content_type)
        packs = self.takes_gzip
        self.write_bytes(await encoded.gzip() if packs else encoded.body, compressed=packs)

    def seen(self, view: View, range_: TimeRange) -> TimeRange:
        """What this viewer may see of a range; NotFoundError where a link shows another one alone."""
        return within(range_, view.window, self.share.terms if self.share is not None else None)

    def asked_range(self) -> TimeRange:
        """The arguments `from` and `to`; InvalidError."""
        now_ms = int(self.site.clock() * 1000)
        start, end = (parse_time(self.get_query_argument(name, ""), now_ms) for name in ("from", "to"))
        if not 0 <= start < end or end - start > MAX_ZOOM_MS:
            raise InvalidError("a range starts before it ends", path="$.from")
        return TimeRange(start, end)


def life_of(view: View, range_: TimeRange) -> float:
    """For how many seconds an answer over a range is good: what has happened stays so, but for samples that come late;
    what goes on is as old as a refresh at most."""
    settled = range_.to_ms < view.window[1] - SETTLED_MS
    return SETTLED_LIFE_S if settled or not view.key.live else max(1.0, view.key.refresh_s)


class ColumnsHandler(RangeHandler):
    """`GET /live/<view>/columns?panels=1,2&from=&to=`: panels over another range, shared by all who look at it."""

    async def get(self, view_id: str) -> None:
        view = await self.view(view_id)
        range_ = self.seen(view, snapped(self.asked_range()))
        panel_ids = panels_named(view, self.get_query_argument("panels", "") or self.get_query_argument("panel", ""))
        if not panel_ids:
            raise NotFoundError("there is no such panel")
        key = columns_key(view, panel_ids, range_)
        await self.write_encoded(await self.ranged(key, life_of(view, range_), lambda: zoomed(view, panel_ids, range_)))


def panels_named(view: View, text: str) -> tuple[int, ...]:
    """Panels by their ids with commas between them, in order; none where one of them is not there."""
    ids = {whole_number(one, PANEL_DIGITS) for one in text.split(",")[:MAX_IDS]}
    found = tuple(sorted(one for one in ids if one is not None and view.has_panel(one)))
    return found if len(found) == len(ids) else ()


def columns_key(view: View, panel_ids: tuple[int, ...], range_: TimeRange) -> tuple[Hashable, ...]:
    """What columns over another range are kept by."""
    return view.state_id, panel_ids, range_


class DensityHandler(RangeHandler):
    """`GET /live/<view>/density?panel=&from=&to=&width=&height=`: counts by pixel, shared by all who look at them.

    Its ETag names what it shows: who has it already is told so by 304.
    """

    async def get(self, view_id: str) -> None:
        view = await self.view(view_id)
        source, asked = view.source(self.number("panel", digits=PANEL_DIGITS)), self.asked_range()
        range_ = self.seen(view, snapped(asked))
        size = size_of(self.number("width", 1), self.number("height", 1), range_.span_ms / asked.span_ms)
        # What one column of pixels stands for needs no newer picture.
        life_s = max(life_of(view, range_), range_.span_ms / 1000 / size.width)
        sent = await self.ranged(
            ("density", view.state_id, source.panel.panel_id, range_, size),
            life_s,
            lambda: self.live.densities.picture(view.state_id, source, range_, size, self.who.key),
        )
        self.set_header("ETag", sent.etag)
        self.set_header("X-Heliograph-Life", str(round(life_s, 1)))
        if self.request.headers.get("If-None-Match") == sent.etag:
            self.set_status(304)
            self.set_header("Cache-Control", "private, no-store")
            self.finish()
            return
        await self.write_encoded(sent)


async def nothing_found() -> bytes:
    """The annotations of a range where none are asked for."""
    return b"{}"


class AnnotationsHandler(RangeHandler):
    """`GET /live/<view>/annotations?from=&to=&query=`: annotations of a range, as they are now; `query` repeats."""

    async def get(self, view_id: str) -> None:
        view = await self.view(view_id)
        range_ = self.seen(view, snapped(self.asked_range()))
        chosen = view.marks.chosen(self.get_query_arguments("query", strip=False))
        names = tuple(source.query.name for source in chosen)
        made = any(source.query.builtin for source in chosen)
        writes = self.live.annotations.writes(view.key.org) if made else 0  # who made one sees it at once
        sent = await self.ranged(
            (view.state_id, "annotations", names, writes, range_),
            MARKS_LIFE_S,
            lambda: marks_over(view, range_, names) if names else nothing_found(),
        )
        await self.write_encoded(sent, "application/json; charset=utf-8")
