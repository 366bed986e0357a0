"""From an address to the view that it leads to: found, or made by one builder however many ask at once."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

from ...components.spec import Dashboard
from ...kept import Kept
from ...scope import Scope
from ...storage.config.dashboard_rows import StoredDashboard
from ..auth.budget import Budget, Person
from ..process.telemetry import Telemetry
from .address import Address
from .aged import lost_values, readable
from .boot import Entry
from .builder import ViewBuilder
from .library import Library
from .rule_board import grows_since_ms
from .shelf import Shelf
from .suspects import Suspects

OPENED_LIFE_S = 1.0
MAX_OPENINGS = 5000


class Openings:
    """The ways into the views on a shelf. Lives on the event loop."""

    def __init__(
        self,
        shelf: Shelf,
        builder: ViewBuilder,
        library: Library,
        *,
        budget: Budget,
        suspects: Suspects,
        telemetry: Telemetry,
        clock: Callable[[], float],
    ) -> None:
        self._shelf = shelf
        self._builder = builder
        self._library = library
        self._budget = budget
        self._suspects = suspects
        self._telemetry = telemetry
        self._clock = clock
        self._since_ms = int(clock() * 1000)
        self._kept: Kept[Entry] = Kept(clock, OPENED_LIFE_S, limit=MAX_OPENINGS, hold_failures=True)

    async def close(self) -> None:
        """End what is on its way."""
        await self._kept.close()

    async def enter(
        self, scope: Scope, stored: StoredDashboard, dashboard: Dashboard, address: Address, person: Person | None
    ) -> Entry:
        """The view of an address, made where it is not there yet. `person` answers for the work; None: nobody does.

        InvalidError naming what of the address is wrong, TooManyViewersError where there is no room for one more view,
        RateLimitedError where that person has too much made.
        """
        made = False

        async def make() -> Entry:
            nonlocal made
            entry, made = await self._make(scope, stored, dashboard, address, person.key if person is not None else "")
            return entry

        scope = await self._builder.scope_of(scope, stored, dashboard)
        key = (scope.data_key, stored.version, stored.updated_at, address)
        entry = self._kept.at_hand(key)
        if entry is None:
            # New work is somebody's, and each person has so much of it done at a time; who joins costs nothing.
            joins = person is None or self._kept.under_way(key)
            async with contextlib.nullcontext() if joins or person is None else self._budget.turn(person):
                entry = await self._kept.get(key, make)
        if self._shelf.get(entry.view.id) is not entry.view:  # it ended meanwhile
            self._kept.forget(key)
            entry = await self._kept.get(key, make)
        entry.view.use()
        self._telemetry.view_opens.labels("cold" if made else "warm").inc()
        return entry

    async def _make(
        self, scope: Scope, stored: StoredDashboard, dashboard: Dashboard, address: Address, owner: str
    ) -> tuple[Entry, bool]:
        """Where the address leads to, and whether its view was made now."""
        zoned = self._library.asks(scope.org, dashboard, stored.dashboard_id).zone
        since_ms = grows_since_ms(stored)
        since_ms = self._since_ms if since_ms is None else since_ms
        read = replace(readable(address, dashboard, int(self._clock() * 1000), since_ms), zoned=zoned)
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
