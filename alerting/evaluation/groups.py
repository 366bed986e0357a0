"""The groups that are this node's, each with when it was evaluated last, and when it is due."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from ..rules.compiled import Compiled, GroupKey, offset_key
from ..schedule import due_ms, next_ms
from .keeper import part_of


@dataclass(slots=True, eq=False)
class Group:
    """Rules that are evaluated together. `last_ms`: the scheduled time of the last evaluation; None: never."""

    key: GroupKey
    part: str
    rules: Sequence[Compiled]
    offset: str
    last_ms: int | None = None
    busy: bool = False

    @property
    def interval_ms(self) -> int:
        """From one evaluation of its rules to the next."""
        return self.key.interval_ms

    @property
    def records(self) -> bool:
        """Whether a rule of it may need what one before it wrote."""
        return any(rule.records for rule in self.rules)

    def due_ms(self, now_ms: int) -> int:
        """When it was due last, in ms: not later than `now_ms`."""
        return due_ms(now_ms, self.offset, self.interval_ms)

    def next_ms(self, now_ms: int) -> int:
        """When it is evaluated next: at once where the last time was left out, else when it is due again."""
        last_due = self.due_ms(now_ms)
        if self.last_ms is not None and self.last_ms < last_due:
            return last_due
        return next_ms(now_ms, self.offset, self.interval_ms)


def grouped(rules: Iterable[Compiled]) -> list[Group]:
    """Rules by their groups; those of a group stand in the order in which they come."""
    found: dict[GroupKey, list[Compiled]] = {}
    for rule in rules:
        if not rule.declared.paused:
            found.setdefault(rule.group, []).append(rule)
    return [Group(key, part_of(key.part_text), several, offset_key(several)) for key, several in found.items()]


@dataclass(slots=True)
class Timetable:
    """The groups in the order in which they are due."""

    groups: dict[GroupKey, Group] = field(default_factory=dict)
    _heap: list[tuple[int, int, Group]] = field(default_factory=list)

    def replace(self, groups: Iterable[Group], now_ms: int, progress: Mapping[str, int]) -> None:
        """These are the groups from now on; those that were there go on from their last evaluation, those of parts
        that are new here from where others left them (`progress`). Nobody has evaluated anything of a time to come: who
        says so did before the clock was set back."""
        found = {}
        for group in groups:
            before = self.groups.get(group.key)
            if before is not None:
                group.last_ms, group.busy = before.last_ms, before.busy
                if group.last_ms is not None and group.last_ms > now_ms:
                    group.last_ms = group.due_ms(now_ms)
            elif group.part in progress:
                group.last_ms = group.due_ms(progress[group.part])
            else:
                group.last_ms = group.due_ms(now_ms)
            found[group.key] = group
        self.groups = found
        self._heap = [(group.next_ms(now_ms), number, group) for number, group in enumerate(found.values())]
        heapq.heapify(self._heap)

    def due(self, now_ms: int) -> list[tuple[int, Group]]:
        """The groups that are due, with the time that they are due for."""
        found = []
        while self._heap and self._heap[0][0] <= now_ms:
            _, number, group = self._heap[0]
            at_ms = group.due_ms(now_ms)
            heapq.heapreplace(self._heap, (next_ms(now_ms, group.offset, group.interval_ms), number, group))
            found.append((at_ms, group))
        return found

    def next_ms(self) -> int | None:
        """When the next group is due, in ms; None where there is none."""
        return self._heap[0][0] if self._heap else None
