"""Teams of an org: people who are given permissions together."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from ...errors import DuplicateError, InvalidError, NotFoundError
from .database import Database
from .subjects import forget_subject
from .tables import members, team_members, teams


@dataclass(frozen=True, slots=True)
class Team:
    """A named set of people; folders name it as `team:<id>`."""

    id: int
    name: str
    members: frozenset[int] = frozenset()


class Teams:
    """The repository of teams."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def create(self, org: int, name: str, user_ids: Collection[int] = ()) -> Team:
        """A new team; DuplicateError where the name is taken, InvalidError for somebody who is not of the org."""
        try:
            async with self._database.begin() as connection:
                team_id = await connection.scalar(insert(teams).values(org_id=org, name=name).returning(teams.c.id))
                await _set_members(connection, org, int(team_id or 0), user_ids)
        except DuplicateError:
            raise DuplicateError(f"there is a team {name} already", path="$.name") from None
        return await self.get(org, int(team_id or 0))

    async def get(self, org: int, team_id: int) -> Team:
        """The team of that id; NotFoundError where the org has none."""
        found = [team for team in await self.list(org) if team.id == team_id]
        if not found:
            raise NotFoundError("there is no such team")
        return found[0]

    async def list(self, org: int) -> Sequence[Team]:
        """The teams of an org in the order of names."""
        async with self._database.connect() as connection:
            rows = (await connection.execute(select(teams).where(teams.c.org_id == org).order_by(teams.c.name))).all()
            belongs = await connection.execute(
                select(team_members).join(teams, teams.c.id == team_members.c.team_id).where(teams.c.org_id == org)
            )
            by_team: dict[int, set[int]] = {}
            for row in belongs:
                by_team.setdefault(row.team_id, set()).add(row.user_id)
        return [Team(row.id, row.name, frozenset(by_team.get(row.id, ()))) for row in rows]

    async def change(
        self, org: int, team_id: int, *, name: str | None = None, user_ids: Collection[int] | None = None
    ) -> Team:
        """Another name, other members, or both; what is None stays."""
        await self.get(org, team_id)
        try:
            async with self._database.begin() as connection:
                if name is not None:
                    await connection.execute(update(teams).where(teams.c.id == team_id).values(name=name))
                if user_ids is not None:
                    await _set_members(connection, org, team_id, user_ids)
        except DuplicateError:
            raise DuplicateError(f"there is a team {name} already", path="$.name") from None
        return await self.get(org, team_id)

    async def delete(self, org: int, team_id: int) -> None:
        """The team and what it was permitted; its people stay."""
        await self.get(org, team_id)
        async with self._database.begin() as connection:
            await forget_subject(connection, org, f"team:{team_id}")
            await connection.execute(delete(team_members).where(team_members.c.team_id == team_id))
            await connection.execute(delete(teams).where(teams.c.id == team_id))


async def _set_members(connection: AsyncConnection, org: int, team_id: int, user_ids: Collection[int]) -> None:
    wanted = set(user_ids)
    known = set(
        await connection.scalars(
            select(members.c.user_id).where(members.c.org_id == org, members.c.user_id.in_(wanted))
        )
    )
    if strange := sorted(wanted - known):
        raise InvalidError(f"there is no user {strange[0]}", path="$.members")
    await connection.execute(delete(team_members).where(team_members.c.team_id == team_id))
    if wanted:
        rows = [{"team_id": team_id, "user_id": user_id} for user_id in sorted(wanted)]
        await connection.execute(insert(team_members), rows)
