"""People of an org: logins, password hashes, roles, teams. Hashing is done elsewhere; hashes alone come here."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, Select, delete, insert, select, update

from ...errors import DuplicateError, NotFoundError
from ...scope import Role
from .database import Database, batches
from .drafts import forget_drafts
from .subjects import forget_subject, lower_tokens
from .tables import members, stars, team_members, teams, users

EPOCHS_FROM, EPOCHS = 2**20, 2**30  # above those that were counted from 0; it has room to grow in 32 bits


@dataclass(frozen=True, slots=True)
class User:
    """A person in one org. A session is good only while it carries the same `epoch`."""

    id: int
    login: str
    name: str
    password_hash: str
    disabled: bool
    epoch: int
    org: int
    role: Role
    teams: frozenset[int] = frozenset()


class Users:
    """The repository of people."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, org: int, login: str, password_hash: str, role: Role, *, now_ms: int, name: str = "") -> User:
        """A new person; DuplicateError where the login is taken."""
        try:
            async with self._database.begin() as connection:
                user_id = await connection.scalar(
                    insert(users)
                    .values(
                        login=login,
                        name=name,
                        password_hash=password_hash,
                        disabled=False,
                        epoch=first_epoch(),
                        created_at=now_ms,
                    )
                    .returning(users.c.id)
                )
                await connection.execute(insert(members).values(org_id=org, user_id=user_id, role=int(role)))
        except DuplicateError:
            raise DuplicateError(f"there is a user {login} already", path="$.login") from None
        return await self.by_login(login)

    async def by_login(self, login: str) -> User:
        """NotFoundError."""
        return await self._one(_all().where(users.c.login == login), f"there is no user {login}")

    async def by_id(self, user_id: int) -> User:
        """NotFoundError."""
        return await self._one(_all().where(users.c.id == user_id), "there is no such user")

    async def list(self, org: int) -> Sequence[User]:
        """The people of an org in the order of logins, without their teams."""
        async with self._database.connect() as connection:
            rows = await connection.execute(_all().where(members.c.org_id == org).order_by(users.c.login))
            return [_user(row) for row in rows]

    async def logins(self, org: int, user_ids: Collection[int]) -> Mapping[int, str]:
        """The logins of those people who are in the org."""
        wanted = select(users.c.id, users.c.login).join(members, members.c.user_id == users.c.id)
        async with self._database.connect() as connection:
            rows = await connection.execute(wanted.where(members.c.org_id == org, users.c.id.in_(user_ids)))
            return {row[0]: row[1] for row in rows}

    async def standing(self, user_ids: Collection[int]) -> Mapping[int, User]:
        """These people as they are now; those who are gone or disabled are left out."""
        found: dict[int, User] = {}
        async with self._database.connect() as connection:
            for batch in batches(user_ids):
                belongs: dict[int, set[int]] = {}
                rows = await connection.execute(_all().where(users.c.id.in_(batch), users.c.disabled.is_(False)))
                of_teams = await connection.execute(
                    select(team_members.c.user_id, team_members.c.team_id).where(team_members.c.user_id.in_(batch))
                )
                for user_id, team_id in of_teams:
                    belongs.setdefault(user_id, set()).add(team_id)
                found |= {row.id: _user(row, frozenset(belongs.get(row.id, ()))) for row in rows}
        return found

    async def set_password(self, user_id: int, password_hash: str) -> None:
        """A new password; sessions made with the old one end."""
        await self._change(user_id, password_hash=password_hash)

    async def set_role(self, org: int, user_id: int, role: Role) -> None:
        """Another role; sessions of that person end, and tokens that they made may no more than it."""
        async with self._database.begin() as connection:
            await connection.execute(
                update(members).where(members.c.org_id == org, members.c.user_id == user_id).values(role=int(role))
            )
            await lower_tokens(connection, org, f"user:{user_id}", role)
        await self._change(user_id)

    async def end_sessions(self, user_id: int) -> None:
        """Make all sessions of that person void."""
        await self._change(user_id)

    async def delete(self, org: int, user_id: int) -> None:
        """The person, with all that was theirs: memberships, what folders gave them, drafts, their tokens."""
        async with self._database.begin() as connection:
            gone = await connection.execute(
                delete(members).where(members.c.org_id == org, members.c.user_id == user_id).returning(members.c.role)
            )
            if gone.first() is None:
                raise NotFoundError("there is no such user")
            await connection.execute(delete(team_members).where(team_members.c.user_id == user_id))
            await forget_subject(connection, org, f"user:{user_id}")
            await forget_drafts(connection, org, f"user:{user_id}")
            await connection.execute(delete(stars).where(stars.c.user_id == user_id))
            await connection.execute(delete(users).where(users.c.id == user_id))

    async def any(self) -> bool:
        """Whether there is anybody at all."""
        async with self._database.connect() as connection:
            return (await connection.execute(select(users.c.id).limit(1))).first() is not None

    async def _change(self, user_id: int, **values: Any) -> None:
        async with self._database.begin() as connection:
            changed = await connection.execute(
                update(users)
                .where(users.c.id == user_id)
                .values(epoch=users.c.epoch + 1, **values)
                .returning(users.c.id)
            )
            if changed.first() is None:
                raise NotFoundError("there is no such user")

    async def _one(self, query: Select[Any], missing: str) -> User:
        async with self._database.connect() as connection:
            row = (await connection.execute(query)).first()
            if row is None:
                raise NotFoundError(missing)
            team_ids = await connection.scalars(
                select(team_members.c.team_id)
                .join(teams, teams.c.id == team_members.c.team_id)
                .where(team_members.c.user_id == row.id, teams.c.org_id == row.org_id)
            )
            return _user(row, frozenset(team_ids))


def first_epoch() -> int:
    """Where the count of a new person's sessions begins: at random, so that no session of another is ever theirs."""
    return EPOCHS_FROM + secrets.randbelow(EPOCHS)


def _all() -> Select[Any]:
    return select(
        users.c.id,
        users.c.login,
        users.c.name,
        users.c.password_hash,
        users.c.disabled,
        users.c.epoch,
        members.c.org_id,
        members.c.role,
    ).join(members, members.c.user_id == users.c.id)


def _user(row: Row[Any], team_ids: frozenset[int] = frozenset()) -> User:
    return User(
        row.id, row.login, row.name, row.password_hash, row.disabled, row.epoch, row.org_id, Role(row.role), team_ids
    )
