"""The views of a process: who may open one, and the sockets that follow them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping

from ...components.spec import Dashboard
from ...errors import ForbiddenError, NotFoundError, OverloadedError, TooManyViewersError
from ...scope import SHARED, Role, Scope
from ...storage.config.dashboard_rows import StoredDashboard
from ...storage.config.meta import Meta
from ..auth.authenticator import Identity
from ..auth.bucket import Bucket
from ..auth.budget import Budget
from ..auth.holders import Holders
from ..auth.viewer_token import ViewerToken, ViewerTokens
from ..process.telemetry import Telemetry
from .address import Address, arrived, carried
from .admitted import admitted
from .boot import BootDocuments, Opened
from .builder import ViewBuilder
from .draft_board import draft_id_of
from .drafting import DraftViews
from .firing import Firing
from .frames import as_frame
from .keeping import Keeper, Viewer
from .library import Key, Library
from .lifecycle import ViewLimits, comeback_window_ms
from .opening import Openings
from .popularity import Popularity
from .rights import Held, Rights
from .shelf import Shelf
from .suspects import Suspects
from .view import View
from .warming import Warmer


class Hub:
    """Opens, keeps and ends views. All methods run on the event loop."""

    def __init__(
        self,
        *,
        library: Library,
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
        self._builder = builder
        self.tokens = tokens
        self.rights = rights
        self._budget = budget
        self._telemetry = telemetry
        self._clock = clock
        self.boots = BootDocuments(build_id)
        self._library = library
        self._shelf = Shelf(limits, clock, telemetry)
        self._viewers: Holders[Viewer, Held] = Holders()
        self._openings = Openings(
            self._shelf, builder, library, budget=budget, suspects=suspects, telemetry=telemetry, clock=clock
        )
        self._popularity = Popularity(meta)
        self._warmer = Warmer(
            library,
            self._popularity,
            open_view=self._default_view,
            clock=clock,
            suspects=suspects,
            is_open=self._shelf.shows,
        )
        self.drafts = DraftViews(self._shelf, builder, library)
        self._firing = firing
        self._bucket = Bucket(opens_per_second, clock)
        self._keeper = Keeper(
            self._shelf,
            self._viewers,
            rights=rights,
            library=library,
            drafts=self.drafts,
            warmer=self._warmer,
            firing=firing,
            clock=clock,
        )
        self._draining = False

    def start(self) -> None:
        """Begin to end views that nobody needs, and to warm those that many open."""
        self._keeper.start()
        self._warmer.start()

    @property
    def draining(self) -> bool:
        """Whether this node stops, and takes no more viewers."""
        return self._draining

    @property
    def ready(self) -> bool:
        """Whether the pinned views of the start have their data, or had their time."""
        return self._warmer.ready

    async def close(self) -> None:
        """Tell all viewers to move, and end all views."""
        self._draining = True
        await self._keeper.close()
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
        entry = await self._openings.enter(scope, stored, dashboard, address, person)
        if draft_id_of(stored.dashboard_id) is None:
            self._popularity.opened(scope.org, stored.dashboard_id)
        kept = carried(entry.read.address, entry.view.key)
        token = self.tokens.issue(entry.view.id, scope.principal, identity.credential, self._clock(), kept)
        firing = self._firing.known(scope.org) if share is None else 0
        is_open = await self.rights.without_login(stored)
        return Opened(entry, stored, dashboard, token, access, scope, firing, share, is_open)

    async def check_shareable(self, scope: Scope, stored: StoredDashboard, dashboard: Dashboard) -> None:
        """ForbiddenError where a dashboard shows each person something else: nobody's own goes by a link."""
        if (await self._builder.scope_of(scope, stored, dashboard)).data_scope != SHARED:
            raise ForbiddenError(
                "a source or a query of this dashboard answers each person differently: it has no links and snapshots"
            )

    async def _default_view(self, key: Key) -> tuple[View, bool]:
        """A dashboard's view without any choice, opened by nobody; and whether the dashboard is pinned."""
        stored, dashboard = await self._library.get(*key)
        scope = Scope(key[0], Role.VIEWER, principal="system")
        entry = await self._openings.enter(scope, stored, dashboard, Address(stored.dashboard_id), None)
        return entry.view, dashboard.pinned

    async def document(self, identity: Identity, dashboard_id: str) -> tuple[StoredDashboard, Dashboard]:
        """What somebody may open a view of, as it stood within the last second; NotFoundError."""
        await self.rights.may_see(identity, dashboard_id)
        return await self._library.get(identity.scope.org, dashboard_id)

    async def scope_of(self, scope: Scope, stored: StoredDashboard, dashboard: Dashboard) -> Scope:
        """The scope of a view of it: the asker's alone where it answers each person differently."""
        return await self._builder.scope_of(scope, stored, dashboard)

    def saved(self, org: int, dashboard_id: str) -> None:
        """A dashboard was changed in this process: the next who opens it sees the change, compiled already."""
        self._library.forget(org, dashboard_id)
        self._warmer.ask(org, dashboard_id)

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
        """Have a socket follow a view while its credential holds; TooManyViewersError."""
        if self._draining or len(self._viewers) >= self._shelf.limits.viewers:
            self._telemetry.shed.labels("viewers").inc()
            raise TooManyViewersError("this server has as many viewers as it may", retry_after_s=5)
        view.follow(follower)
        self._viewers.add(follower, held_by(credential, view))
        self._telemetry.viewers.set(len(self._viewers))
        news = self._keeper.news(view)
        if news is not None:
            follower.push(as_frame(news))

    def unfollow(self, view: View, follower: Viewer) -> None:
        """A socket closed, or follows another view."""
        view.unfollow(follower)
        self._viewers.discard(follower)
        self._telemetry.viewers.set(len(self._viewers))


def held_by(credential: str, view: View) -> Held:
    """What somebody who follows that view goes on by."""
    return Held(credential, view.key.org, view.key.dashboard_id)
