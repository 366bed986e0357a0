"""Groups of alerts and what they said: written together, under the lease of the one who tells."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Row, Subquery, and_, bindparam, delete, exists, func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from ...errors import InvalidError, NotFoundError
from .database import Database, batches
from .leases import Lease, hold
from .meta import put_fact
from .notification_tables import notification_groups, outbox
from .silences import end_silences
from .tables import meta

SEEN = "alert_events_seen"  # the key of the last event that was taken
BEHIND = "outbox_behind"  # the key of the row that later ones wait for, contact point by contact point
PENDING, DELIVERED, DEAD = "pending", "delivered", "dead"
LONGEST_WAIT_MS = 3_600_000  # that a receiver may ask for, or we wait, before the next try
OF_A_TRY = ("state", "tries", "due_ms", "ended_ms", "message", "answer")
TRY = (
    update(outbox)
    .where(outbox.c.id == bindparam("tried"), outbox.c.state == PENDING)
    .values({name: bindparam(f"new_{name}") for name in OF_A_TRY})
)


@dataclass(frozen=True, slots=True)
class StoredGroup:
    """A group as it is kept; `state` is the machine's."""

    org: int
    key: str
    contact_point: str
    due_ms: int
    state: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Delivery:
    """What a group said, and how its way to the receiver goes. `state`: pending, delivered or dead. ms UTC."""

    org: int
    key: str
    group_key: str
    contact_point: str
    status: str
    payload: Mapping[str, Any]
    created_ms: int
    since_ms: int
    due_ms: int
    state: str = PENDING
    tries: int = 0
    behind: int = 0
    ended_ms: int | None = None
    message: str = ""
    answer: str = ""
    id: int = 0


@dataclass(frozen=True, slots=True)
class Turn:
    """What one look at all groups changes. `seen`: the last event that was taken; None: as before."""

    groups: Sequence[StoredGroup] = ()
    gone: Sequence[tuple[int, str]] = ()
    said: Sequence[Delivery] = ()
    seen: int | None = None
    ended_silences: Collection[int] = field(default_factory=tuple)
    barrier: bool = False  # what is said from now on waits for what was said before, to each contact point

    @property
    def empty(self) -> bool:
        """Whether there is nothing to write down."""
        return not (self.groups or self.gone or self.said or self.ended_silences or self.barrier) and self.seen is None


