"""What keeps alerts from being told at this moment, as the list of alerts says it."""

from __future__ import annotations

from dataclasses import dataclass

from ...alerting.alert import Alert
from ...alerting.notifying.arrangements import inhibitions_of, silence_of
from ...alerting.notifying.desk import ALARMS
from ...alerting.routing.inhibition import Inhibitor
from ...alerting.routing.silences import Silencer
from ...storage.config.alert_states import StoredInstance
from .routing import Request


@dataclass(frozen=True, slots=True)
class Muting:
    """The silences and inhibitions of an org, over what fires in it."""

    silencer: Silencer
    inhibitor: Inhibitor

    def silenced_by(self, one: StoredInstance) -> list[int]:
        """The ids of silences."""
        return list(self.silencer.silencing(one.labels))

    def inhibited_by(self, one: StoredInstance) -> list[str]:
        """The id of the rule whose alert says it all."""
        hidden = self.inhibitor.hides(firing(one)) if one.state in ALARMS else None
        return [hidden.by.rule_id] if hidden is not None else []


def firing(one: StoredInstance) -> Alert:
    """An instance that fires, as an alert."""
    return Alert(f"{one.rule_id}/{one.fingerprint}", one.labels, one.annotations, one.since_ms, rule_id=one.rule_id)


async def muting(request: Request) -> Muting:
    """Of the asker's org."""
    telling = request.config.telling
    kept = await telling.inhibitions.get(request.org)
    rules = inhibitions_of(kept.config) if kept is not None else ()
    instances = await request.config.alerts.of_org(request.org) if rules else ()
    return Muting(
        Silencer(map(silence_of, await telling.silences.list(request.org)), request.now_ms),
        Inhibitor(rules, [firing(one) for one in instances if one.state in ALARMS]),
    )
