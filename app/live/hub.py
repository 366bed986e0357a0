"""The views of a process: opened by one builder however many ask, followed by sockets, looked after each second."""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from itertools import islice
from typing import Protocol

import structlog

from ...components.spec import Dashboard
from ...errors import (
    ForbiddenError,
    HeliographError,
    NotFoundError,
    OverloadedError,
    TooManyViewersError,
    UnauthenticatedError,
)
from ...kept import Kept
from ...scope import SHARED, Role, Scope
from ...storage.config.dashboard_rows import StoredDashboard
from ...storage.config.folders import Folders
from ...storage.config.meta import Meta
from ..auth.authenticator import Identity
from ..auth.bucket import Bucket
from ..auth.budget import Budget, Person
from ..auth.holders import Holders
from ..auth.viewer_token import ViewerToken, ViewerTokens
from ..process.telemetry import Telemetry
from .address import Address, arrived, carried
from .admitted import admitted
from .aged import lost_values, readable
from .audience import Follower
from .boot import BootDocuments, Entry, Opened
from .builder import ViewBuilder
from .draft_board import draft_id_of
from .firing import Firing
from .frames import as_frame
from .library import Key, Library
from .lifecycle import ViewLimits, comeback_window_ms
from .popularity import Popularity
from .rights import Held, Rights
from .shelf import Shelf
from .suspects import Suspects
from .view import View
from .warming import Warmer

log = structlog.get_logger(__name__)
SWEEP_S = 1.0
PROBE_TURNS = 5  # sweeps in which each viewer is looked after once
OPENED_LIFE_S = 1.0
MAX_OPENINGS = 5000
VERSION_CHECK_S = 2.0
FIRING_CHECK_S = 3.0


class Viewer(Follower, Protocol):
    """A follower as the hub sees it."""

    def probe(self, now_s: float) -> None: ...


