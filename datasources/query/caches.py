"""All that is kept of answers, as one: forgotten together, here, in the shared cache and on all other nodes."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field

from ...storage.cache.shared import Shared
from ..parsing import Parsing
from .answer_cache import AnswerCache
from .chunkability import Chunkability
from .judge import Judge
from .last_good import LastGood
from .node_flight import NodeFlight
from .question import prefix
from .range_cache import RangeCache

CHANNEL = "cache"


@dataclass(slots=True)
class Caches:
    """The caching stages of a process."""

    answers: AnswerCache
    ranges: RangeCache
    last_good: LastGood
    shared: Shared
    judge: Judge
    nodes: NodeFlight | None = None  # None: there is one node alone
    # What else forgets with them: called with an org, or None for all.
    on_forget: list[Callable[[int | None], None]] = field(default_factory=list)
    _leave: Callable[[], None] | None = field(default=None, init=False)

    async def start(self) -> None:
        """Listen to what other nodes forget. Where that may have been missed, all is forgotten."""
        self._leave = await self.shared.messages.subscribe(CHANNEL, self._received, self._missed)
        if self.nodes is not None:
            await self.nodes.start()

    async def flush(self, org: int, datasource: str = "") -> int:
        """Forget all of an org's answers, of one data source or of all, on all nodes; how many there were here."""
        gone = self._forget(org, datasource) + await self.shared.cache.delete_prefix(prefix(org, datasource))
        await self.shared.messages.publish(CHANNEL, json.dumps([org, datasource]).encode())
        return gone

    async def close(self) -> None:
        """Hear no more flushes, and end what is on its way between nodes."""
        if self._leave is not None:
            self._leave()
        await self.ranges.close()
        await self.judge.close()
        if self.nodes is not None:
            await self.nodes.close()

    def _missed(self) -> None:
        self._forget(None)

    def _received(self, message: bytes) -> None:
        org, datasource = json.loads(message)
        self._forget(int(org), str(datasource))

    def _forget(self, org: int | None, datasource: str = "") -> int:
        for forget in self.on_forget:
            forget(org)
        return sum([stage.forget(org, datasource) for stage in (self.answers, self.ranges, self.last_good)])


def make_caches(
    shared: Shared,
    clock: Callable[[], float],
    *,
    counted: Callable[[str], None],
    joined: Callable[[str], None],
) -> Caches:
    """The caching stages; only where other nodes have a part in it do they share what they have."""
    remote = shared.cache if shared.remote else None
    judge = Judge()
    return Caches(
        answers=AnswerCache(clock, counted),
        ranges=RangeCache(Chunkability(judge, Parsing()), clock, remote),
        last_good=LastGood(clock, remote),
        shared=shared,
        judge=judge,
        nodes=NodeFlight(shared, clock, joined) if shared.remote else None,
    )
