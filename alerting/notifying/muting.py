"""What keeps alerts from being told at this moment: silences, inhibitions, mute timings of the nodes they go to."""

from __future__ import annotations

from dataclasses import dataclass

from ...storage.config.alert_rows import StoredInstance
from ...storage.config.alert_states import AlertStates
from ...storage.config.repositories import Telling
from ..alert import Alert, Labels
from ..routing.inhibition import Inhibitor
from ..routing.policy import Route, routed
from ..routing.silences import Silencer
from .arrangements import DEFAULT_ROOT, inhibitions_of, root_of, silence_of, timings_of
from .desk import ALARMS


@dataclass(frozen=True, slots=True)
class Muting:
    """The silences and inhibitions of an org over what fires in it, its policy, and the mute timings that hold now."""

    silencer: Silencer
    inhibitor: Inhibitor
    root: Route = DEFAULT_ROOT
    mutes: frozenset[str] = frozenset()

    def silenced_by(self, one: StoredInstance) -> list[int]:
        """The ids of silences."""
        return list(self.silencer.silencing(one.labels))

    def inhibited_by(self, one: StoredInstance) -> list[str]:
        """The id of the rule whose alert says it all."""
        hidden = self.inhibitor.hides(firing(one)) if one.state in ALARMS else None
        return [hidden.by.rule_id] if hidden is not None else []

    def muted_by(self, labels: Labels) -> list[str]:
        """The names of mute timings; of an alert that goes several ways, those of all."""
        if not self.mutes:
            return []
        named = {name for route in routed(self.root, labels) for name in route.mute_timings}
        return sorted(self.mutes & named)

    def keeps(self, one: StoredInstance) -> str:
        """In a word why an alert is not told: silenced, inhibited or muted; empty where it is."""
        if one.state not in ALARMS:
            return ""
        if self.silencer.silencing(one.labels):
            return "silenced"
        if self.inhibited_by(one):
            return "inhibited"
        return "muted" if self._is_muted(one.labels) else ""

    def _is_muted(self, labels: Labels) -> bool:
        """Whether all the ways that it goes are muted."""
        return bool(self.mutes) and all(self.mutes.intersection(way.mute_timings) for way in routed(self.root, labels))


def firing(one: StoredInstance) -> Alert:
    """An instance that fires, as an alert."""
    return Alert(f"{one.rule_id}/{one.fingerprint}", one.labels, one.annotations, one.since_ms, rule_id=one.rule_id)


async def muting(telling: Telling, alerts: AlertStates, org: int, now_ms: int) -> Muting:
    """Of an org, as it stands now."""
    inhibitions, policy = await telling.inhibitions.get(org), await telling.policies.get(org)
    rules = inhibitions_of(inhibitions.config) if inhibitions is not None else ()
    instances = await alerts.of_org(org) if rules else ()
    timings = timings_of([one.config for one in await telling.mute_timings.list(org)])
    return Muting(
        Silencer(map(silence_of, await telling.silences.list(org)), now_ms),
        Inhibitor(rules, [firing(one) for one in instances if one.state in ALARMS]),
        root_of(org, policy.config) if policy is not None else DEFAULT_ROOT,
        frozenset(name for name, timing in timings.items() if timing.mutes(now_ms)),
    )