class Hub:
    """Opens, keeps and ends views. All methods run on the event loop."""

    def __init__(
        self,
        *,
        library: Library,
        folders: Folders,
        rights: Rights,
        budget: Budget,
        meta: Meta,
        builder: ViewBuilder,
        tokens: ViewerTokens,
        telemetry: Telemetry,
        clock: Callable[[], float],
        build_id: str,
        limits: ViewLimits,
        opens_per_second: float,
        suspects: Suspects,
        firing: Firing,
    ) -> None:
        self._folders = folders
        self._builder = builder
        self.tokens = tokens
        self.rights = rights
        self._budget = budget
        self._telemetry = telemetry
        self._clock = clock
        self.boots = BootDocuments(build_id)
        self._library = library
        self._shelf = Shelf(limits, clock, telemetry)
        self._openings: Kept[Entry] = Kept(clock, OPENED_LIFE_S, limit=MAX_OPENINGS, hold_failures=True)
        self._popularity = Popularity(meta)
        self._warmer = Warmer(self._library, self._popularity, self._default_view, clock, suspects)
        self._suspects = suspects
        self._firing = firing
        self._bucket = Bucket(opens_per_second, clock)
        self._viewers: Holders[Viewer, Held] = Holders()
        self._told: dict[str, int | None] = {}
        self._keeper: asyncio.Task[None] | None = None
        self._draining = False
        self._turn = 0
        self._since_ms = int(clock() * 1000)

    def start(self) -> None:
        self._keeper = asyncio.get_running_loop().create_task(self._keep())
        self._warmer.start()

    @property
    def draining(self) -> bool:
        return self._draining

    @property
    def ready(self) -> bool:
        """Whether the pinned views of the start have their data, or had their time."""
        return self._warmer.ready

    async def close(self) -> None:
        """Tell all viewers to move, and end all views."""
        self._draining = True
        if self._keeper is not None:
            self._keeper.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._keeper
            self._keeper = None
            await self._warmer.close()
        await self._openings.close()
        window_ms = comeback_window_ms(len(self._viewers))
        for follower in tuple(self._viewers):
            follower.leave({"move": window_ms}, "drained")
        for view in self._shelf:
            self._shelf.end(view.id)

    # -- opening -----------------------------------------------------------------------------------------------------

    async def open(self, identity: Identity, address: Address, remote_ip: str = "") -> Opened:
        """The view of an address, made where it is not there yet; NotFoundError, ForbiddenError, InvalidError.

        TooManyViewersError past the node's limits. `remote_ip` tells anonymous people apart.
        """
        if self._draining:
            raise OverloadedError("this server stops", retry_after_s=2)
        if not self._bucket.take() or len(self._viewers) >= self._shelf.limits.viewers:
            reason = "viewers" if len(self._viewers) >= self._shelf.limits.viewers else "opens"
            self._telemetry.shed.labels(reason).inc()
            raise TooManyViewersError("many people open dashboards at this moment", retry_after_s=5)
        scope = identity.scope
        stored, dashboard = await self._library.get(scope.org, address.dashboard_id)
        access = await self.rights.access(identity, stored)
        share = identity.share
        if share is not None:
            address = admitted(share.terms, address, dashboard)
            await self.check_shareable(scope, stored, dashboard)
        person = self._budget.person(scope.principal, remote_ip)
        entry = await self._enter(scope, stored, dashboard, address, person)
        if draft_id_of(stored.dashboard_id) is None:
            self._popularity.opened(scope.org, stored.dashboard_id)
        kept = carried(entry.read.address, entry.view.key)
        token = self.tokens.issue(entry.view.id, scope.principal, identity.credential, self._clock(), kept)
        firing = self._firing.known(scope.org) if share is None else 0
        return Opened(entry, stored, dashboard, token, access, scope, firing, share)

    async def check_shareable(self, scope: Scope, stored: StoredDashboard, dashboard: Dashboard) -> None:
        """ForbiddenError where a dashboard shows each person something else: nobody's own goes by a link."""
        if (await self._builder.scope_of(scope, stored, dashboard)).data_scope != SHARED:
            raise ForbiddenError(
                "a source or a query of this dashboard answers each person differently: it has no links and snapshots"
            )

    async def _enter(
        self, scope: Scope, stored: StoredDashboard, dashboard: Dashboard, address: Address, person: Person | None
    ) -> Entry:
        made = False

        async def make() -> Entry:
            nonlocal made
            entry, made = await self._make(scope, stored, dashboard, address, person.key if person is not None else "")
            return entry

        scope = await self._builder.scope_of(scope, stored, dashboard)
        key = (scope.data_key, stored.version, stored.updated_at, address)
        entry = self._openings.at_hand(key)
        if entry is None:
            # New work is somebody's, and each person has so much of it done at a time; who joins costs nothing.
            joins = person is None or self._openings.under_way(key)
            async with contextlib.nullcontext() if joins or person is None else self._budget.turn(person):
                entry = await self._openings.get(key, make)
        if self._shelf.get(entry.view.id) is not entry.view:  # it ended meanwhile
            self._openings.forget(key)
            entry = await self._openings.get(key, make)
        entry.view.use()
        self._telemetry.view_opens.labels("cold" if made else "warm").inc()
        return entry

    async def _make(
        self, scope: Scope, stored: StoredDashboard, dashboard: Dashboard, address: Address, owner: str
    ) -> tuple[Entry, bool]:
        """Where the address leads to, and whether its view was made now."""
        zoned = self._library.asks(scope.org, dashboard, stored.dashboard_id).zone
        read = replace(readable(address, dashboard, int(self._clock() * 1000), self._since_ms), zoned=zoned)
        key, variables = await self._builder.resolved(scope, stored, dashboard, read.address)
        notices = (*read.notices, *lost_values(variables, address), *self._left_out(scope.org, stored))
        # No await from here on: one builder, however many addresses lead to this view.
        view = self._shelf.get(key.id)
        if view is not None:
            if view.draft is not None:
                self._builder.become(view, stored, dashboard, variables)
            if view.variables != variables:  # what was rendered of the same ones stays good
                view.variables = variables
            return Entry(view, read, notices), False
        self._shelf.make_room(owner)
        view = self._builder.build(key, dashboard, variables, scope, stored)
        self._shelf.put(view, owner)
        view.start()
        return Entry(view, read, notices), True

    def _left_out(self, org: int, stored: StoredDashboard) -> tuple[str, ...]:
        """What is said where this version is not made ready any more."""
        since_ms = self._suspects.left_out_since((org, stored.dashboard_id, stored.version))
        if since_ms is None:
            return ()
        at = datetime.fromtimestamp(since_ms / 1000, UTC)
        return (
            f"The server ended at {at:%Y-%m-%d %H:%M} UTC as it made this ready: it does not until it is saved anew.",
        )

    async def _default_view(self, key: Key) -> tuple[View, bool]:
        """A dashboard's view without any choice, opened by nobody; and whether the dashboard is pinned."""
        stored, dashboard = await self._library.get(*key)
        scope = Scope(key[0], Role.VIEWER, principal="system")
        entry = await self._enter(scope, stored, dashboard, Address(stored.dashboard_id), None)
        return entry.view, dashboard.pinned

    async def document(self, identity: Identity, dashboard_id: str) -> tuple[StoredDashboard, Dashboard]:
        """What somebody may open a view of, as it stood within the last second; NotFoundError."""
        await self.rights.may_see(identity, dashboard_id)
        return await self._library.get(identity.scope.org, dashboard_id)

    def saved(self, org: int, dashboard_id: str) -> None:
        """A dashboard was changed in this process: the next who opens it sees the change, compiled already."""
        self._library.forget(org, dashboard_id)
        self._warmer.ask(org, dashboard_id)

    async def drafted(self, stored: StoredDashboard, dashboard: Dashboard) -> bool:
        """A draft was changed: the views of it show that at once; False where a page has to open one again for it."""
        self._library.put(stored, dashboard)
        key = (stored.org, stored.dashboard_id)
        views = [view for view in self._shelf if (view.key.org, view.key.dashboard_id) == key]
        return all([await self._builder.renew(view, stored, dashboard) for view in views])

    async def catch_up(self, view: View, revision: int) -> None:
        """Let a view of a draft show that revision, which another node wrote; NotFoundError where it cannot."""
        if view.draft is None or view.draft.revision >= revision:
            return
        self._library.forget(view.key.org, view.key.dashboard_id)
        stored, dashboard = await self._library.get(view.key.org, view.key.dashboard_id)
        if not await self._builder.renew(view, stored, dashboard):
            raise NotFoundError("that view is another by now")

    # -- following ---------------------------------------------------------------------------------------------------

    def held(self, view_id: str) -> View | None:
        """The view of that id where this process holds it; it never makes one."""
        return self._shelf.get(view_id)

    async def adopt(self, token: ViewerToken, remote_ip: str) -> View:
        """The view of a token that is ours, opened here where only another node holds it; NotFoundError."""
        view = self.held(token.view)
        if view is not None:
            await self.rights.check(held_by(token.credential, view))
            return view
        if not token.address:
            raise NotFoundError("this server does not hold that view")
        identity = await self.rights.identity(token.credential)
        opened = await self.open(identity, arrived(token.address), remote_ip)
        if opened.view.id != token.view:
            raise NotFoundError("that view is another by now")
        return opened.view

    def watching(self, org: int) -> Mapping[str, int]:
        """How many viewers each dashboard of an org has on this node; those that nobody watches are left out."""
        counts: Counter[str] = Counter()
        for view in self._shelf:
            if view.followers and view.key.org == org:
                counts[view.key.dashboard_id] += len(view.followers)
        return counts

    def follow(self, view: View, follower: Viewer, credential: str) -> None:
        if self._draining or len(self._viewers) >= self._shelf.limits.viewers:
            self._telemetry.shed.labels("viewers").inc()
            raise TooManyViewersError("this server has as many viewers as it may", retry_after_s=5)
        view.follow(follower)
        self._viewers.add(follower, held_by(credential, view))
        self._telemetry.viewers.set(len(self._viewers))
        if view.id in self._told:  # who comes to an old version learns of the new one too
            follower.push(as_frame({"version": self._told[view.id], "within": comeback_window_ms(len(view.followers))}))

    def unfollow(self, view: View, follower: Viewer) -> None:
        view.unfollow(follower)
        self._viewers.discard(follower)
        self._telemetry.viewers.set(len(self._viewers))

    # -- keeping -----------------------------------------------------------------------------------------------------

    async def _keep(self) -> None:
        """Each second: end views that nobody watched for a while, close sockets of those who lost their right."""
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
        lost = await self.rights.lost(self._viewers.rights())
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
                    await self.catch_up(view, version)
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


def held_by(credential: str, view: View) -> Held:
    """What somebody who follows that view goes on by."""
    return Held(credential, view.key.org, view.key.dashboard_id)
