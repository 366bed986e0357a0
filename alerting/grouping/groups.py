"""All groups of an org: where alerts come in, what is due, and what a changed policy does to them. No I/O."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

from ..alert import Alert
from ..routing.policy import Route, group_key, routed
from .group import Group, Member, Muted, Said, flushed, joined, opened, rested, settled, unmuted

MutedOf = Callable[[Group], Muted]


class Groups:
    """The groups by key. `changed` names those that are not as they were when it was last emptied; gone ones too.

    `groups` are those that were written down before.
    """

    def __init__(self, root: Route, groups: Iterable[Group] = (), now_ms: int = 0) -> None:
        self._root = root
        self._groups = {one.key: rested(one, now_ms) for one in groups}
        self._of: dict[str, set[str]] = {}
        for one in self._groups.values():
            self._index(one)
        self.changed: set[str] = set()

    def __iter__(self) -> Iterator[Group]:
        return iter(self._groups.values())

    def get(self, key: str) -> Group | None:
        """The group of a key; None where there is none."""
        return self._groups.get(key)

    def take(self, alerts: Iterable[Alert], now_ms: int) -> None:
        """Alerts fire, or have ended, in this order."""
        touched: dict[str, tuple[Group, dict[str, Member]]] = {}
        for alert in alerts:
            routes = routed(self._root, alert.labels) if alert.firing else ()
            homes = {group_key(route, alert.labels): route for route in routes}
            for key in homes if alert.firing else tuple(self._of.get(alert.fingerprint, ())):
                if key not in touched:
                    group = self._groups.get(key) or opened(homes[key], alert, now_ms)
                    touched[key] = group, dict(group.members)
                joined(touched[key][1], alert)
                self._of.setdefault(alert.fingerprint, set()).add(key)
        for key, (group, members) in touched.items():
            self._put(replace(group, members=members), self._groups.get(key))

    def unmute(self, muted_of: MutedOf, now_ms: int) -> None:
        """Have those speak soon of which something is not muted any more."""
        for group in tuple(self._groups.values()):
            if group.held or any(one.held for one in group.members.values()):
                self._put(unmuted(group, muted_of(group), now_ms), group)

    def flush(self, now_ms: int, muted_of: MutedOf, tells_ends: Callable[[str], bool]) -> Iterator[tuple[Group, Said]]:
        """What is said now, each with its group as it was."""
        due = [one for one in self._groups.values() if one.due_ms <= now_ms]
        for group in sorted(due, key=lambda one: (one.due_ms, one.key)):
            after, said = flushed(group, muted_of(group), now_ms, tells_ends=tells_ends(group.contact_point))
            if after is None:
                self._remove(group)
            else:
                # That it was looked at in vain needs no writing down.
                same = replace(after, due_ms=group.due_ms) == group
                self._put(after, group, quietly=same)
            if said is not None:
                yield group, said

    def follow(self, root: Route, now_ms: int) -> None:
        """The policy has changed. What a receiver was told stays told, wherever its alerts are grouped now.

        Alerts that a receiver hears of no more stay where they are until they end, so that it is told of that.
        """
        self._root = root
        old = dict(self._groups)
        homes = {fingerprint: tuple(keys) for fingerprint, keys in self._of.items()}
        for fingerprint, keys in homes.items():
            alert = next((old[key].members[fingerprint].alert for key in keys), None)
            if alert is not None:
                then = [old[key] for key in keys]
                for route in routed(root, alert.labels):
                    self._move(route, alert, then, now_ms)
        for key in old:
            self._leave(key)

    def _move(self, route: Route, alert: Alert, homes: Sequence[Group], now_ms: int) -> None:
        """An alert to the group that a node puts it into, from those that it was in."""
        key = group_key(route, alert.labels)
        known = self._groups.get(key)
        if known is not None and alert.fingerprint in known.members:
            self._put(settled(known, route), known)
            return
        told = [
            one for one in homes if one.contact_point == route.contact_point and one.members[alert.fingerprint].told
        ]
        if not (told or alert.firing):
            return
        fresh = opened(route, alert, now_ms)
        if told:  # nothing is new to the receiver, so the group goes on in the rhythm of what it was told in
            fresh = replace(fresh, due_ms=min(one.due_ms for one in told))
        group = known if known is not None else fresh
        if group.opened_ms == now_ms:  # due when the first of those is that come into it, whatever their order
            group = replace(group, due_ms=min(group.due_ms, fresh.due_ms))
        members = {**group.members, alert.fingerprint: Member(alert, told=bool(told))}
        if told:
            heard = [one.told_ms for one in (*told, group) if one.told_ms is not None]
            group = replace(group, told_ms=max(heard, default=None))
            for one in told:
                self._without(one.key, alert.fingerprint)
        self._put(replace(group, members=members), known)

    def _leave(self, key: str) -> None:
        """Of a group that its alerts do not belong to any more, what nobody was told of is left out."""
        group = self._groups.get(key)
        if group is None:
            return
        for fingerprint, member in tuple(group.members.items()):
            labels = member.alert.labels
            parted = not any(group_key(route, labels) == key for route in routed(self._root, labels))
            if parted and not member.told:
                self._without(key, fingerprint)
            elif parted is not member.parted:
                group = self._groups[key]
                members = {**group.members, fingerprint: replace(member, parted=parted)}
                self._put(replace(group, members=members), group)

    def _without(self, key: str, fingerprint: str) -> None:
        group = self._groups[key]
        members = {name: one for name, one in group.members.items() if name != fingerprint}
        self._of[fingerprint].discard(key)
        if members:
            self._put(replace(group, members=members), group)
        else:
            self._remove(group)

    def _index(self, group: Group) -> None:
        for fingerprint in group.members:
            self._of.setdefault(fingerprint, set()).add(group.key)

    def _put(self, group: Group, known: Group | None, *, quietly: bool = False) -> None:
        if group is known or group == known:
            return
        self._groups[group.key] = group
        gone = known.members.keys() - group.members.keys() if known is not None else ()
        for fingerprint in gone:
            self._forget(fingerprint, group.key)
        if known is None or group.members.keys() != known.members.keys():
            self._index(group)
        if not quietly:
            self.changed.add(group.key)

    def _remove(self, group: Group) -> None:
        del self._groups[group.key]
        for fingerprint in group.members:
            self._forget(fingerprint, group.key)
        self.changed.add(group.key)

    def _forget(self, fingerprint: str, key: str) -> None:
        keys = self._of.get(fingerprint, set())
        keys.discard(key)
        if not keys:
            self._of.pop(fingerprint, None)
