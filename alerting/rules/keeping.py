"""Rules as the config database keeps them."""

from __future__ import annotations

from dataclasses import replace

from ...storage.config.rules import ALERT, RECORD, NewRule
from .compiled import Declared
from .prometheus_file import Placed
from .recording import RecordingRule

# What has a column of its own.
APART = frozenset({"rule_id", "folder", "version"})


def as_new(rule: Declared, folder_id: int | None, position: int = 0, origin: str = "") -> NewRule:
    """A rule to keep: its document says what its writer said, be it the default."""
    config = rule.model_dump(mode="json", by_alias=True, exclude=set(APART), exclude_unset=True)
    return NewRule(
        rule_id=rule.rule_id,
        title=rule.title[:200],
        group=rule.group,
        config=config,
        kind=RECORD if isinstance(rule, RecordingRule) else ALERT,
        folder_id=folder_id,
        position=position,
        origin=origin,
    )


def as_new_of_prometheus(placed: Placed, folder_id: int | None, origin: str = "") -> NewRule:
    """A rule of a file of Prometheus to keep: without what is the default anyway, of which the file says nothing."""
    config = placed.rule.model_dump(mode="json", by_alias=True, exclude=set(APART), exclude_defaults=True)
    return replace(as_new(placed.rule, folder_id, placed.position, origin), config=config)
