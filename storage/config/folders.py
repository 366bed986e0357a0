"""Folders and who may view, edit and administer what lies in them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from time import monotonic

from sqlalchemy import delete, func, insert, select, update

from ...errors import DuplicateError, ForbiddenError, InvalidError, NotFoundError
from ...kept import Kept
from ...scope import Role, Scope
from .alert_tables import alert_rules
from .dashboard_rows import StoredDashboard
from .database import Database, batches
from .tables import dashboards, folder_permissions, folders

GIVEN_LIFE_S = 1.0  # each open of a dashboard in a folder looks at what its folder gives to whom


class Access(IntEnum):
    """What one may do with the dashboards of a folder, each with all that the one before allows."""

    NONE = 0
    VIEW = 1
    EDIT = 2
    ADMIN = 3


BY_ROLE = {Role.VIEWER: Access.VIEW, Role.EDITOR: Access.EDIT, Role.ADMIN: Access.ADMIN}


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder of dashboards and rules; `uid` is what addresses and files name, `id` what tables refer to."""

    id: int
    uid: str
    title: str


class Folders:
    """The repository of folders and their permissions.

    A folder without permissions of its own, and the root, follow the role in the org. Otherwise the highest access
    that the role, a team or the person is given counts, and admins of the org always have all.
    """

    def __init__(self, database: Database, clock: Callable[[], float] = monotonic) -> None:
        self._database = database
        self._given: Kept[Mapping[str, Access]] = Kept(clock, GIVEN_LIFE_S)

    async def create(self, org: int, uid: str, title: str) -> Folder:
        """DuplicateError where the org has a folder of that uid."""
        try:
            async with self._database.begin() as connection:
                folder_id = await connection.scalar(
                    insert(folders).values(org_id=org, uid=uid, title=title).returning(folders.c.id)
                )
        except DuplicateError:
            raise DuplicateError(f"there is a folder {uid} already", path="$.uid") from None
        assert folder_id is not None
        return Folder(folder_id, uid, title)

    async def get(self, org: int, uid: str) -> Folder:
        """NotFoundError."""
        async with self._database.connect() as connection:
            row = (
                await connection.execute(
                    select(folders.c.id, folders.c.uid, folders.c.title).where(
                        folders.c.org_id == org, folders.c.uid == uid
                    )
                )
            ).first()
        if row is None:
            raise NotFoundError(f"there is no folder {uid}")
        return Folder(*row)

    async def list(self, org: int) -> Sequence[Folder]:
        """All of an org, by title."""
        async with self._database.connect() as connection:
            rows = await connection.execute(
                select(folders.c.id, folders.c.uid, folders.c.title)
                .where(folders.c.org_id == org)
                .order_by(folders.c.title)
            )
            return [Folder(*row) for row in rows]

    async def rename(self, org: int, uid: str, title: str) -> Folder:
        """Give it another title; its uid stays. NotFoundError."""
        folder = await self.get(org, uid)
        async with self._database.begin() as connection:
            await connection.execute(update(folders).where(folders.c.id == folder.id).values(title=title))
        return Folder(folder.id, uid, title)

    async def delete(self, org: int, uid: str) -> None:
        """Delete an empty folder; InvalidError where dashboards or rules lie in it."""
        folder = await self.get(org, uid)
        async with self._database.begin() as connection:
            for table in (dashboards, alert_rules):
                held = select(func.count()).select_from(table).where(table.c.folder_id == folder.id)
                if await connection.scalar(held):
                    raise InvalidError(f"the folder {uid} is not empty")
            await connection.execute(delete(folder_permissions).where(folder_permissions.c.folder_id == folder.id))
            await connection.execute(delete(folders).where(folders.c.id == folder.id))
        self._given.forget(folder.id)

    async def set_permissions(self, folder_id: int, permissions: Mapping[str, Access]) -> None:
        """All permissions of a folder at once: subject (`role:viewer`, `team:7`, `user:3`) → access.

        Other nodes hear of it within GIVEN_LIFE_S.
        """
        rows = [
            {"folder_id": folder_id, "subject": subject, "access": int(access)}
            for subject, access in permissions.items()
        ]
        async with self._database.begin() as connection:
            await connection.execute(delete(folder_permissions).where(folder_permissions.c.folder_id == folder_id))
            if rows:
                await connection.execute(insert(folder_permissions), rows)
        self._given.forget(folder_id)

    async def permissions(self, folder_id: int) -> Mapping[str, Access]:
        """What is granted on the folder: access by subject (`role:viewer`, `team:7`, `user:3`)."""
        async with self._database.connect() as connection:
            rows = await connection.execute(
                select(folder_permissions.c.subject, folder_permissions.c.access).where(
                    folder_permissions.c.folder_id == folder_id
                )
            )
            return {subject: Access(access) for subject, access in rows}

    async def access(self, scope: Scope, folder_id: int | None) -> Access:
        """What the asker may do with dashboards in that folder; None is the root."""
        if folder_id is None or scope.role is Role.ADMIN:
            return BY_ROLE[scope.role]
        return decide(scope, await self._given.get(folder_id, lambda: self.permissions(folder_id)))

    def known(self, scope: Scope, folder_id: int | None) -> Access:
        """The same by what was read within the last second; NONE where nothing was."""
        if folder_id is None or scope.role is Role.ADMIN:
            return BY_ROLE[scope.role]
        given = self._given.at_hand(folder_id)
        return decide(scope, given) if given is not None else Access.NONE

    async def given(self, folder_ids: Collection[int]) -> Mapping[int, Mapping[str, Access]]:
        """What those folders give to whom, read now; a folder without permissions of its own is left out."""
        found: dict[int, dict[str, Access]] = {}
        columns = (folder_permissions.c.folder_id, folder_permissions.c.subject, folder_permissions.c.access)
        async with self._database.connect() as connection:
            for batch in batches(folder_ids):
                for row in await connection.execute(select(*columns).where(columns[0].in_(batch))):
                    found.setdefault(row[0], {})[row[1]] = Access(row[2])
        return found

    async def check(self, scope: Scope, dashboard: StoredDashboard, least: Access = Access.VIEW) -> Access:
        """What the asker may do with the dashboard; ForbiddenError for less than `least`.

        One that may not be seen is not there: NotFoundError.
        """
        access = await self.access(scope, dashboard.folder_id)
        if access is Access.NONE:
            raise NotFoundError(f"there is no dashboard {dashboard.dashboard_id}")
        if access < least:
            raise ForbiddenError("you may look at this dashboard, but not change it")
        return access

    async def hidden(self, scope: Scope) -> frozenset[int]:
        """The folders of the org that the asker may not see."""
        if scope.role is Role.ADMIN:
            return frozenset()
        by_folder: dict[int, dict[str, Access]] = {}
        async with self._database.connect() as connection:
            rows = await connection.execute(
                select(folder_permissions.c.folder_id, folder_permissions.c.subject, folder_permissions.c.access)
                .join(folders, folders.c.id == folder_permissions.c.folder_id)
                .where(folders.c.org_id == scope.org)
            )
            for folder_id, subject, access in rows:
                by_folder.setdefault(folder_id, {})[subject] = Access(access)
        return frozenset(folder_id for folder_id, given in by_folder.items() if decide(scope, given) is Access.NONE)


def decide(scope: Scope, permissions: Mapping[str, Access]) -> Access:
    """The asker's access where a folder has these permissions."""
    if not permissions or scope.role is Role.ADMIN:
        return BY_ROLE[scope.role]
    subjects = [f"role:{role}" for role in Role if role <= scope.role]
    subjects += [f"team:{team}" for team in scope.teams]
    if scope.user_id is not None:
        subjects.append(f"user:{scope.user_id}")
    return max((permissions.get(subject, Access.NONE) for subject in subjects), default=Access.NONE)
