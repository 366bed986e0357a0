"""When a report is due: cron's five fields on the wall clock of a zone."""

from __future__ import annotations

from datetime import UTC, datetime

from cronsim import CronSim, CronSimError

from ....datasources.datemath import zone_of
from ....errors import InvalidError
from ....storage.config.reports import NEVER_MS, Plan

FIELDS = 5


def next_ms(schedule: str, zone: str, after_ms: int) -> int:
    """The first time after that, ms UTC; InvalidError for what is no schedule, and for one that never comes.

    As Debian's cron has it, a time that a change of clocks leaves out comes right after it, and one that the clocks
    show twice comes once.
    """
    if len(schedule.split()) != FIELDS:
        raise InvalidError("five fields: minute, hour, day, month, weekday", path="$.schedule")
    try:
        found = next(CronSim(schedule, datetime.fromtimestamp(after_ms / 1000, UTC).astimezone(zone_of(zone))))
    except CronSimError as error:
        raise InvalidError(f"no schedule of cron's: {error}"[:200], path="$.schedule") from None
    except StopIteration:
        raise InvalidError("such a day never comes", path="$.schedule") from None
    return int(found.timestamp() * 1000)


def due_after(plan: Plan, after_ms: int) -> int:
    """When it is sent next; NEVER_MS while it is paused. InvalidError as above."""
    found = next_ms(plan.schedule, plan.zone, after_ms)
    return NEVER_MS if plan.paused else found
