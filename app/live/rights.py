"""Who may see a dashboard now: judged at each fetch by what was read within the last second, and in sweeps anew.

What decides is the same as at opening: the credential, the role and teams behind it, the dashboard's life and what
its folder gives to whom.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from ...errors import ForbiddenError, HeliographError, NotFoundError, UnauthenticatedError
from ...storage.config.dashboard_rows import StoredDashboard
from ...storage.config.folders import Access, Folders, decide
from ..auth.authenticator import Authenticator, Identity
from .documents import Documents
from .draft_board import draft_id_of
from .library import Library

ENDED = "the login behind this has ended"
AT_ONCE = 500  # judged in a row: some ms


@dataclass(frozen=True, slots=True)
class Held:
    """What a viewer goes on by: a credential's name, and the dashboard that it opened."""

    credential: str
    org: int
    dashboard_id: str


def sees(identity: Identity, dashboard_id: str, given: Mapping[str, Access] | None) -> bool:
    """Whether somebody may look at a dashboard whose folder gives that; None: what their role gives."""
    if identity.share is not None:
        return identity.share.dashboard_id == dashboard_id
    return decide(identity.scope, given or {}) >= _least(dashboard_id)


class Rights:
    """Judges those who opened a dashboard before."""

    def __init__(self, auth: Authenticator, library: Library, documents: Documents, folders: Folders) -> None:
        self._auth = auth
        self._library = library
        self._documents = documents
        self._folders = folders

    async def check(self, held: Held) -> Identity:
        """Who asks; UnauthenticatedError where the credential has ended, NotFoundError where the right has."""
        identity = await self.identity(held.credential)
        await self.may_see(identity, held.dashboard_id)
        return identity

    async def identity(self, credential: str) -> Identity:
        """Who stands behind a credential; UnauthenticatedError where it has ended."""
        identity = await self._auth.identity_of(credential)
        if identity is None:
            raise UnauthenticatedError(ENDED)
        return identity

    async def may_see(self, identity: Identity, dashboard_id: str) -> StoredDashboard:
        """The dashboard; NotFoundError where it is not there for this person."""
        stored, _ = await self._library.get(identity.scope.org, dashboard_id)
        await self.access(identity, stored)
        return stored

    async def access(self, identity: Identity, stored: StoredDashboard) -> Access:
        """What this person may do with the dashboard; NotFoundError where they may not see it.

        A draft is its author's alone, while they may edit where its dashboard lies: ForbiddenError.
        """
        if not _is_theirs(identity, stored):
            raise NotFoundError("there is no such draft")
        if identity.share is None:
            return await self._folders.check(identity.scope, stored, _least(stored.dashboard_id))
        if identity.share.dashboard_id != stored.dashboard_id:
            raise NotFoundError(f"there is no dashboard {stored.dashboard_id}")
        return Access.VIEW

    async def without_login(self, stored: StoredDashboard) -> bool:
        """Whether those who did not log in may see the dashboard."""
        nobody = self._auth.anonymous()
        if nobody is None or draft_id_of(stored.dashboard_id) is not None:
            return False
        return await self._folders.access(nobody.scope, stored.folder_id) >= Access.VIEW

    def known(self, held: Held) -> bool:
        """Whether the right is known to stand, by what was read within the last second; False: it is to be judged."""
        identity = self._auth.known(held.credential)
        stored = self._library.at_hand(held.org, held.dashboard_id)
        if identity is None or stored is None or not _is_theirs(identity, stored):
            return False
        if identity.share is not None:
            return identity.share.dashboard_id == held.dashboard_id
        return self._folders.known(identity.scope, stored.folder_id) >= _least(stored.dashboard_id)

    async def lost(self, held: Collection[Held]) -> Mapping[Held, HeliographError]:
        """Those rights that do not stand any more, and why; all is read anew."""
        if not held:
            return {}
        identities = await self._auth.standing({one.credential for one in held})
        places = await self._documents.places({(one.org, one.dashboard_id) for one in held})
        given = await self._folders.given({folder for folder in places.values() if folder is not None})
        found: dict[Held, HeliographError] = {}
        for number, one in enumerate(held, 1):
            identity = identities.get(one.credential)
            if identity is None:
                found[one] = UnauthenticatedError(ENDED)
            elif (one.org, one.dashboard_id) not in places:
                found[one] = NotFoundError("the dashboard was deleted")
            elif not sees(identity, one.dashboard_id, given.get(places[one.org, one.dashboard_id] or 0)):
                found[one] = ForbiddenError("this dashboard is not open to you any more")
            if number % AT_ONCE == 0:
                await asyncio.sleep(0)
        return found


def _least(dashboard_id: str) -> Access:
    """What it takes to see that."""
    return Access.VIEW if draft_id_of(dashboard_id) is None else Access.EDIT


def _is_theirs(identity: Identity, stored: StoredDashboard) -> bool:
    return draft_id_of(stored.dashboard_id) is None or stored.created_by == identity.author
