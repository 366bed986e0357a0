"""The views of drafts follow what their authors do: each shows the newest revision, whichever node wrote it."""

from __future__ import annotations

from ...components.spec import Dashboard
from ...errors import NotFoundError
from ...storage.config.dashboard_rows import StoredDashboard
from .builder import ViewBuilder
from .library import Library
from .shelf import Shelf
from .view import View


class DraftViews:
    """Those on a shelf."""

    def __init__(self, shelf: Shelf, builder: ViewBuilder, library: Library) -> None:
        self._shelf = shelf
        self._builder = builder
        self._library = library

    async def changed(self, stored: StoredDashboard, dashboard: Dashboard, size: int) -> bool:
        """A draft was changed: the views of it show that at once; False where a page has to open one again for it.

        `size`: characters of its JSON, about.
        """
        self._library.put(stored, dashboard, size)
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
