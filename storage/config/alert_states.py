"""What rules evaluated to: the instances that are not Normal, and the events that brought them there.

An event and the state it leads to are written in one transaction, under a lease. Events are numbered in the order in
which they were committed: who reads on from an id that was seen misses none.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import ColumnElement, and_, bindparam, delete, func, insert, or_, select, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from .alert_rows import (
    AlertEvent,
    Gap,
    RuleChange,
    RuleFault,
    StoredInstance,
    event_of,
    event_row,
    instance_of,
    instance_row,
)
from .alert_tables import alert_events, alert_faults, alert_gaps, alert_instances, alert_rules
from .database import BATCH, Database, batches
from .leases import Lease, hold

MAX_EVENTS = 1000
# Any number: whoever writes events on PostgreSQL waits for who began before, since a number that is given first may be
# committed last.
EVENTS_LOCK = 7_236_002
KEY = ("org_id", "rule_id", "fingerprint")
REMOVE = delete(alert_instances).where(*(alert_instances.c[name] == bindparam(name) for name in KEY))


class AlertStates:
    """The repository of instances and events."""

    def __init__(self, database: Database) -> None:
        self._database = database
        insert_or_update = (sqlite.insert if database.is_sqlite else postgresql.insert)(alert_instances)
        others = [column.name for column in alert_instances.c if column.name not in KEY]
        self._keep = insert_or_update.on_conflict_do_update(
            index_elements=list(KEY), set_={name: insert_or_update.excluded[name] for name in others}
        )
        failed = (sqlite.insert if database.is_sqlite else postgresql.insert)(alert_faults)
        self._fail = failed.on_conflict_do_update(index_elements=["rule"], set_={"detail": failed.excluded.detail})

    async def commit(self, lease: Lease, changes: Sequence[RuleChange]) -> Collection[tuple[int, str]]:
        """Write what evaluations changed; the rules (org, id) whose changes were left out, since another version of
        them stands by now. LeaseLostError, and nothing written, where the lease is another's.
        """
        async with self._database.begin() as connection:
            await hold(connection, lease)
            standing = await self._versions(connection, changes)
            good = [one for one in changes if standing.get((one.org, one.rule_id), (0, None))[1] == one.version]
            await self._write(connection, good)
            await self._write_faults(connection, {standing[one.org, one.rule_id][0]: one for one in good if one.fault})
            await self._append(connection, [event for one in good for event in one.events])
        return {(one.org, one.rule_id) for one in changes} - {(one.org, one.rule_id) for one in good}

    async def instances(self, rules: Collection[tuple[int, str]] | None = None) -> Sequence[StoredInstance]:
        """What is not Normal of these rules (org, id), or of all."""
        wanted = select(alert_instances)
        if rules is not None and len(rules) <= BATCH:
            wanted = wanted.where(alert_instances.c.rule_id.in_({rule_id for _, rule_id in rules}))
        async with self._database.connect() as connection:
            rows = (await connection.execute(wanted)).all()
        return [instance_of(row) for row in rows if rules is None or (row.org_id, row.rule_id) in rules]

    async def of_org(self, org: int, rule_id: str = "") -> Sequence[StoredInstance]:
        """What is not Normal in an org, or of one rule of it; the newest first."""
        conditions: list[ColumnElement[bool]] = [alert_instances.c.org_id == org]
        if rule_id:
            conditions.append(alert_instances.c.rule_id == rule_id)
        wanted = select(alert_instances).where(*conditions).order_by(alert_instances.c.since_ms.desc())
        async with self._database.connect() as connection:
            return [instance_of(row) for row in await connection.execute(wanted)]

    async def faults(self, org: int | None = None) -> Mapping[tuple[int, str], RuleFault]:
        """The rules (org, id) of an org, or of all, whose last evaluation failed."""
        columns = (alert_rules.c.org_id, alert_rules.c.rule_id, alert_faults.c.detail, alert_faults.c.since_ms)
        wanted = select(*columns).join(alert_rules, alert_rules.c.id == alert_faults.c.rule)
        if org is not None:
            wanted = wanted.where(alert_rules.c.org_id == org)
        async with self._database.connect() as connection:
            return {(row[0], row[1]): RuleFault(row[2], row[3]) for row in await connection.execute(wanted)}

    async def orphans(self) -> Sequence[StoredInstance]:
        """The instances whose rules are gone."""
        there = and_(
            alert_rules.c.org_id == alert_instances.c.org_id, alert_rules.c.rule_id == alert_instances.c.rule_id
        )
        wanted = select(alert_instances).where(~select(alert_rules.c.id).where(there).exists())
        async with self._database.connect() as connection:
            return [instance_of(row) for row in await connection.execute(wanted)]

    async def counts(self) -> Mapping[str, int]:
        """How many instances are in each state that is not Normal."""
        wanted = select(alert_instances.c.state, func.count()).group_by(alert_instances.c.state)
        async with self._database.connect() as connection:
            return {row[0]: row[1] for row in await connection.execute(wanted)}

    async def firing(self, org: int, hidden_folders: Collection[int] = ()) -> int:
        """How many rules of an org have an instance that fires, but those in hidden folders."""
        of_rule = and_(
            alert_rules.c.org_id == alert_instances.c.org_id, alert_rules.c.rule_id == alert_instances.c.rule_id
        )
        seen = or_(alert_rules.c.folder_id.is_(None), alert_rules.c.folder_id.not_in(hidden_folders))
        wanted = (
            select(func.count(alert_instances.c.rule_id.distinct()))
            .select_from(alert_instances.join(alert_rules, of_rule))
            .where(alert_instances.c.org_id == org, alert_instances.c.state == "Firing", seen)
        )
        async with self._database.connect() as connection:
            return int((await connection.execute(wanted)).scalar_one())

    async def events(
        self,
        org: int,
        from_ms: int,
        to_ms: int,
        *,
        rule_id: str = "",
        limit: int = MAX_EVENTS,
    ) -> Sequence[AlertEvent]:
        """Those of the range, both ends included, the newest `limit`, the newest first."""
        conditions = [alert_events.c.org_id == org, alert_events.c.at_ms >= from_ms, alert_events.c.at_ms <= to_ms]
        if rule_id:
            conditions.append(alert_events.c.rule_id == rule_id)
        newest = (
            select(alert_events)
            .where(*conditions)
            .order_by(alert_events.c.at_ms.desc(), alert_events.c.id.desc())
            .limit(limit)
        )
        async with self._database.connect() as connection:
            return [event_of(row) for row in await connection.execute(newest)]

    async def newest_event(self) -> int:
        """The id of the event that was written last, of whatever org; 0 where there is none."""
        async with self._database.connect() as connection:
            return await connection.scalar(select(func.max(alert_events.c.id))) or 0

    async def events_after(self, event_id: int, limit: int = MAX_EVENTS) -> Sequence[AlertEvent]:
        """The first `limit` events of all orgs behind one that was seen, in their order."""
        wanted = select(alert_events).where(alert_events.c.id > event_id).order_by(alert_events.c.id).limit(limit)
        async with self._database.connect() as connection:
            return [event_of(row) for row in await connection.execute(wanted)]

    async def record_gaps(self, gaps: Sequence[Gap]) -> None:
        """Keep what was missed."""
        if not gaps:
            return
        rows = [{"what": gap.what, "from_ms": gap.from_ms, "to_ms": gap.to_ms, "missed": gap.missed} for gap in gaps]
        async with self._database.begin() as connection:
            await connection.execute(insert(alert_gaps), rows)

    async def gaps(
        self, org: int, from_ms: int, to_ms: int, *, group: str = "", limit: int = MAX_EVENTS
    ) -> Sequence[Gap]:
        """What was missed of an org, or of one `group`, as far as it reaches into the range; the newest first."""
        missed = alert_gaps.c
        wanted = (
            select(alert_gaps)
            .where(missed.to_ms >= from_ms, missed.from_ms <= to_ms)
            .where(missed.what.startswith(f"{group or org}/", autoescape=True))
            .order_by(missed.to_ms.desc(), missed.id.desc())
            .limit(limit)
        )
        async with self._database.connect() as connection:
            found = [Gap(row.what, row.from_ms, row.to_ms, row.missed) for row in await connection.execute(wanted)]
        return [gap for gap in found if group in ("", gap.group)]

    async def missed(self, org: int, from_ms: int, to_ms: int) -> Mapping[str, int]:
        """How many evaluations of each group of an org did not happen, in gaps that reach into the range."""
        missed = alert_gaps.c
        wanted = (
            select(missed.what, func.sum(missed.missed))
            .where(missed.to_ms >= from_ms, missed.from_ms <= to_ms)
            .where(missed.what.startswith(f"{org}/", autoescape=True))
            .group_by(missed.what)
        )
        found: dict[str, int] = {}
        async with self._database.connect() as connection:
            for what, count in await connection.execute(wanted):
                group = Gap(what, 0, 0, 0).group
                found[group] = found.get(group, 0) + int(count)
        return found

    async def _versions(
        self, connection: AsyncConnection, changes: Sequence[RuleChange]
    ) -> Mapping[tuple[int, str], tuple[int, int]]:
        """The numbers of rules and the versions that stand until this transaction ends."""
        wanted = {change.rule_id for change in changes}
        columns = (alert_rules.c.org_id, alert_rules.c.rule_id, alert_rules.c.id, alert_rules.c.version)
        found: dict[tuple[int, str], tuple[int, int]] = {}
        for batch in batches(sorted(wanted)):
            statement = select(*columns).where(alert_rules.c.rule_id.in_(batch)).with_for_update(read=True)
            found |= {(row[0], row[1]): (row[2], row[3]) for row in await connection.execute(statement)}
        return found

    async def _write(self, connection: AsyncConnection, changes: Sequence[RuleChange]) -> None:
        """All rows in two statements: where thousands of alerts fire at once, each statement of its own would cost."""
        gone = [(one.org, one.rule_id, fingerprint) for one in changes for fingerprint in one.gone]
        if gone:
            await connection.execute(REMOVE, [dict(zip(KEY, key, strict=True)) for key in gone])
        kept = [instance_row(one) for change in changes for one in change.kept]
        if kept:
            await connection.execute(self._keep, kept)

    async def _write_faults(self, connection: AsyncConnection, changes: Mapping[int, RuleChange]) -> None:
        """`changes` by the numbers of their rules."""
        faults = {rule: change.fault for rule, change in changes.items() if change.fault is not None}
        for batch in batches(rule for rule, fault in faults.items() if not fault.detail):
            await connection.execute(delete(alert_faults).where(alert_faults.c.rule.in_(batch)))
        rows = [
            {"rule": rule, "detail": fault.detail, "since_ms": fault.since_ms}
            for rule, fault in faults.items()
            if fault.detail
        ]
        if rows:
            await connection.execute(self._fail, rows)

    async def _append(self, connection: AsyncConnection, events: Sequence[AlertEvent]) -> None:
        if not events:
            return
        if not self._database.is_sqlite:
            await connection.execute(text(f"SELECT pg_advisory_xact_lock({EVENTS_LOCK})"))
        await connection.execute(insert(alert_events), [event_row(event) for event in events])
