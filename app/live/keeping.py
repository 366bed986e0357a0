"""What is looked after each second: views nobody watches, viewers without a right, dashboards that were saved."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Mapping
from itertools import islice
from typing import Any, Protocol

import structlog

from ...errors import HeliographError, NotFoundError, UnauthenticatedError
from ...tasks import ended
from ..auth.holders import Holders
from .audience import Follower
from .drafting import DraftViews
from .firing import Firing
from .library import Library
from .lifecycle import comeback_window_ms
from .rights import Held, Rights
from .shelf import Shelf
from .view import View
from .warming import Warmer

log = structlog.get_logger(__name__)
SWEEP_S = 1.0
PROBE_TURNS = 5  # sweeps in which each viewer is looked after once
VERSION_CHECK_S = 2.0
FIRING_CHECK_S = 3.0


class Viewer(Follower, Protocol):
    """A follower as the hub and its keeper see it."""

    def probe(self, now_s: float) -> None:
        """Look whether the connection is still of use, and close it where it is not."""


class Keeper:
    """Ends what is nobody's any more, and tells viewers what became of their dashboards."""

    def __init__(
        self,
        shelf: Shelf,
        viewers: Holders[Viewer, Held],
        *,
        rights: Rights,
        library: Library,
        drafts: DraftViews,
        warmer: Warmer,
        firing: Firing,
        clock: Callable[[], float],
    ) -> None:
        self._shelf = shelf
        self._viewers = viewers
        self._rights = rights
        self._library = library
        self._drafts = drafts
        self._warmer = warmer
        self._firing = firing
        self._clock = clock
        self._told: dict[str, int | None] = {}
        self._turn = 0
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to look, every second."""
        self._task = asyncio.get_running_loop().create_task(self._keep())

    async def close(self) -> None:
        """Look no more."""
        await ended(self._task)
        self._task = None

    def news(self, view: View) -> Mapping[str, Any] | None:
        """What the viewers of a view were told of its dashboard: whoever comes later is to learn of it too."""
        if view.id not in self._told:
            return None
        return {"version": self._told[view.id], "within": comeback_window_ms(len(view.followers))}

    async def _keep(self) -> None:
        checked_s = counted_s = self._clock()
        while True:
            await asyncio.sleep(SWEEP_S)
            try:
                self._shelf.sweep()
                self._probe()
                await self._close_unlawful()
                if self._clock() - checked_s >= VERSION_CHECK_S:
                    checked_s = self._clock()
                    await self._check_versions()
                if self._clock() - counted_s >= FIRING_CHECK_S:
                    counted_s = self._clock()
                    await self._tell_firing()
            except HeliographError as error:
                log.warning("views cannot be kept", error=error.detail)

    def _probe(self) -> None:
        """Look after a part of the viewers: ten thousand at once would take longer than a tick."""
        self._turn = (self._turn + 1) % PROBE_TURNS
        now_s = self._clock()
        for follower in tuple(islice(self._viewers, self._turn, None, PROBE_TURNS)):
            follower.probe(now_s)

    async def _close_unlawful(self) -> None:
        """Close the sockets of those whose login ended, who may not see the dashboard any more, or whose is deleted."""
        lost = await self._rights.lost(self._viewers.rights())
        window_ms = comeback_window_ms(len(self._viewers)) if lost else 0
        for follower, held in self._viewers.of(lost):
            if isinstance(lost[held], UnauthenticatedError):
                follower.leave({"login": True}, "credential")
            elif isinstance(lost[held], NotFoundError):
                follower.leave({"version": None, "within": window_ms}, "deleted")
            else:
                follower.leave({"closed": True}, "right")

    async def _tell_firing(self) -> None:
        """Tell all who watch how many rules fire: with the next tick of each view."""
        found = await self._firing.look({view.key.org for view in self._shelf if view.followers})
        for view in self._shelf:
            if view.key.org in found:
                view.say_beside({"firing": found[view.key.org]})

    async def _check_versions(self) -> None:
        """Tell the viewers of a dashboard that was saved, here or on another node, to load again: once, at random.

        Views of drafts show what another node wrote of theirs.
        """
        held = {(view.key.org, view.key.dashboard_id) for view in self._shelf}
        versions = await self._library.current_versions(held)
        told: dict[str, int | None] = {}
        for view in tuple(self._shelf):
            version = versions.get((view.key.org, view.key.dashboard_id))
            if view.draft is not None and version is not None:
                with contextlib.suppress(HeliographError):  # its page learns of it as it asks
                    await self._drafts.catch_up(view, version)
                continue
            if version == view.key.version:
                continue
            told[view.id] = version
            view.pinned = False
            if self._told.get(view.id, view.key.version) != version:
                self._library.forget(view.key.org, view.key.dashboard_id)
                view.broadcast({"version": version, "within": comeback_window_ms(len(view.followers))})
                if version is not None:
                    self._warmer.ask(view.key.org, view.key.dashboard_id)
            if not view.followers:
                view.used_s = 0.0
        self._told = told
