"""What an org has arranged for its alerts: who is told, and what is not told. Read of the database, parsed once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import structlog
from pydantic import ValidationError

from ...errors import HeliographError
from ...storage.config.datasources import StoredSource
from ...storage.config.repositories import Telling
from ...storage.config.silences import StoredSilence
from ..notifiers.registry import BUILT_IN
from ..routing.inhibition import Inhibition, InhibitionSpec
from ..routing.matchers import parsed
from ..routing.muting import MuteTiming
from ..routing.policy import PolicyTree, Route
from ..routing.silences import Silence

log = structlog.get_logger(__name__)
DEFAULT_POLICY: Mapping[str, Any] = {"contact_point": BUILT_IN.uid, "group_by": ["alertname"]}


def route_of(config: Mapping[str, Any]) -> Route:
    """The root of a policy; ValidationError."""
    return PolicyTree.model_validate(dict(config)).routes_in_order()[0]


DEFAULT_ROOT = route_of(DEFAULT_POLICY)


def root_of(org: int, config: Mapping[str, Any], otherwise: Route = DEFAULT_ROOT) -> Route:
    """The root of a policy that is kept; `otherwise` where it cannot be read any more."""
    try:
        return route_of(config)
    except ValidationError as error:  # saved by another version of this program
        log.error("the notification policy cannot be read", org=org, error=str(error)[:500])
        return otherwise


@dataclass(frozen=True, slots=True)
class Arrangement:
    """Of one org. `root` is the same object for as long as the policy stays."""

    root: Route = DEFAULT_ROOT
    silences: tuple[Silence, ...] = ()
    inhibitions: tuple[Inhibition, ...] = ()
    timings: Mapping[str, MuteTiming] = field(default_factory=dict)


class Arrangements:
    """Those of all orgs; what did not change is not parsed again."""

    def __init__(self, telling: Telling) -> None:
        self._telling = telling
        self._roots: dict[int, tuple[int, Route]] = {}

    async def read(self, now_ms: int) -> Mapping[int, Arrangement]:
        """Those of orgs that have arranged anything."""
        policies = await self._telling.policies.all()
        inhibitions = await self._telling.inhibitions.all()
        timings = await self._telling.mute_timings.all()
        silences = await self._telling.silences.standing(now_ms)
        orgs = {*policies, *inhibitions, *timings, *silences}
        return {
            org: Arrangement(
                root=self._root(org, policies[org].version, policies[org].config) if org in policies else DEFAULT_ROOT,
                silences=tuple(silence_of(one) for one in silences.get(org, ())),
                inhibitions=inhibitions_of(inhibitions[org].config) if org in inhibitions else (),
                timings=timings_of([one.config for one in timings.get(org, ())]),
            )
            for org in orgs
        }

    def _root(self, org: int, version: int, config: Mapping[str, Any]) -> Route:
        known = self._roots.get(org)
        if known is None or known[0] != version:
            root = root_of(org, config, known[1] if known is not None else DEFAULT_ROOT)
            known = self._roots[org] = (version, root)
        return known[1]


def silence_of(stored: StoredSilence) -> Silence:
    """A silence as it is matched."""
    return Silence(
        stored.id,
        parsed(stored.matchers),
        stored.starts_ms,
        stored.ends_ms,
        stored.comment,
        stored.ends_with_alert,
        stored.created_by,
        stored.version,
    )


def inhibitions_of(config: Sequence[Mapping[str, Any]]) -> tuple[Inhibition, ...]:
    """The rules of a list of them; those that cannot be read any more are left out."""
    found = []
    for one in config:
        try:
            found.append(Inhibition.of(InhibitionSpec.model_validate(dict(one))))
        except ValidationError as error:
            log.error("an inhibition cannot be read", error=str(error)[:500])
    return tuple(found)


def timings_of(configs: Sequence[Mapping[str, Any]]) -> Mapping[str, MuteTiming]:
    """Mute timings by name."""
    found = []
    for one in configs:
        try:
            found.append(MuteTiming.model_validate(dict(one)))
        except ValidationError as error:
            log.error("a mute timing cannot be read", error=str(error)[:500])
    return {one.name: one for one in found}


async def contact_of(telling: Telling, org: int, uid: str) -> StoredSource | None:
    """A contact point, the built-in one among them; None where there is none."""
    if uid == BUILT_IN.uid:
        return BUILT_IN
    try:
        return await telling.contact_points.get(org, uid)
    except HeliographError as error:
        if error.retryable:
            raise
        return None
