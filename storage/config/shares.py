"""Links that open one dashboard without a login, kept as SHA-256: a token of 192 random bits needs no slow hash."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, delete, func, insert, or_, select, update

from ...errors import InvalidError, NotFoundError
from .dashboard_ids import inner_id
from .database import Database, batches
from .share_tables import alive, share_links
from .tables import dashboards
from .tokens import digest
from .view_addresses import Values, as_address, of_address

TOKEN_BYTES = 24
MAX_LINKS = 100  # of one dashboard


@dataclass(frozen=True, slots=True)
class Terms:
    """What a link lets its viewers choose, and what it shows where they chose nothing or may not.

    `free_texts`: text boxes too, whose values nobody can list. Texts are empty where the dashboard's own hold;
    `expires_ms` in ms UTC.
    """

    name: str = ""
    free_variables: bool = False
    free_texts: bool = False
    free_time: bool = False
    values: Values = ()
    from_text: str = ""
    to_text: str = ""
    zone: str = ""
    password_hash: str = ""
    expires_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Share:
    """A link; its token was shown once and is kept nowhere. `used_ms` is when somebody opened it last."""

    id: int
    org: int
    dashboard_id: str
    terms: Terms
    created_by: str
    created_at: int
    used_ms: int | None = None


LINKED = share_links.join(dashboards, dashboards.c.id == share_links.c.dashboard)
COLUMNS = (share_links, dashboards.c.dashboard_id.label("dashboard_id"))


class Shares:
    """The repository of links. A link goes with its dashboard."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def create(self, org: int, dashboard_id: str, terms: Terms, *, by: str, now_ms: int) -> tuple[Share, str]:
        """A new link and its token, which is not kept; NotFoundError, InvalidError where there are too many."""
        token = secrets.token_urlsafe(TOKEN_BYTES)
        async with self._database.begin() as connection:
            internal = await inner_id(connection, org, dashboard_id)
            of_this = share_links.c.dashboard == internal
            await connection.execute(delete(share_links).where(of_this, share_links.c.expires_ms <= now_ms))
            if (await connection.scalar(select(func.count()).where(of_this)) or 0) >= MAX_LINKS:
                raise InvalidError(f"a dashboard has at most {MAX_LINKS} links: revoke some")
            values = {**_row(terms), "created_by": by, "created_at": now_ms}
            made = await connection.scalar(
                insert(share_links)
                .values(org_id=org, dashboard=internal, sha256=digest(token), **values)
                .returning(share_links.c.id)
            )
        assert made is not None
        return Share(made, org, dashboard_id, terms, by, now_ms), token

    async def find(self, token: str, now_ms: int) -> Share | None:
        """The link with that token; None where there is none, or where it has expired."""
        return await self._one(share_links.c.sha256 == digest(token), alive(share_links, now_ms))

    async def by_id(self, share_id: int, now_ms: int) -> Share | None:
        """The link of that id, where it has not expired."""
        return await self._one(share_links.c.id == share_id, alive(share_links, now_ms))

    async def of_org(self, org: int, share_id: int) -> Share:
        """The link of that id, expired or not; NotFoundError."""
        found = await self._one(share_links.c.id == share_id, share_links.c.org_id == org)
        if found is None:
            raise NotFoundError("there is no such link")
        return found

    async def standing(self, share_ids: Collection[int], now_ms: int) -> Mapping[int, Share]:
        """Those of the links that were neither revoked nor have expired."""
        found: dict[int, Share] = {}
        async with self._database.connect() as connection:
            for batch in batches(share_ids):
                wanted = (
                    select(*COLUMNS).select_from(LINKED).where(share_links.c.id.in_(batch), alive(share_links, now_ms))
                )
                found |= {row.id: _share(row) for row in await connection.execute(wanted)}
        return found

    async def list(self, org: int, dashboard_id: str) -> Sequence[Share]:
        """The links of a dashboard, the newest first, expired ones too until another is made."""
        wanted = (
            select(*COLUMNS)
            .select_from(LINKED)
            .where(share_links.c.org_id == org, dashboards.c.dashboard_id == dashboard_id)
            .order_by(share_links.c.id.desc())
        )
        async with self._database.connect() as connection:
            return [_share(row) for row in await connection.execute(wanted)]

    async def delete(self, org: int, share_id: int) -> None:
        """Revoke a link; NotFoundError."""
        mine = (share_links.c.org_id == org, share_links.c.id == share_id)
        async with self._database.begin() as connection:
            gone = await connection.execute(delete(share_links).where(*mine).returning(share_links.c.id))
            if gone.first() is None:
                raise NotFoundError("there is no such link")

    async def used(self, at_ms: Mapping[int, int]) -> None:
        """Write down when links were opened last; another node may have said later."""
        async with self._database.begin() as connection:
            for share_id, ms in at_ms.items():
                older = or_(share_links.c.used_ms.is_(None), share_links.c.used_ms < ms)
                await connection.execute(
                    update(share_links).where(share_links.c.id == share_id, older).values(used_ms=ms)
                )

    async def _one(self, *conditions: Any) -> Share | None:
        async with self._database.connect() as connection:
            row = (await connection.execute(select(*COLUMNS).select_from(LINKED).where(*conditions))).first()
        return _share(row) if row else None


def _row(terms: Terms) -> dict[str, Any]:
    return {
        "name": terms.name,
        "free_variables": terms.free_variables,
        "free_texts": terms.free_texts,
        "free_time": terms.free_time,
        "address": as_address(terms.values, terms.from_text, terms.to_text, terms.zone),
        "password_hash": terms.password_hash,
        "expires_ms": terms.expires_ms,
    }


def _share(row: Row[Any]) -> Share:
    terms = Terms(
        row.name,
        row.free_variables,
        row.free_texts,
        row.free_time,
        *of_address(row.address),
        row.password_hash,
        row.expires_ms,
    )
    return Share(row.id, row.org_id, row.dashboard_id, terms, row.created_by, row.created_at, row.used_ms)
