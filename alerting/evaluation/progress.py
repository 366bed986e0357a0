"""How far evaluation has come, as the leases say it: when a group was evaluated last, and since when one waits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from ...storage.config.alert_rows import group_text
from ...storage.config.rules import StoredRule
from .groups import Group
from .keeper import part_of

LATE_MS: Final = 60_000  # longer than another node takes to go on with what a dead one held
Progress = Mapping[str, int]  # ms since the epoch, by lease


def last_ms(group: Group, progress: Progress) -> int | None:
    """When a group was evaluated last; None where it never was since its newest rule was made."""
    done_ms = progress.get(group.part)
    if done_ms is None:
        return None
    due_ms = group.due_ms(done_ms)
    return due_ms if due_ms > max(rule.created_ms for rule in group.rules) else None


def waits_since_ms(rules: Iterable[StoredRule], progress: Progress, now_ms: int) -> int | None:
    """Since when a rule that is not paused should have been evaluated and was not; None where all are in time."""
    made: dict[str, int] = {}
    for one in rules:
        if not one.config.get("paused", False):
            group = group_text(one.org, one.folder, one.group)
            made[group] = min(one.created_at, made.get(group, one.created_at))
    done = (max(progress.get(part_of(group), 0), created_ms) for group, created_ms in made.items())
    since_ms = min(done, default=now_ms)
    return since_ms if since_ms < now_ms - LATE_MS else None