class Notifications:
    """The repository of groups and of the outbox."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def seen(self) -> int:
        """The id of the last event that was taken."""
        return await self._number(SEEN)

    async def groups(self) -> Sequence[StoredGroup]:
        """Those of all orgs."""
        async with self._database.connect() as connection:
            rows = await connection.execute(select(notification_groups))
            return [StoredGroup(row.org_id, row.key, row.contact_point, row.due_ms, row.state) for row in rows]

    async def write(self, lease: Lease, turn: Turn, now_ms: int) -> None:
        """Groups, what they said and how far was read, at once; LeaseLostError, and nothing written, without it."""
        async with self._database.begin() as connection:
            await hold(connection, lease)
            await self._write_groups(connection, turn)
            if turn.barrier:
                newest = await connection.scalar(select(func.max(outbox.c.id)))
                await put_fact(connection, BEHIND, str(newest or 0))
            if turn.said:
                behind = int(await connection.scalar(select(meta.c.value).where(meta.c.key == BEHIND)) or 0)
                rows = [_row(one) | {"behind": behind} for one in turn.said]
                await connection.execute(self._insert(outbox).on_conflict_do_nothing(index_elements=["key"]), rows)
            if turn.seen is not None:
                await put_fact(connection, SEEN, str(turn.seen))
            await end_silences(connection, turn.ended_silences, now_ms)

    async def sendable(
        self, now_ms: int, limit: int, *, without: Collection[tuple[int, str]] = (), under_way: Collection[int] = ()
    ) -> Sequence[Delivery]:
        """What is due, the oldest first: of each group the first that is pending, once what it waits for is done.

        `without`: contact points by org and uid, whose are left out; `under_way`: ids that are.
        """
        earlier = outbox.alias()
        before = and_(
            earlier.c.org_id == outbox.c.org_id,
            earlier.c.group_key == outbox.c.group_key,
            earlier.c.contact_point == outbox.c.contact_point,
            earlier.c.state == PENDING,
            earlier.c.id < outbox.c.id,
        )
        # Apart from the condition above: where ten thousand wait, nobody looks at all of them for each.
        first = _first_pending()
        of_first = and_(first.c.org_id == outbox.c.org_id, first.c.contact_point == outbox.c.contact_point)
        others = [~and_(outbox.c.org_id == org, outbox.c.contact_point == uid) for org, uid in without]
        wanted = (
            select(outbox)
            .join(first, of_first)
            .where(outbox.c.state == PENDING, outbox.c.due_ms <= now_ms, outbox.c.behind < first.c.id)
            .where(~exists().where(before), *others)
            .where(outbox.c.id.not_in(list(under_way)))
            .order_by(outbox.c.id)
            .limit(limit)
        )
        async with self._database.connect() as connection:
            return [_delivery(row) for row in await connection.execute(wanted)]

    async def tried(self, *several: Delivery) -> None:
        """Write down how tries went, at once; each says what holds from now on."""
        rows = [{"tried": one.id, **{f"new_{name}": getattr(one, name) for name in OF_A_TRY}} for one in several]
        async with self._database.begin() as connection:
            await connection.execute(TRY, rows)

    async def set_back(self, now_ms: int) -> None:
        """What waits for a time that no try waits for is due at once: it was put off before the clock was set back."""
        waits = and_(outbox.c.state == PENDING, outbox.c.due_ms > now_ms + LONGEST_WAIT_MS)
        async with self._database.begin() as connection:
            await connection.execute(update(outbox).where(waits).values(due_ms=now_ms, since_ms=now_ms))

    async def deliveries(
        self, org: int, *, state: str = "", contact_point: str = "", before: int = 0, limit: int = 100
    ) -> Sequence[Delivery]:
        """What was told, the newest first; `before` an id."""
        conditions: list[ColumnElement[bool]] = [outbox.c.org_id == org]
        conditions += [outbox.c.state == state] if state else []
        conditions += [outbox.c.contact_point == contact_point] if contact_point else []
        conditions += [outbox.c.id < before] if before else []
        wanted = select(outbox).where(*conditions).order_by(outbox.c.id.desc()).limit(limit)
        async with self._database.connect() as connection:
            return [_delivery(row) for row in await connection.execute(wanted)]

    async def get(self, org: int, delivery_id: int) -> Delivery:
        """One message of the outbox, sent or not; NotFoundError."""
        async with self._database.connect() as connection:
            wanted = select(outbox).where(outbox.c.org_id == org, outbox.c.id == delivery_id)
            row = (await connection.execute(wanted)).first()
        if row is None:
            raise NotFoundError(f"there is no notification {delivery_id}")
        return _delivery(row)

    async def resend(self, org: int, delivery_id: int, now_ms: int) -> Delivery:
        """Try a dead letter again; InvalidError where it is none, or where its group has told more since."""
        one = await self.get(org, delivery_id)
        if one.state != DEAD:
            raise InvalidError(f"it is {one.state}: dead letters alone are sent again", path="$.state")
        later = and_(
            outbox.c.org_id == org,
            outbox.c.group_key == one.group_key,
            outbox.c.id > one.id,
            outbox.c.state == DELIVERED,
        )
        async with self._database.begin() as connection:
            if await connection.scalar(select(outbox.c.id).where(later).limit(1)) is not None:
                raise InvalidError("its receiver was told what came after it: it is not so any more", path="$.state")
            values = {"state": PENDING, "tries": 0, "since_ms": now_ms, "due_ms": now_ms, "ended_ms": None}
            await connection.execute(
                update(outbox).where(outbox.c.id == one.id, outbox.c.state == DEAD).values(**values)
            )
        return await self.get(org, delivery_id)

    async def counts(self) -> Mapping[str, int]:
        """How many notifications are in each state."""
        async with self._database.connect() as connection:
            rows = await connection.execute(select(outbox.c.state, func.count()).group_by(outbox.c.state))
            return {row[0]: row[1] for row in rows}

    async def forget(self, before_ms: int) -> None:
        """What ended before a time."""
        old = and_(outbox.c.state != PENDING, outbox.c.ended_ms < before_ms)
        async with self._database.begin() as connection:
            await connection.execute(delete(outbox).where(old))

    async def _number(self, key: str) -> int:
        async with self._database.connect() as connection:
            return int(await connection.scalar(select(meta.c.value).where(meta.c.key == key)) or 0)

    async def _write_groups(self, connection: AsyncConnection, turn: Turn) -> None:
        by_org: dict[int, list[str]] = {}
        for org, key in turn.gone:
            by_org.setdefault(org, []).append(key)
        for org, keys in by_org.items():
            for batch in batches(keys):
                mine = and_(notification_groups.c.org_id == org, notification_groups.c.key.in_(batch))
                await connection.execute(delete(notification_groups).where(mine))
        if not turn.groups:
            return
        statement = self._insert(notification_groups)
        changed = {name: statement.excluded[name] for name in ("contact_point", "due_ms", "state")}
        rows = [
            {
                "org_id": one.org,
                "key": one.key,
                "contact_point": one.contact_point,
                "due_ms": one.due_ms,
                "state": dict(one.state),
            }
            for one in turn.groups
        ]
        await connection.execute(statement.on_conflict_do_update(index_elements=["org_id", "key"], set_=changed), rows)

    def _insert(self, table: Any) -> Any:
        return (sqlite.insert if self._database.is_sqlite else postgresql.insert)(table)


def _row(one: Delivery) -> dict[str, Any]:
    return {
        "org_id": one.org,
        "key": one.key,
        "group_key": one.group_key,
        "contact_point": one.contact_point,
        "status": one.status,
        "payload": dict(one.payload),
        "state": one.state,
        "tries": one.tries,
        "created_ms": one.created_ms,
        "since_ms": one.since_ms,
        "due_ms": one.due_ms,
        "ended_ms": one.ended_ms,
        "message": one.message,
        "answer": one.answer,
    }


def _delivery(row: Row[Any]) -> Delivery:
    return Delivery(
        org=row.org_id,
        key=row.key,
        group_key=row.group_key,
        contact_point=row.contact_point,
        status=row.status,
        payload=row.payload,
        created_ms=row.created_ms,
        since_ms=row.since_ms,
        due_ms=row.due_ms,
        state=row.state,
        tries=row.tries,
        behind=row.behind,
        ended_ms=row.ended_ms,
        message=row.message,
        answer=row.answer,
        id=row.id,
    )


def _first_pending() -> Subquery:
    """The oldest row that is pending, of each contact point."""
    columns = (outbox.c.org_id, outbox.c.contact_point)
    return (
        select(*columns, func.min(outbox.c.id).label("id"))
        .where(outbox.c.state == PENDING)
        .group_by(*columns)
        .subquery()
    )
